// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the decisions of A, B, C and D: what makes each pass, what makes it fail, and that the others do not follow.
 */
import { describe, expect, it } from "vitest";
import { keyText } from "../../../../installer/validate/figures.ts";
import { vendorsInQuestion, type Verdict, verdicts } from "../../../../installer/validate/checks.ts";
import type { Measured } from "../../../../installer/validate/measure.ts";
import { ACME, GLOBEX, measuredOf, NOTHING, type Row } from "./figures.ts";

const PROMQL = { requests: [], sentBytes: [], receivedBytes: [], destinations: [] };

function judge(measured: Measured, vendors: readonly string[] = []): Record<string, Verdict> {
  const found = verdicts({ measured, vendors, promql: PROMQL });
  return Object.fromEntries(found.map((one) => [one.id, one]));
}

function failed(measured: Measured, vendors: readonly string[] = []): string[] {
  return Object.values(judge(measured, vendors))
    .filter(({ state }) => state === "FAIL")
    .map(({ id }) => id);
}

describe("verdicts", () => {
  it("passes all four where every vendor has requests, named destinations and bytes", () => {
    const { A, B, C, D } = judge(measuredOf([ACME, GLOBEX]), ["acme", "globex"]);
    expect([A, B, C, D].map((one) => one?.state)).toEqual(["PASS", "PASS", "PASS", "PASS"]);
    expect(A?.evidence).toEqual([
      "acme: 10 requests",
      "globex: 4 requests",
      "splits add up to the total in 2 of 2 pairs of pod and vendor",
    ]);
    expect(B?.evidence).toContain("acme: 1 destinations: shop-01.example 10");
    expect(C?.evidence).toContain("crawl/p-0: acme: 1,000 bytes sent");
    expect(D?.evidence).toContain("globex: 900 bytes received");
  });

  const busy: Row = { ...ACME, start: { requests: 10, sentBytes: 900, receivedBytes: 5000 } };
  const mute = { ...GLOBEX, pod: "p-1", totals: { ...GLOBEX.totals, receivedBytes: 0 } };
  const unnamed = [{ vendor: "acme", destination: "unknown", protocol: "tcp", requests: 10 }];
  const cases: [what: string, measured: Measured, vendors: string[], ids: string[], problem: RegExp][] = [
    ["no pod has series", measuredOf([]), [], ["A", "B", "C", "D"], /^no pod has the filter's series/],
    [
      "nothing moved",
      measuredOf([{ ...ACME, start: ACME.totals }]),
      [],
      ["A", "B", "C", "D"],
      /^no vendor had traffic/,
    ],
    ["a vendor was not used", measuredOf([ACME]), ["acme", "globex"], ["A", "B", "C", "D"], /^globex: no /],
    [
      "two jobs scrape a pod",
      measuredOf([ACME], { doubledPods: ["crawl/p-0"] }),
      [],
      ["A", "B", "C", "D"],
      /more than one job/,
    ],
    [
      "bytes flowed without a request",
      measuredOf([busy]),
      ["acme"],
      ["A", "D"],
      /opened before the window|no byte received/,
    ],
    [
      "no destination has a name",
      measuredOf([ACME], { destinations: unnamed }),
      [],
      ["B"],
      /^acme: no request has a destination/,
    ],
    [
      "one pod's answers have no byte",
      measuredOf([GLOBEX, mute]),
      [],
      ["D"],
      /^crawl\/p-1: globex: answered requests, but no byte/,
    ],
    [
      "splits of requests lack one",
      measuredOf([{ ...ACME, splits: { requests: 9 } }]),
      [],
      ["A", "B"],
      /add up to 9 \(expected 10\)/,
    ],
    [
      "splits of sent lack a byte",
      measuredOf([{ ...ACME, splits: { sentBytes: 999 } }]),
      [],
      ["C"],
      /add up to 999 \(expected 1,000\)/,
    ],
    [
      "splits of received have one more",
      measuredOf([{ ...ACME, splits: { receivedBytes: 5001 } }]),
      [],
      ["D"],
      /add up to 5,001/,
    ],
  ];
  it.each(cases)("fails where %s", (_what, measured, vendors, ids, problem) => {
    expect(failed(measured, vendors)).toEqual(ids);
    for (const id of ids) expect(judge(measured, vendors)[id]?.problems.join("\n")).toMatch(problem);
  });

  it("tells none of A, C and D where all of a vendor's growth may be older than the window, and passes none", () => {
    const before = { ...ACME.totals };
    const start = ACME.totals;
    const moving = measuredOf([
      { ...ACME, before, start, totals: { requests: 11, sentBytes: 1100, receivedBytes: 5500 } },
      GLOBEX,
    ]);
    const found = judge(moving, ["acme", "globex"]);
    expect([found.A, found.C, found.D].map((one) => one?.state)).toEqual(["SKIP", "SKIP", "SKIP"]);
    expect(found.A?.problems).toEqual([
      expect.stringMatching(/^acme: 0\.\.1 requests: whether any belongs to the window/),
    ]);
    expect(judge(moving, ["globex"]).A?.state).toBe("PASS");
  });

  it("takes splits for whole that lag behind their total within one scrape, and says so", () => {
    const before = { ...ACME.totals, sentBytes: 800 };
    const { C } = judge(
      measuredOf([{ ...ACME, before, splits: { sentBytes: 990 }, splitsBefore: { sentBytes: 800 } }]),
    );
    expect(C?.state).toBe("PASS");
    expect(C?.evidence.at(-1)).toMatch(/0 of 1 pairs.*; 1 were counting, and agree within one scrape$/);
  });

  it("asks no bytes of requests that found no gateway", () => {
    const totals = { ...NOTHING, requests: 3 };
    const key = keyText({ namespace: "crawl", pod: "p-1", vendor: "acme" });
    const reading = new Map([[key, 3]]);
    const unreachable = { startBefore: new Map(), start: new Map(), past: new Map(), endBefore: reading, end: reading };
    expect(failed(measuredOf([ACME, { pod: "p-1", vendor: "acme", totals }], { unreachable }))).toEqual([]);
    expect(failed(measuredOf([ACME, { pod: "p-1", vendor: "acme", totals }]))).toEqual(["C", "D"]);
  });

  it("does not hold TLS to the gateway itself against B, as long as another vendor has names", () => {
    const opaque = { vendor: "globex", destination: "unknown", protocol: "tls", requests: 4 };
    const named = { vendor: "acme", destination: "shop-01.example", protocol: "connect", requests: 10 };
    expect(failed(measuredOf([ACME, GLOBEX], { destinations: [named, opaque] }))).toEqual([]);
    expect(failed(measuredOf([GLOBEX], { destinations: [opaque] }))).toEqual(["B"]);
  });

  it("counts a pod whose counters began anew from there on", () => {
    const start = { requests: 8, sentBytes: 900, receivedBytes: 4000 };
    const row = { ...ACME, start };
    expect(judge(measuredOf([row])).A?.evidence[0]).toBe("acme: 2 requests");
    expect(judge(measuredOf([row], { resetPods: new Set(["crawl/p-0"]) })).A?.evidence[0]).toBe("acme: 10 requests");
  });
});

describe("vendorsInQuestion", () => {
  it("is what was asked for, else every vendor with traffic that has a name", () => {
    const idle = { ...GLOBEX, totals: NOTHING };
    const nameless = { ...GLOBEX, vendor: "unknown" };
    const measured = measuredOf([ACME, idle, nameless]);
    expect(vendorsInQuestion({ measured, vendors: ["initech"] })).toEqual(["initech"]);
    expect(vendorsInQuestion({ measured, vendors: [] })).toEqual(["acme"]);
  });
});
