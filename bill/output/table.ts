// SPDX-License-Identifier: Apache-2.0
/**
 * The bill as text for a terminal: each vendor with its total, its splits and its charges. Long splits are cut; CSV and JSON have all.
 */
import type { Bill, BillRow, VendorBill } from "../bill.ts";
import { DIMENSIONS } from "../usage/model.ts";
import { COLUMNS } from "./columns.ts";
import { chargeText, excludedTexts, headText, lossText, sourceText } from "./words.ts";

const MOST_ROWS = 15;
const LONGEST_NAME = 48;

export function billTable(bill: Bill): string {
  const parts = bill.vendors.map(vendorText);
  const totals = bill.totals.map(({ currency, cost }) => `all vendors: ${cost} ${currency}`);
  const talk = [sourceText(bill), ...(bill.loss ? [lossText(bill.loss)] : []), ...bill.notes];
  return [...parts, ...(bill.vendors.length > 1 && totals.length > 0 ? [totals.join("\n")] : []), talk.join("\n")].join(
    "\n\n",
  );
}

function vendorText(bill: VendorBill): string {
  const names = new Set<keyof BillRow>(
    COLUMNS.map(({ name }) => name).filter((name) => bill.total[name] !== undefined),
  );
  const columns = COLUMNS.filter(({ name }) => names.has(name));
  const cells = (label: string, row: BillRow) => [label, ...columns.map((column) => column.text(row, bill))];
  const rows = [["", ...columns.map(({ title }) => title)], cells("total", bill.total)];
  for (const dimension of DIMENSIONS) {
    const split = bill.splits[dimension];
    for (const row of split.slice(0, MOST_ROWS)) rows.push(cells(`${dimension} ${shortened(row.value)}`, row));
    if (split.length > MOST_ROWS) rows.push([`${dimension}: ${split.length - MOST_ROWS} more`]);
  }
  const left = excludedTexts(bill.excluded).map((text) => `not billed: ${text}`);
  const charges = bill.charges.map((charge) => chargeText(charge, bill));
  return [headText(bill), aligned(rows), ...left, ...charges].join("\n");
}

/** Columns under each other: the first one to the left, figures to the right. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((known, row) => {
    row.forEach((cell, index) => {
      known[index] = Math.max(known[index] ?? 0, cell.length);
    });
    return known;
  }, []);
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}

function shortened(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 3)}...`;
}
