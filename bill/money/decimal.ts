// SPDX-License-Identifier: Apache-2.0
/**
 * Decimal numbers for money: sums and products are exact, quotients are rounded where the caller says.
 * Knows no currency and no gigabyte.
 */
import { Big } from "big.js";

export type Decimal = Big;

export const ZERO: Decimal = new Big(0);

/**
 * The decimal that was written: a number goes through its shortest text, so 8.1 is 8.1 and not the nearest binary fraction.
 * Exact for up to 15 significant digits, which is more than any price has.
 */
export function decimal(value: number | string): Decimal {
  return new Big(String(value));
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const value of values) total = total.plus(value);
  return total;
}

/** Half away from zero, as invoices round. */
export function rounded(value: Decimal, places: number): Decimal {
  return value.round(places, Big.roundHalfUp);
}

/** A quotient, rounded half away from zero; undefined where the divisor is 0. */
export function quotient(dividend: Decimal, divisor: Decimal, places: number): Decimal | undefined {
  if (divisor.eq(ZERO)) return undefined;
  const precise = Big();
  precise.DP = places;
  precise.RM = Big.roundHalfUp;
  return decimal(new precise(dividend.toFixed()).div(divisor.toFixed()).toFixed());
}

/** With exactly so many places. */
export function fixed(value: Decimal, places: number): string {
  return rounded(value, places).toFixed(places);
}

/** All its digits, never with an exponent. */
export function exactText(value: Decimal): string {
  return value.toFixed();
}
