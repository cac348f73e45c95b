// SPDX-License-Identifier: Apache-2.0
/**
 * The bill as CSV: one line for each vendor's total and for each row of its splits. Figures are exact; an empty cell is not known.
 */
import { stringify } from "csv-stringify/sync";
import type { Bill, BillRow, VendorBill } from "../bill.ts";
import { DIMENSIONS } from "../usage/model.ts";

const NAMES = [
  ...["requests", "succeeded", "failedShare", "sentBytes", "receivedBytes", "billableBytes", "billableGB"],
  ...["cost", "costPerThousand", "failedBytes", "repeatedBytes", "handshakeBytes"],
] as const satisfies readonly (keyof BillRow)[];

/** Names of hosts come from outside, so what a spreadsheet would take for a formula is marked as text. */
export function billCsv(bill: Bill): string {
  const head = ["vendor", "from", "to", "currency", "split", "value", ...NAMES];
  const rows = bill.vendors.flatMap((vendor) => [
    cells(vendor, "total", { ...vendor.total, value: "" }),
    ...DIMENSIONS.flatMap((dimension) => vendor.splits[dimension].map((row) => cells(vendor, dimension, row))),
  ]);
  return stringify([head, ...rows], { escape_formulas: true });
}

function cells({ vendor, from, to, currency = "" }: VendorBill, split: string, row: BillRow): string[] {
  return [vendor, from, to, currency, split, row.value, ...NAMES.map((name) => String(row[name] ?? ""))];
}
