// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about bills as they are printed: golden copies of all four formats from the same lines, and hostile names in each.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { type Bill, billOf } from "../../../bill/bill.ts";
import type { LedgerLine } from "../../../bill/ledger/line.ts";
import { decimal, sum } from "../../../bill/money/decimal.ts";
import { billCsv } from "../../../bill/output/csv.ts";
import { billHtml } from "../../../bill/output/html.ts";
import { billTable } from "../../../bill/output/table.ts";
import { PLAIN_PROFILE, type PricedVendor } from "../../../bill/prices/model.ts";
import { usageFromLedger } from "../../../bill/usage/ledger/usage.ts";
import { seededRandom } from "../../../loadgen/random.ts";
import { ledgerLine, stream } from "./lines.ts";

const NOVEMBER = { from: Date.parse("2026-10-31T23:00:00Z"), to: Date.parse("2026-11-30T23:00:00Z") };
const VENDORS: PricedVendor[] = [
  {
    name: "acme",
    gateways: [],
    price: {
      currency: "EUR",
      gigabyte: "decimal",
      perGB: 8.5,
      tiers: [{ from: "1970-01-01", aboveGB: 5, perGB: 7.25 }],
    },
    billing: { ...PLAIN_PROFILE, zone: "Europe/Berlin", handshake: false, unbilledOutcomes: ["vendor_error"] },
  },
  {
    name: "globex",
    gateways: [],
    price: { currency: "JPY", gigabyte: "binary", perGB: 610, tiers: [] },
    billing: { ...PLAIN_PROFILE, zone: "Europe/Berlin", directions: "received" },
  },
  { name: "initech", gateways: [], billing: PLAIN_PROFILE },
];

function lines(hosts: readonly string[]): LedgerLine[] {
  const random = seededRandom(21);
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T;
  return Array.from({ length: 120 }, (_, index) => {
    const start = NOVEMBER.from + Math.floor(random() * (NOVEMBER.to - NOVEMBER.from - 60_000));
    const outcome = pick(["ok", "ok", "ok", "ok", "vendor_error"]);
    return ledgerLine({
      ...{ connection: String(index), start: new Date(start).toISOString(), end: new Date(start + 5000).toISOString() },
      ...{
        vendor: pick(["acme", "globex", "initech"]),
        pool: pick(["residential", "none"]),
        country: pick(["de", ""]),
      },
      ...{ destinationHost: pick(hosts), outcome, requestOutcome: outcome, workload: pick(["crawler", "prices"]) },
      ...{ sentBytes: 500 + Math.floor(random() * 5e6), receivedBytes: 5000 + Math.floor(random() * 3e8) },
    });
  });
}

async function bill(hosts = ["shop-01.example", "shop-02.example"]): Promise<Bill> {
  return billOf(await usageFromLedger(stream(lines(hosts)), { period: NOVEMBER, vendors: VENDORS }));
}

const FORMATS: Readonly<Record<string, (bill: Bill) => string>> = {
  txt: (one) => `${billTable(one)}\n`,
  csv: billCsv,
  json: (one) => `${JSON.stringify(one, null, 2)}\n`,
  html: billHtml,
};

describe("the bill of the golden lines", () => {
  it.each(Object.entries(FORMATS))("as %s is the golden copy (UPDATE_GOLDEN=1 writes it)", async (name, format) => {
    const file = join(import.meta.dirname, "golden", `bill.${name}`);
    const text = format(await bill());
    if (process.env.UPDATE_GOLDEN) writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, "utf8"));
  });

  it("has splits whose costs sum to the vendor's to the minor unit, and charges that sum to it before rounding", async () => {
    for (const { total, splits, charges, currency } of (await bill()).vendors) {
      if (!currency) continue;
      const places = currency === "JPY" ? 0 : 2;
      expect(sum(charges.map(({ amount }) => decimal(amount))).toFixed(places)).toBe(total.cost);
      for (const rows of Object.values(splits))
        expect(sum(rows.map(({ cost = 0 }) => decimal(cost))).toFixed(places)).toBe(total.cost);
    }
  });

  it("has no money where there is no price, and no sum over currencies", async () => {
    const { vendors, totals } = await bill();
    expect(vendors[2]?.total).not.toHaveProperty("cost");
    expect(totals.map(({ currency }) => currency)).toEqual(["EUR", "JPY"]);
  });
});

describe("hostile names of hosts", () => {
  const HOSTILE = ['<script>alert("1")</script>', "=HYPERLINK(1)", 'a"b,c\nd', "'onload='x"];

  it("stay text in HTML, which has no script and loads nothing", async () => {
    const html = billHtml(await bill(HOSTILE));
    expect(html).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
    expect(html).not.toMatch(/<script|<img|<link|src=|href=|'onload/i);
    expect(html).toContain("default-src 'none'");
  });

  it("stay one cell in CSV, and no formula", async () => {
    const rows: string[][] = parse(billCsv(await bill(HOSTILE)));
    const values = rows.filter(([, , , , split]) => split === "destination").map(([, , , , , value]) => value);
    expect(new Set(values)).toEqual(new Set([HOSTILE[0], "'=HYPERLINK(1)", HOSTILE[2], HOSTILE[3]]));
  });
});

describe("the table", () => {
  it("shows the largest rows of a long split and says how many more there are", async () => {
    const hosts = Array.from({ length: 100 }, (_, index) => `shop-${index}.example`);
    expect(billTable(await bill(hosts))).toMatch(/destination: \d+ more\n/);
  });
});
