// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about reconciling: lines that sum to the difference, bounds that are kept, the other gigabyte, and what each verdict needs.
 */
import { describe, expect, it } from "vitest";
import { PLAIN_PROFILE, type PricedVendor } from "../../../bill/prices/model.ts";
import { readExport } from "../../../bill/reconcile/read.ts";
import { coveredBy, type Evidence, reconcile } from "../../../bill/reconcile/reconcile.ts";
import { reconciliationText } from "../../../bill/reconcile/text.ts";
import { usageFromLedger } from "../../../bill/usage/ledger/usage.ts";
import { ledgerLine, stream } from "./lines.ts";

const DAYS = ["2026-11-03", "2026-11-04", "2026-11-05"];
const LINES = DAYS.flatMap((day, index) =>
  Array.from({ length: 100 }, (_, number) =>
    ledgerLine({
      connection: `${day}/${number}`,
      start: `${day}T12:00:00.000Z`,
      end: `${day}T12:00:01.000Z`,
      receivedBytes: 9_000_000 + index,
      outcome: number === 0 ? "vendor_error" : "ok",
    }),
  ),
);
const OBSERVED = LINES.reduce((sum, { sentBytes, receivedBytes }) => sum + sentBytes + receivedBytes, 0);

interface Given {
  /** The export's amount for each day, from the bytes that were observed on it. */
  amount?: (bytes: number) => number | string;
  vendor?: Partial<PricedVendor>;
  unit?: "B" | "GB";
  lag?: Evidence["lag"];
  loss?: NonNullable<Evidence["usage"]["loss"]>;
  /** The export's own unless told. */
  period?: Evidence["period"];
}

async function reconciled({ amount = (bytes) => bytes, vendor, unit = "B", lag, loss, ...given }: Given) {
  const bytesOn = (day: string) =>
    LINES.filter(({ start }) => start.startsWith(day)).reduce(
      (sum, line) => sum + line.sentBytes + line.receivedBytes,
      0,
    );
  const text = ["date,bytes", ...DAYS.map((day) => `${day},${amount(bytesOn(day))}`)].join("\n");
  const reported = readExport(text, { zone: "UTC", unit });
  const period = given.period ?? coveredBy(reported);
  const acme = { name: "acme", gateways: [], billing: PLAIN_PROFILE, ...vendor };
  const usage = await usageFromLedger(stream(LINES), { period, vendors: [acme] });
  const [own] = usage.vendors;
  if (!own) throw new Error("no usage");
  const evidence = { reported, usage: { ...usage, ...(loss && { loss }) }, vendor: own, period };
  return reconcile({ ...evidence, lag: lag ?? { milliseconds: 0, headBytes: 0, tailBytes: 0 } });
}

describe("a report of exactly what was observed", () => {
  it("leaves nothing", async () => {
    const result = await reconciled({});
    expect(result).toMatchObject({
      reportedBytes: OBSERVED,
      observedBytes: OBSERVED,
      unexplainedBytes: 0,
      verdict: "green",
      lines: [],
    });
    expect(result.days).toHaveLength(3);
  });

  it("is explained by the profile to the byte", async () => {
    const billing = { ...PLAIN_PROFILE, handshake: false, unbilledOutcomes: ["vendor_error"] };
    const result = await reconciled({
      amount: (bytes) => Math.round((bytes / 100) * 99) - 99 * 140,
      vendor: { billing },
    });
    expect(result.lines.map(({ reason, bytes }) => [reason, bytes])).toEqual([
      [
        "outcome",
        -LINES.filter(({ outcome }) => outcome !== "ok").reduce(
          (sum, line) => sum + line.sentBytes + line.receivedBytes,
          0,
        ),
      ],
      ["proxyHandshake", -99 * 140 * 3],
    ]);
    expect(result).toMatchObject({ unexplainedBytes: 0, verdict: "green" });
  });
});

