// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the books: PASS only to the byte or within what is on its way, FAIL for a byte too many or too few, and SKIP, never
 * PASS, where the oracle cannot tell.
 */
import { describe, expect, it } from "vitest";
import { booksVerdict, type Oracle } from "../../../../installer/validate/books.ts";
import { type Ledger, ledgerOracle } from "../../../../installer/validate/ledger.ts";
import type { Measured } from "../../../../installer/validate/measure.ts";
import { ACME, GLOBEX, measuredOf, oracleOf, type Row } from "./figures.ts";

const VENDORS = ["acme", "globex"];

function judge(measured: Measured, oracle: Oracle | undefined, vendors = VENDORS) {
  return booksVerdict(measured, oracle, vendors);
}

function with1More(row: Row, field: "sentBytes" | "receivedBytes", more = 1): Row {
  return { ...row, totals: { ...row.totals, [field]: row.totals[field] + more } };
}

describe("booksVerdict", () => {
  it("passes to the byte where both sides have the same figures", () => {
    const found = judge(measuredOf([ACME, GLOBEX]), oracleOf([ACME, GLOBEX]));
    expect([found.state, found.oracle, found.problems]).toEqual(["PASS", "a witness", []]);
    expect(found.evidence).toContain("acme: sentBytes: 1,000 metered, 1,000 counted");
    expect(found.evidence.at(-1)).toBe("2 pairs of pod and vendor agree to the byte");
  });

  const rows = [ACME, GLOBEX];
  const failures: [what: string, measured: Row[], counted: Row[], problem: string][] = [
    [
      "a byte is missing",
      rows,
      [with1More(ACME, "sentBytes"), GLOBEX],
      "crawl/p-0: acme: sentBytes: 1,000 metered (expected 1,001)",
    ],
    [
      "a byte is too many",
      [ACME, with1More(GLOBEX, "receivedBytes")],
      rows,
      "crawl/p-0: globex: receivedBytes: 901 metered (expected 900)",
    ],
    [
      "bytes stand with another pod",
      [ACME, { ...GLOBEX, pod: "p-1" }],
      [ACME, GLOBEX, { ...ACME, pod: "p-1" }],
      "crawl/p-0: globex: sentBytes: 0 metered (expected 400)",
    ],
    [
      "the oracle saw a vendor that is not metered",
      [ACME],
      rows,
      "crawl/p-0: globex: sentBytes: 0 metered (expected 400)",
    ],
  ];
  it.each(failures)("fails where %s", (_what, measured, counted, problem) => {
    const found = judge(measuredOf(measured), oracleOf(counted));
    expect(found.state).toBe("FAIL");
    expect(found.problems).toContain(problem);
  });

  it("tells errors of two pods that cancel each other out", () => {
    const other = { ...ACME, pod: "p-1" };
    const measured = measuredOf([with1More(ACME, "sentBytes"), with1More(other, "sentBytes", -1)]);
    expect(judge(measured, oracleOf([ACME, other]), ["acme"]).state).toBe("FAIL");
  });

  const reset = { resetPods: new Set(["crawl/p-0"]) };
  const skips: [what: string, measured: Measured, oracle: Oracle | undefined, problem: RegExp][] = [
    ["there is no oracle", measuredOf(rows), undefined, /^no oracle: /],
    ["the oracle saw nothing", measuredOf([]), oracleOf([], { vendors: VENDORS }), /counted no byte/],
    ["it knows only one of two vendors", measuredOf(rows), oracleOf([ACME]), /says nothing of globex/],
    [
      "it does not know a pod",
      measuredOf([ACME, GLOBEX, { ...ACME, pod: "p-1" }]),
      oracleOf(rows),
      /says nothing of 1 pods, such as crawl\/p-1/,
    ],
    [
      "the ledger is older than the window",
      measuredOf(rows),
      oracleOf(rows, { seconds: 301 }),
      /take a longer --window/,
    ],
    [
      "Prometheus saw a pod first within the window, and the sides differ",
      measuredOf(rows, { latePods: new Set(["crawl/p-0"]) }),
      oracleOf([with1More(ACME, "sentBytes"), GLOBEX]),
      /began within the window/,
    ],
    [
      "metering began within the window in an older Envoy, and the sides differ",
      measuredOf(rows),
      oracleOf([with1More(ACME, "sentBytes"), GLOBEX], { begunPods: new Set(["crawl/p-0"]) }),
      /began within the window/,
    ],
    [
      "counters began anew and differ",
      measuredOf(rows, reset),
      oracleOf([with1More(ACME, "sentBytes"), GLOBEX]),
      /began anew/,
    ],
    [
      "the ledger has open connections and fewer bytes",
      measuredOf([with1More(ACME, "sentBytes"), GLOBEX]),
      oracleOf(rows, { openConnections: 2 }),
      /2 connections are open/,
    ],
    [
      "too much is on its way",
      measuredOf([{ ...ACME, before: { ...ACME.totals, sentBytes: 980 } }, GLOBEX]),
      oracleOf(rows),
      /2\.0 % are on their way/,
    ],
  ];
  it.each(skips)("gives no PASS where %s", (_what, measured, oracle, problem) => {
    const found = judge(measured, oracle);
    expect(found.state).toBe("SKIP");
    expect(found.problems.join("\n")).toMatch(problem);
  });

  it("fails where the ledger has more than the metering, open connections or not", () => {
    expect(
      judge(measuredOf(rows), oracleOf([with1More(ACME, "sentBytes"), GLOBEX], { openConnections: 2 })).state,
    ).toBe("FAIL");
  });

  it("passes with its bound where at most 1 % of a vendor's bytes are on their way", () => {
    const before = { ...ACME.totals, sentBytes: 992 };
    const found = judge(measuredOf([{ ...ACME, before }, GLOBEX]), oracleOf(rows));
    expect(found.state).toBe("PASS");
    expect(found.evidence.at(-1)).toMatch(/with at most 0\.80 % of a vendor's bytes on their way$/);
  });
});

describe("ledgerOracle", () => {
  const row = { pod: "loadgen", vendor: "acme", connections: 10, requests: 10, sentBytes: 600, receivedBytes: 3000 };
  const ledger: Ledger = {
    ...{ elapsedMs: 10_000, openVisits: 0 },
    destinations: [row, { ...row, sentBytes: 400, receivedBytes: 2000 }],
  };

  it("holds its sum against all pods together where its pods are no pods of the metering", () => {
    const oracle = ledgerOracle(ledger, ledger, new Set(["p-0"]));
    expect(judge(measuredOf([ACME]), oracle, ["acme"]).state).toBe("PASS");
    const other = { ...ACME, pod: "p-1" };
    expect(judge(measuredOf([ACME, other]), oracle, ["acme"]).problems).toContain(
      "acme: sentBytes: 2,000 metered (expected 1,000)",
    );
  });

  it("holds each pod's rows against that pod where it knows them by name", () => {
    const destinations = ledger.destinations.map((one) => ({ ...one, pod: "p-0" }));
    const known = { ...ledger, destinations };
    const oracle = ledgerOracle(known, known, new Set(["p-0", "p-1"]));
    const found = judge(measuredOf([ACME, { ...ACME, pod: "p-1" }]), oracle, ["acme"]);
    expect(found.state).toBe("PASS");
    expect(found.evidence.at(-1)).toBe("left out: 1 pods with traffic of which it says nothing, such as crawl/p-1");
    expect(judge(measuredOf([ACME]), oracle, ["acme"]).evidence.join("\n")).not.toContain("left out");
  });

  it("goes by vendor as soon as one of its pods is unknown, so that no byte is left out", () => {
    const destinations = ledger.destinations.map((one, index) => ({ ...one, pod: index === 0 ? "p-0" : "elsewhere" }));
    const mixed = { ...ledger, destinations };
    expect(judge(measuredOf([ACME]), ledgerOracle(mixed, mixed, new Set(["p-0"])), ["acme"]).state).toBe("PASS");
  });

  it("has what it wrote down between two readings as on its way", () => {
    const before = { ...ledger, destinations: [row] };
    expect(ledgerOracle(ledger, before, new Set())).toMatchObject({
      rows: [{ vendor: "acme", sentBytes: { low: 600, high: 1000 }, receivedBytes: { low: 3000, high: 5000 } }],
      ...{ seconds: 10, openConnections: 0, vendors: ["acme"] },
    });
  });
});
