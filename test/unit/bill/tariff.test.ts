// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about prices: which tier holds on a day and at a volume, months that begin anew, and that no byte is charged twice or never.
 */
import { describe, expect, it } from "vitest";
import { exactText, sum } from "../../../bill/money/decimal.ts";
import { gigabytes } from "../../../bill/money/gigabyte.ts";
import type { Price } from "../../../bill/prices/model.ts";
import { bandsOn, costOf } from "../../../bill/prices/tariff.ts";
import { seededRandom } from "../../../loadgen/random.ts";

const GB = 1e9;
const PRICE: Price = {
  currency: "USD",
  gigabyte: "decimal",
  perGB: 8.5,
  tiers: [
    { from: "1970-01-01", aboveGB: 100, perGB: 7 },
    { from: "2026-11-10", until: "2026-11-20", aboveGB: 0, perGB: 6 },
  ],
};

const day = (date: string, gb: number, isCharged = true) => ({ date, billableBytes: gb * GB, isCharged });
const charges = (days: Parameters<typeof costOf>[0], price = PRICE) =>
  costOf(days, price).charges.map(({ month, aboveGB, perGB, gigabytes: volume, amount }) =>
    [month, exactText(aboveGB), exactText(perGB), exactText(volume), exactText(amount)].join(" "),
  );

describe("a month", () => {
  it("is charged at the price without tier up to the first tier, to the byte, and at the tier beyond", () => {
    expect(charges([day("2026-10-01", 60), day("2026-10-02", 60)])).toEqual([
      "2026-10 0 8.5 100 850",
      "2026-10 100 7 20 140",
    ]);
  });

  it("begins at volume 0 again", () => {
    expect(charges([day("2026-10-31", 120), day("2026-11-01", 30)])).toEqual([
      "2026-10 0 8.5 100 850",
      "2026-10 100 7 20 140",
      "2026-11 0 8.5 30 255",
    ]);
  });

  it("has the volume of its days before the bill's period, without charging them", () => {
    expect(charges([day("2026-10-01", 95, false), day("2026-10-02", 10)])).toEqual([
      "2026-10 0 8.5 5 42.5",
      "2026-10 100 7 5 35",
    ]);
  });

  it("changes its price on the first and after the last day of a dated tier; the tier of the larger volume goes before", () => {
    expect(charges([day("2026-11-09", 1), day("2026-11-10", 1), day("2026-11-20", 1), day("2026-11-21", 1)])).toEqual([
      "2026-11 0 8.5 2 17",
      "2026-11 0 6 2 12",
    ]);
    expect(charges([day("2026-11-10", 150)])).toEqual(["2026-11 0 6 100 600", "2026-11 100 7 50 350"]);
  });
});

describe("bandsOn", () => {
  it("has one price for every volume of every day", () => {
    for (const date of ["2026-11-09", "2026-11-10", "2026-11-20", "2026-11-21"]) {
      const bands = bandsOn(date, PRICE);
      expect(exactText(bands[0]?.aboveGB ?? sum([]))).toBe("0");
      const above = bands.map(({ aboveGB }) => Number(aboveGB.toFixed()));
      expect(above).toEqual([...new Set(above)].sort((a, b) => a - b));
    }
  });
});

describe("any usage at any price", () => {
  const random = seededRandom(5);
  const randomPrice = (): Price => ({
    currency: "USD",
    gigabyte: random() < 0.5 ? "decimal" : "binary",
    perGB: Math.round(random() * 1000) / 100,
    tiers: [0, 10, 50, 200]
      .filter(() => random() < 0.5)
      .map((aboveGB) => ({
        from: random() < 0.5 ? "1970-01-01" : "2026-11-10",
        ...(random() < 0.5 && { until: "2026-11-25" }),
        aboveGB,
        perGB: Math.round(random() * 1000) / 1000,
      })),
  });
  const dates = Array.from({ length: 61 }, (_, index) =>
    new Date(Date.UTC(2026, 9, 15 + index)).toISOString().slice(0, 10),
  );

  it("charges every gigabyte once, and costs the same however the day's bytes come in", () => {
    for (let round = 0; round < 200; round++) {
      const price = randomPrice();
      const days = dates.map((date) => ({
        date,
        billableBytes: Math.floor(random() ** 3 * 2e10),
        isCharged: random() < 0.9,
      }));
      const cost = costOf(days, price);
      const charged = days.filter(({ isCharged }) => isCharged).reduce((bytes, one) => bytes + one.billableBytes, 0);
      expect(sum(cost.charges.map((charge) => charge.gigabytes)).eq(gigabytes(charged, price.gigabyte))).toBe(true);
      const halves = days.flatMap((one) => {
        const first = Math.floor(one.billableBytes / 3);
        return [
          { ...one, billableBytes: first },
          { ...one, billableBytes: one.billableBytes - first },
        ];
      });
      expect(costOf(halves, price).amount.eq(cost.amount)).toBe(true);
    }
  });
});
