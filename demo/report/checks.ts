// SPDX-License-Identifier: Apache-2.0
/**
 * The checks of a run, as a table: A requests per vendor, B destinations, C bytes out and D bytes in per vendor and pod, and the books.
 * A check on rows needs at least one row with something in it: a run without traffic proves nothing.
 */
import { type Books, imbalances } from "./books.ts";
import { agrees, FIELDS, type Field, type Pair } from "./tally.ts";

export interface Check {
  id: string;
  title: string;
  pass: boolean;
}

type Row = Record<Field, Pair>;

export interface Rows {
  vendors: readonly Row[];
  pods: readonly Row[];
  destinations: readonly Row[];
}

interface RowCheck {
  id: string;
  title: string;
  rows: keyof Rows;
  fields: readonly Field[];
}

const ROW_CHECKS: readonly RowCheck[] = [
  { id: "A", title: "requests per vendor", rows: "vendors", fields: ["requests"] },
  { id: "B", title: "requests and bytes per destination and vendor", rows: "destinations", fields: FIELDS },
  { id: "C", title: "sent bytes per vendor and pod", rows: "pods", fields: ["sentBytes"] },
  { id: "D", title: "received bytes per vendor and pod", rows: "pods", fields: ["receivedBytes"] },
];

/** Outcome of every check, in the order of their ids, the books last. */
export function runChecks(rows: Rows, books: Books): Check[] {
  const checks = ROW_CHECKS.map(({ id, title, rows: name, fields }) => ({
    id,
    title,
    pass: rows[name].length > 0 && fields.every((field) => allAgree(rows[name], field)),
  }));
  const balances = imbalances(books).length === 0;
  return [...checks, { id: "books", title: "every split adds up to its total", pass: balances }];
}

function allAgree(rows: readonly Row[], field: Field): boolean {
  return rows.every((row) => agrees(row[field])) && rows.some((row) => row[field].actual > 0);
}
