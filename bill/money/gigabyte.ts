// SPDX-License-Identifier: Apache-2.0
/**
 * Bytes as gigabytes, in both meanings of the word, exactly: 2^-30 is a decimal of 30 places.
 */
import { type Decimal, decimal } from "./decimal.ts";

/** `decimal`: 10^9 bytes; `binary`: 2^30. */
export type Gigabyte = "decimal" | "binary";

const BYTES: Readonly<Record<Gigabyte, Decimal>> = { decimal: decimal(1e9), binary: decimal(2 ** 30) };
const SHARE: Readonly<Record<Gigabyte, Decimal>> = { decimal: decimal("0.000000001"), binary: decimal("0.5").pow(30) };

/** Exact. */
export function gigabytes(bytes: number, unit: Gigabyte): Decimal {
  return decimal(bytes).times(SHARE[unit]);
}

/** Bytes of so many gigabytes; may have a fraction. */
export function bytesOf(amount: Decimal, unit: Gigabyte): Decimal {
  return amount.times(BYTES[unit]);
}

export function bytesPerGigabyte(unit: Gigabyte): Decimal {
  return BYTES[unit];
}
