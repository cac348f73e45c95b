// SPDX-License-Identifier: Apache-2.0
/**
 * The rows as text for a terminal. Pure.
 */
import Table from "cli-table3";
import type { Unit } from "./bars.ts";
import type { Figure } from "./statistics.ts";
import type { Row } from "./verdict.ts";

const HEAD = ["measure", "peer", "ours", "peer's", "result", "must", "aim", "verdict"];
const NUMBERS = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 4 });
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const LABELS: Record<Row["verdict"], string> = { missed: "MISSED", must: "must met", aim: "aim met", printed: "" };

/** Several lines, without a line break at the end; figures with their 95 % intervals. */
export function tableText(rows: readonly Row[]): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [], compact: true } });
  for (const row of rows) {
    table.push([
      row.measure,
      row.peer,
      figureText(row.ours, row.unit),
      row.theirs ? figureText(row.theirs, row.unit) : "",
      row.result === row.ours ? "" : figureText(row.result, row.judged),
      boundText(row, row.must),
      boundText(row, row.aim),
      LABELS[row.verdict],
    ]);
  }
  const notes = rows.flatMap(({ measure, note }) => (note === undefined ? [] : [`${measure}: ${note}`]));
  return [table.toString(), ...notes].join("\n");
}

function figureText({ value, low, high }: Figure, unit: Unit): string {
  const middle = `${numberText(value, unit)} ${unit}`;
  return low === high ? middle : `${middle} [${numberText(low, unit)}, ${numberText(high, unit)}]`;
}

function numberText(value: number, unit: Unit): string {
  return (unit === "bytes" ? WHOLE : NUMBERS).format(value);
}

function boundText({ sense, judged }: Row, bound: number | undefined): string {
  if (bound === undefined) return "";
  return `${sense === "at least" ? ">=" : "<="} ${numberText(bound, judged)} ${judged}`;
}
