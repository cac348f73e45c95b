// SPDX-License-Identifier: Apache-2.0
/**
 * A reconciliation as text for a terminal: from observed to reported line by line, the rest, the verdict, and the days where they differ.
 */
import { lossText } from "../output/words.ts";
import { wholeText } from "../output/columns.ts";
import { aligned } from "../output/table.ts";
import type { Line } from "./explain.ts";
import { AMBER, type DayComparison, RED, type Reconciliation, shareOf } from "./reconcile.ts";

const MOST_DAYS = 10;

export function reconciliationText(result: Reconciliation): string {
  const { vendor, from, to, zone, format, source } = result;
  const head = `${vendor}, ${from} to ${to} (${zone}): export read as ${format}, observed from ${source === "ledger" ? "the ledger" : "Prometheus"}`;
  const rows = [
    ["reported by the vendor", signed(result.reportedBytes, ""), ""],
    ["observed, both directions", signed(result.observedBytes, ""), ""],
    ["difference", signed(result.differenceBytes), share(result.differenceBytes, result)],
    ...result.lines.map((line) => [`  ${line.text}`, signed(line.bytes), boundsText(line)]),
    ["unexplained", signed(result.unexplainedBytes), share(result.unexplainedBytes, result)],
  ];
  const parts = [head, aligned(rows), ...moreTexts(result), daysText(result.days), verdictText(result)];
  return parts.filter((part) => part !== "").join("\n\n");
}

function moreTexts({ requests, cost, loss, notes }: Reconciliation): string[] {
  const lines = [
    ...(requests
      ? [`requests: ${wholeText(requests.reported)} reported, ${wholeText(requests.observed)} observed`]
      : []),
    ...(cost
      ? [
          `cost: ${cost.reported} reported${cost.expected ? `, ${cost.expected} expected` : ""} ${cost.currency ?? ""}`.trimEnd(),
        ]
      : []),
    ...(loss ? [lossText(loss)] : []),
    ...notes,
  ];
  return lines.length === 0 ? [] : [lines.join("\n")];
}

/** The days that differ most. */
function daysText(days: readonly DayComparison[]): string {
  const different = days.filter(({ reportedBytes, expectedBytes }) => reportedBytes !== expectedBytes);
  if (days.length < 2 || different.length === 0) return "";
  const size = ({ reportedBytes, expectedBytes }: DayComparison) => Math.abs(reportedBytes - expectedBytes);
  const largest = different.sort((a, b) => size(b) - size(a)).slice(0, MOST_DAYS);
  const rows = largest.map(({ date, reportedBytes, expectedBytes }) => [
    date,
    wholeText(reportedBytes),
    wholeText(expectedBytes),
    signed(reportedBytes - expectedBytes),
  ]);
  return aligned([["day", "reported", "expected", "difference"], ...rows]);
}

function verdictText({ verdict, unexplainedBytes, unexplainedShare }: Reconciliation): string {
  const rest = `${percentText(Number(unexplainedShare))} of what is reported is unexplained`;
  if (verdict === "green") return `GREEN: ${rest} (at most ${percentText(AMBER)})`;
  const limit = percentText(verdict === "red" ? RED : AMBER);
  const hint =
    unexplainedBytes > 0
      ? "the vendor counts bytes that were not seen: look for pods without sidecar, excluded ports, and credentials in other hands"
      : "fewer bytes are reported than were seen: look at the billing profile, the period and the zone";
  return `${verdict.toUpperCase()}: ${rest} (more than ${limit})\n${hint}`;
}

function percentText(value: number): string {
  return `${(value * 100).toFixed(2)} %`;
}

function share(bytes: number, { reportedBytes }: Reconciliation): string {
  return `${shareOf(bytes, reportedBytes).times(100).toFixed(2)} %`;
}

function boundsText({ bounds }: Line): string {
  return bounds === undefined ? "" : `(within ${signed(bounds.least)} and ${signed(bounds.most)})`;
}

function signed(bytes: number, plus = "+"): string {
  return bytes > 0 ? `${plus}${wholeText(bytes)}` : wholeText(bytes === 0 ? 0 : bytes);
}
