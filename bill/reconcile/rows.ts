// SPDX-License-Identifier: Apache-2.0
/**
 * From what an export says in a row, in texts, to an amount in a window. Used for every format.
 */
import { BillFailure } from "../failure.ts";
import { type Decimal, decimal, sum } from "../money/decimal.ts";
import type { Period } from "../time/period.ts";
import type { ReadOptions, ReportedRow } from "./model.ts";
import { type Stamp, windowsOf } from "./windows.ts";

/** One row as it stands in the export. */
export interface WrittenRow extends Partial<Stamp> {
  /** Are added up. */
  amounts: readonly unknown[];
  requests?: unknown;
  cost?: unknown;
}

/** @throws BillFailure E_TIME, E_USAGE, exit status 2 */
export function rowsOf(written: readonly WrittenRow[], options: ReadOptions): ReportedRow[] {
  if (written.length === 0) throw usageFailure("found no rows", "export a period in which there was traffic");
  const windows = written.every(({ time }) => time !== undefined)
    ? windowsOf(written as readonly (WrittenRow & Stamp)[], options)
    : written.map(() => givenPeriod(options));
  return written.map((row, index) => reportedRow(row, windows[index] ?? givenPeriod(options)));
}

function reportedRow({ amounts, requests, cost }: WrittenRow, window: Period): ReportedRow {
  const numbers = amounts.map((amount) => numberOf(amount, "an amount"));
  return {
    ...window,
    amount: sum(numbers),
    tolerance: sum(amounts.map(toleranceOf)),
    ...(hasValue(requests) && { requests: Number(numberOf(requests, "a number of requests").toFixed(0)) }),
    ...(hasValue(cost) && { cost: numberOf(cost, "a cost") }),
  };
}

function givenPeriod({ period }: ReadOptions): Period {
  if (period) return period;
  throw usageFailure("found no times in it", "give --from and --to: what the export was made for");
}

/** Figures of people have separators of thousands; a comma before anything but three digits is not one. */
function numberOf(value: unknown, what: string): Decimal {
  const text = String(value ?? "").trim();
  const plain = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(",", "") : text;
  if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(plain)) return decimal(plain);
  throw usageFailure(`found ${JSON.stringify(text.slice(0, 40))} as ${what} (expected a number)`, "see --columns");
}

/** Half of the last digit; whole numbers are exact where they are bytes, which the caller knows. */
function toleranceOf(value: unknown): Decimal {
  const [, digits = ""] = /\.(\d+)$/.exec(String(value ?? "").trim()) ?? [];
  return decimal(`5e-${digits.length + 1}`);
}

function hasValue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

export function usageFailure(found: string, hint: string, cause?: unknown): BillFailure {
  return new BillFailure("E_USAGE", `cannot use the vendor's export: ${found}`, hint, { exitCode: 2, cause });
}
