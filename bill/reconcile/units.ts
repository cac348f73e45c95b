// SPDX-License-Identifier: Apache-2.0
/**
 * From the unit of an export to bytes, exactly, in either meaning of a gigabyte.
 */
import { type Decimal, decimal } from "../money/decimal.ts";
import type { Gigabyte } from "../money/gigabyte.ts";
import type { Unit } from "./model.ts";

const POWERS: Readonly<Record<string, number>> = { k: 1, K: 1, M: 2, G: 3, T: 4 };
const BASE: Readonly<Record<Gigabyte, number>> = { decimal: 1000, binary: 1024 };

/** Bytes of one unit. */
export function bytesPer(unit: Unit, gigabyte: Gigabyte): Decimal {
  const power = POWERS[unit[0] ?? ""] ?? 0;
  return decimal(isExplicit(unit) ? 1024 : BASE[gigabyte]).pow(power);
}

/** Whether the meaning of a gigabyte changes what the unit is. */
export function isAmbiguous(unit: Unit): boolean {
  return unit !== "B" && !isExplicit(unit);
}

function isExplicit(unit: Unit): boolean {
  return unit.includes("i");
}
