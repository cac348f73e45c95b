// SPDX-License-Identifier: Apache-2.0
/**
 * The live view as text: what the run is doing, a row for each vendor, the busiest destinations, a row for each pod.
 * Pure; drawing it on a terminal is live.ts.
 */
import Table from "cli-table3";
import type { Counts } from "../report/tally.ts";
import type { TrafficSnapshot } from "../traffic/traffic.ts";
import { type Figures, type Look, podFigures, topDestinations, vendorFigures } from "./figures.ts";

export interface Screen {
  /** What the run is doing now. */
  stage: string;
  durationMs: number | undefined;
  traffic: TrafficSnapshot;
  /** Two looks, the earlier one some seconds before. */
  earlier: Look;
  now: Look;
}

const TOP_DESTINATIONS = 5;
const COUNTS = new Intl.NumberFormat("en-US");
const RATES = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const UNITS = ["B", "kB", "MB", "GB", "TB"];
const HEADS = ["req/s", "sent/s", "rcvd/s", "requests", "sent", "received"];

/** Several lines, without a line break at the end. */
export function screenText({ stage, durationMs, traffic, earlier, now }: Screen): string {
  const vendors = vendorFigures(earlier, now).map((row) => [...cells(row), percent(row.okShare)]);
  const destinations = topDestinations(earlier, now, TOP_DESTINATIONS).map(cells);
  const pods = podFigures(earlier, now).map((row) => [...cells(row), percent(row.cpus), size(row.residentBytes)]);
  return [
    `proxymeter demo: ${stage}`,
    summary(traffic, durationMs),
    "",
    "counted by the filter:",
    columns(["vendor", ...HEADS, "ok"], vendors),
    "",
    "busiest:",
    columns(["destination", ...HEADS], destinations),
    "",
    "with what their Envoys use:",
    columns(["pod", ...HEADS, "CPU", "memory"], pods),
  ].join("\n");
}

function summary({ elapsedMs, ok, failed, openVisits }: TrafficSnapshot, durationMs: number | undefined): string {
  const total = durationMs === undefined ? "" : ` of ${durationMs / 1000}`;
  const [answered, lost, open] = [ok, failed, openVisits].map((count) => COUNTS.format(count));
  return `${Math.floor(elapsedMs / 1000)}${total} s, ${answered} requests answered, ${lost} failed, ${open} visits open`;
}

function cells({ name, perSecond, ...totals }: Figures): string[] {
  const rates = [RATES.format(perSecond.requests), size(perSecond.sentBytes), size(perSecond.receivedBytes)];
  const { requests, sentBytes, receivedBytes }: Counts = totals;
  return [name, ...rates, COUNTS.format(requests), size(sentBytes), size(receivedBytes)];
}

function columns(head: string[], rows: string[][]): string {
  const table = new Table({
    head,
    colAligns: head.map((_, index) => (index === 0 ? "left" : "right")),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 1 },
    chars: Object.fromEntries(BORDERS.map((name) => [name, ""])),
  });
  table.push(...rows);
  return table.toString();
}

const BORDERS = [
  ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
  ...["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
] as const;

function percent(share: number | undefined): string {
  return share === undefined ? "-" : `${RATES.format(share * 100)} %`;
}

/** Decimal units, as traffic is sold. */
function size(bytes: number | undefined): string {
  if (bytes === undefined) return "-";
  const unit = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  return `${unit === 0 ? COUNTS.format(Math.round(bytes)) : RATES.format(bytes / 1000 ** unit)} ${UNITS[unit]}`;
}
