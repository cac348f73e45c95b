// SPDX-License-Identifier: Apache-2.0
/**
 * Splits an amount in proportion to weights so that the parts sum to it exactly: the largest-remainder method of Hamilton.
 * Used for bytes (places 0) and for money (the currency's minor unit).
 */
import { Big } from "big.js";
import { type Decimal, decimal, sum, ZERO } from "./decimal.ts";

/**
 * Parts of `total` at `places` decimal places, one for each weight, in their order; equal remainders go to the earlier one.
 *
 * @param total    a multiple of 10^-places, not negative
 * @param weights  not negative; where all are 0 the first part gets everything
 */
export function apportion(total: Decimal, weights: readonly Decimal[], places: number): Decimal[] {
  if (weights.length === 0) return [];
  const whole = sum(weights);
  const [first, ...others] = weights;
  if (first !== undefined && whole.eq(ZERO)) return [total, ...others.map(() => ZERO)];
  const unit = decimal(10).pow(places);
  const units = total.times(unit);
  // In units of 1 / whole, so that no quotient is rounded before it is compared.
  const shares = weights.map((weight) => {
    const numerator = units.times(weight);
    const floor = floorQuotient(numerator, whole);
    return { floor, rest: numerator.minus(floor.times(whole)) };
  });
  const left = Number(units.minus(sum(shares.map(({ floor }) => floor))).toFixed(0));
  const byRest = shares
    .map(({ rest }, index) => ({ rest, index }))
    .sort((a, b) => b.rest.cmp(a.rest) || a.index - b.index);
  const raised = new Set(byRest.slice(0, left).map(({ index }) => index));
  return shares.map(({ floor }, index) => scaledDown(raised.has(index) ? floor.plus(1) : floor, places));
}

/** The same for whole numbers, such as bytes. */
export function apportionWhole(total: number, weights: readonly number[]): number[] {
  const parts = apportion(
    decimal(total),
    weights.map((weight) => decimal(weight)),
    0,
  );
  return parts.map((part) => Number(part.toFixed(0)));
}

function floorQuotient(numerator: Decimal, divisor: Decimal): Decimal {
  const whole = Big();
  whole.DP = 0;
  whole.RM = Big.roundDown;
  return decimal(new whole(numerator.toFixed()).div(divisor.toFixed()).toFixed());
}

function scaledDown(units: Decimal, places: number): Decimal {
  return places === 0 ? units : units.times(decimal(`1e-${places}`));
}
