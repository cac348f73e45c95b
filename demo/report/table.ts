// SPDX-License-Identifier: Apache-2.0
/**
 * The report as text for a terminal: metered, actual and their difference, by vendor, pod and destination, then the checks.
 */
import Table from "cli-table3";
import type { Report } from "./report.ts";
import { FIELDS, type Field, type Pair } from "./tally.ts";

const TITLES: Record<Field, string> = {
  requests: "requests",
  sentBytes: "bytes sent",
  receivedBytes: "bytes received",
};
const NUMBERS = new Intl.NumberFormat("en-US");

/** Several lines, without a line break at the end. */
export function reportText(report: Report): string {
  const sections = [
    section(
      ["vendor"],
      report.vendors.map((row) => [[row.vendor], row]),
    ),
    section(
      ["pod", "namespace", "vendor"],
      report.pods.map((row) => [[row.pod, row.namespace, row.vendor], row]),
    ),
    section(
      ["destination", "vendor"],
      report.destinations.map((row) => [[row.host, row.vendor], row]),
    ),
  ];
  const checks = report.checks.map(({ id, title, pass }) => `${pass ? "PASS" : "FAIL"}  ${id.padEnd(5)}  ${title}`);
  const settled = report.settled
    ? "settled"
    : "not settled: connections were still open, or the last scrape was too old";
  const run = `${report.durationSeconds.toFixed(1)} s, ${settled}, ${report.resets.connections} connections reset`;
  return [...sections, ...checks, run].join("\n");
}

type Row = Record<Field, Pair>;

function section(keys: string[], rows: [names: string[], row: Row][]): string {
  const table = new Table({
    head: [...keys, ...FIELDS.flatMap((field) => [`${TITLES[field]} metered`, "actual", "difference"])],
    colAligns: [...keys.map(() => "left" as const), ...FIELDS.flatMap(() => Array<"right">(3).fill("right"))],
    style: { head: [], border: [], compact: true },
  });
  for (const [names, row] of rows) table.push([...names, ...FIELDS.flatMap((field) => cells(row[field]))]);
  return table.toString();
}

function cells({ metered, actual, bound }: Pair): string[] {
  const difference = NUMBERS.format(metered - actual);
  const allowed = bound === undefined ? "" : ` (up to ${NUMBERS.format(bound)})`;
  return [NUMBERS.format(metered), NUMBERS.format(actual), `${difference}${allowed}`];
}