describe("any report", () => {
  it.each([0, 0.5, 0.979, 1, 1.003, 1.021, 1.1, 3])(
    "of %d times what was observed has lines that sum to the difference",
    async (factor) => {
      const result = await reconciled({
        amount: (bytes) => (bytes * factor) / 1e9,
        unit: "GB",
        lag: { milliseconds: 900_000, headBytes: 1000, tailBytes: 2000 },
        loss: { intervalSeconds: 15, meanLifeSeconds: 1800, ends: 10, resets: 2, expectedShare: 15 / 3600 },
      });
      const explained = result.lines.reduce((sum, { bytes }) => sum + bytes, 0);
      expect(explained + result.unexplainedBytes).toBe(result.differenceBytes);
      // Bounded lines take from the rest and never beyond it.
      const bounded = result.lines.filter(({ bounds }) => bounds).reduce((sum, { bytes }) => sum + bytes, 0);
      const rest = bounded + result.unexplainedBytes;
      expect(bounded * rest).toBeGreaterThanOrEqual(0);
      expect(Math.abs(bounded)).toBeLessThanOrEqual(Math.abs(rest));
      for (const { bytes, bounds } of result.lines) {
        if (!bounds) continue;
        expect(bytes).toBeGreaterThanOrEqual(bounds.least);
        expect(bytes).toBeLessThanOrEqual(bounds.most);
      }
    },
  );
});

describe("a period that is shorter than the export", () => {
  it("leaves out windows that are not wholly in it, and says so", async () => {
    const period = { from: Date.parse("2026-11-04T00:00:00Z"), to: Date.parse("2026-11-05T18:00:00Z") };
    const result = await reconciled({ period });
    expect(result).toMatchObject({
      reportedBytes: 900_100_100,
      notes: [expect.stringMatching(/^2 windows .* were left out$/)],
    });
  });
});

describe("the verdict", () => {
  it.each([
    [1, "green"],
    [1.019, "green"],
    [1.03, "amber"],
    [0.97, "amber"],
    [1.06, "red"],
    [0.9, "red"],
    [0, "red"],
  ])("on a report of %d times what was observed is %s", async (factor, want) => {
    expect((await reconciled({ amount: (bytes) => Math.round(bytes * factor) })).verdict).toBe(want);
  });
});

describe("gigabytes", () => {
  const price = { currency: "USD", gigabyte: "binary" as const, perGB: 1, tiers: [] };

  it("of 2^30 bytes are the vendor's, where vendors.yaml says so", async () => {
    const result = await reconciled({ amount: (bytes) => bytes / 2 ** 30, unit: "GB", vendor: { price } });
    expect(result).toMatchObject({ unexplainedBytes: 0, verdict: "green" });
    expect(result.lines[0]).toMatchObject({ reason: "gigabyte", bytes: 0 });
  });

  it.each([
    ["decimal", "binary", 2 ** 30],
    ["binary", "decimal", 1e9],
  ] as const)(
    "that vendors.yaml has as %s and that fit as %s are named as the explanation",
    async (written, real, size) => {
      const result = await reconciled({
        amount: (bytes) => bytes / size,
        unit: "GB",
        vendor: { price: { ...price, gigabyte: written } },
      });
      const line = result.lines.find(({ reason }) => reason === "otherGigabyte");
      expect(line?.text).toContain(`price.gigabyte: ${real}`);
      expect(result.verdict).toBe("green");
    },
  );

  it("with few digits leave no more than their digits hide", async () => {
    const result = await reconciled({ amount: (bytes) => (bytes / 1e9).toFixed(2), unit: "GB" });
    expect(result.lines.map(({ reason, bounds }) => [reason, bounds?.most])).toEqual([["rounding", 15_000_000]]);
    expect(result).toMatchObject({ unexplainedBytes: 0, verdict: "green" });
  });
});

describe("the text", () => {
  it("says the line, the rest, the days that differ and what to look for", async () => {
    const amount = (bytes: number) => (bytes === 900_100_200 ? bytes * 2 : bytes);
    const text = reconciliationText(await reconciled({ amount: (bytes) => Math.round(amount(bytes)) }));
    expect(text).toMatchInlineSnapshot(`
      "acme, 2026-11-03T00:00+00:00 to 2026-11-06T00:00+00:00 (UTC): export read as csv, observed from the ledger

      reported by the vendor     3,600,400,500
      observed, both directions  2,700,300,300
      difference                  +900,100,200  25.00 %
      unexplained                 +900,100,200  25.00 %

      day              reported     expected    difference
      2026-11-05  1,800,200,400  900,100,200  +900,100,200

      RED: 25.00 % of what is reported is unexplained (more than 5.00 %)
      the vendor counts bytes that were not seen: look for pods without sidecar, excluded ports, and credentials in other hands"
    `);
  });
});
