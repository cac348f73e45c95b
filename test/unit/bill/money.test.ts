// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about exact arithmetic: decimals that were written stay what they are, parts sum to their whole, currencies have their places.
 */
import { describe, expect, it } from "vitest";
import { apportion, apportionWhole } from "../../../bill/money/apportion.ts";
import { minorUnits } from "../../../bill/money/currency.ts";
import { decimal, exactText, fixed, quotient, rounded, sum } from "../../../bill/money/decimal.ts";
import { bytesOf, gigabytes } from "../../../bill/money/gigabyte.ts";
import { seededRandom } from "../../../loadgen/random.ts";

describe("decimals", () => {
  it("are what was written, not the nearest binary fraction", () => {
    expect(exactText(decimal(0.1).plus(decimal(0.2)))).toBe("0.3");
    expect(exactText(decimal(8.1).times(3))).toBe("24.3");
    expect(exactText(decimal(1e-7))).toBe("0.0000001");
  });

  it.each([
    ["2.345", 2, "2.35"],
    ["2.344999999999999999999", 2, "2.34"],
    ["-2.345", 2, "-2.35"],
    ["2.5", 0, "3"],
  ])("%s rounds to %i places as %s: halves go away from zero", (value, places, want) => {
    expect(fixed(decimal(value), places)).toBe(want);
    expect(rounded(decimal(value), places).eq(decimal(want))).toBe(true);
  });

  it("divide to as many places as asked, rounded once", () => {
    expect(quotient(decimal(2), decimal(3), 4)?.toFixed()).toBe("0.6667");
    expect(quotient(decimal("0.00000000000000000000005"), decimal(1), 22)?.toFixed()).toBe("0.0000000000000000000001");
    expect(quotient(decimal(1), decimal(0), 2)).toBeUndefined();
  });
});

describe("gigabytes", () => {
  it("of 2^30 bytes are exact", () => {
    expect(exactText(gigabytes(1, "binary"))).toBe("0.000000000931322574615478515625");
    expect(exactText(gigabytes(2 ** 30, "binary"))).toBe("1");
    expect(exactText(gigabytes(9_007_199_254_740_991, "decimal"))).toBe("9007199.254740991");
  });

  it("lead back to the same bytes", () => {
    for (const unit of ["decimal", "binary"] as const)
      for (const bytes of [0, 1, 999_999_999, 123_456_789_012_345])
        expect(bytesOf(gigabytes(bytes, unit), unit).eq(bytes)).toBe(true);
  });
});

describe("apportion", () => {
  it("gives the largest remainders what is left, the earlier of two equal ones first", () => {
    expect(apportionWhole(10, [1, 1, 1])).toEqual([4, 3, 3]);
    expect(apportionWhole(100, [626, 311, 63])).toEqual([63, 31, 6]);
  });

  it("gives everything to the first part where no part has weight", () => {
    expect(apportionWhole(7, [0, 0])).toEqual([7, 0]);
    expect(apportionWhole(7, [])).toEqual([]);
  });

  it("sums to the whole exactly and never misses a share by a unit, for any weights", () => {
    const random = seededRandom(11);
    for (let round = 0; round < 300; round++) {
      const places = Math.floor(random() * 4);
      const weights = Array.from({ length: 1 + Math.floor(random() * 40) }, () =>
        decimal(Math.floor(random() ** 4 * 1e15)),
      );
      const total = decimal(Math.floor(random() * 1e12)).times(decimal(`1e-${places}`));
      const parts = apportion(total, weights, places);
      expect(sum(parts).eq(total)).toBe(true);
      const whole = sum(weights);
      if (whole.eq(0)) continue;
      parts.forEach((part, index) => {
        const share = quotient(total.times(weights[index] ?? 0), whole, 20) ?? decimal(0);
        expect(
          part
            .minus(share)
            .abs()
            .lt(decimal(`1e-${places}`)),
        ).toBe(true);
      });
    }
  });
});

describe("minor units", () => {
  it.each([
    ["USD", 2],
    ["JPY", 0],
    ["KWD", 3],
    ["CLF", 4],
  ])("of %s are %i", (currency, places) => {
    expect(minorUnits(currency)).toBe(places);
  });
});
