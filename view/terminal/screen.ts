// SPDX-License-Identifier: Apache-2.0
/**
 * Rows of `proxymeter top` as a table of text. Pure. Names are what others sent, so no control character of theirs reaches the terminal.
 */
import Table from "cli-table3";
import { formatNumber } from "../model/units.ts";
import { visible } from "../model/visible.ts";
import type { Grouping, Row } from "./top.ts";

export interface Section {
  grouping: Grouping;
  rows: readonly Row[];
  /** How many there are, of which `rows` are the first. */
  count: number;
}

const HEADS = ["req/s", "sent/s", "rcvd/s", "ok", "requests", "sent", "received", "open"];
const BORDERS = [
  ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
  ...["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
] as const;
const LONGEST_NAME = 60;
const COUNTS = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** Several lines, without a line break at the end. */
export function topText(sections: readonly Section[]): string {
  return sections.map(sectionText).join("\n\n");
}

function sectionText({ grouping, rows, count }: Section): string {
  if (count === 0) return `${grouping}: nothing was sent yet`;
  const table = new Table({
    head: [grouping, ...HEADS],
    colAligns: ["left", ...HEADS.map(() => "right" as const)],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 1 },
    chars: Object.fromEntries(BORDERS.map((name) => [name, ""])),
  });
  table.push(...rows.map(cells));
  const more = count > rows.length ? `\nand ${COUNTS.format(count - rows.length)} more` : "";
  return `${table.toString()}${more}`;
}

function cells(row: Row): string[] {
  return [
    printable(row.name),
    formatNumber(row.requestsPerSecond, "", 1),
    formatNumber(row.sentBytesPerSecond, "decbytes"),
    formatNumber(row.receivedBytesPerSecond, "decbytes"),
    row.okShare === null ? "-" : formatNumber(row.okShare, "percentunit", 1),
    COUNTS.format(row.requests),
    formatNumber(row.sentBytes, "decbytes"),
    formatNumber(row.receivedBytes, "decbytes"),
    row.connections === null ? "-" : COUNTS.format(row.connections),
  ];
}

function printable(name: string): string {
  const safe = visible(name);
  return safe.length > LONGEST_NAME ? `${safe.slice(0, LONGEST_NAME - 3)}...` : safe;
}
