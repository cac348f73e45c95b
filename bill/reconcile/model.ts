// SPDX-License-Identifier: Apache-2.0
/**
 * What a vendor says it counted, once its export was read: windows of time with amounts. How exports are written is elsewhere here.
 */
import type { Decimal } from "../money/decimal.ts";
import type { Period } from "../time/period.ts";

/** `B`, or a multiple; of GB, MB and kB the vendor's gigabyte says whether they are decimal. */
export const UNITS = ["B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB"] as const;
export type Unit = (typeof UNITS)[number];

export interface ReportedRow extends Period {
  /** In the unit of the export. */
  amount: Decimal;
  /** Half of the last digit that was written, in the unit of the export: more may be there or less. */
  tolerance: Decimal;
  requests?: number;
  /** In the currency of the vendor's price. */
  cost?: Decimal;
}

export interface Reported {
  rows: ReportedRow[];
  unit: Unit;
  /** What it was read as. */
  format: string;
  notes: string[];
}

/** How an export is to be read, as far as it does not say so itself. */
export interface ReadOptions {
  /** Zone of times without one. */
  zone: string;
  /** Length of a window, where it cannot be told. */
  step?: Step;
  /** For exports that have no times. */
  period?: Period;
  unit?: Unit;
  /** For CSV and JSON rows: which column has what. */
  columns?: Columns;
  /** For JSON: where the list of rows is, as `data.list`. */
  path?: string;
}

export type Step = "5min" | "hour" | "day" | "month";

/** Names of columns; `bytes` may name several, whose amounts are added up. */
export interface Columns {
  time: string;
  /** End of the window, where a column has it. */
  end?: string;
  bytes: string[];
  requests?: string;
  cost?: string;
}
