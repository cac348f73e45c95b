// SPDX-License-Identifier: Apache-2.0
/**
 * The result of a load as text for a terminal. Pure; the JSON form is the result itself.
 */
import Table from "cli-table3";
import type { LatencySummary } from "./latency.ts";
import type { VendorCounts } from "./ledger.ts";
import type { LoadResult } from "./run.ts";

const COLUMNS = [
  "vendor",
  "requests",
  "ok",
  "failed",
  "conns",
  "sent",
  "received",
  "p50 ms",
  "p95 ms",
  "p99 ms",
  "max ms",
];
const PLAIN = { head: [], border: [] };

/** A table with a row for each vendor and their total, and the reasons of what failed. */
export function reportText(result: LoadResult): string {
  const table = new Table({
    head: COLUMNS,
    style: PLAIN,
    colAligns: COLUMNS.map((_, at) => (at === 0 ? "left" : "right")),
  });
  for (const row of result.vendors) table.push(cells(row.vendor, row, row.latencyMs));
  const total = sum(result.vendors);
  if (result.vendors.length > 1) table.push(cells("all", total, result.latencyMs));
  const seconds = result.elapsedMs / 1000;
  const lines = [
    table.toString(),
    `${seconds.toFixed(1)} s, ${(result.ok / seconds).toFixed(1)} requests answered a second; latency counts from the time a request was due`,
  ];
  if (result.dropped > 0) lines.push(`${result.dropped} visits dropped: too many were open`);
  for (const { vendor, reasons } of result.vendors) {
    for (const [reason, count] of Object.entries(reasons)) lines.push(`failed: ${vendor}: ${reason}: ${count}`);
  }
  return `${lines.join("\n")}\n`;
}

type Sums = Pick<VendorCounts, "requests" | "ok" | "failed" | "connections" | "sentBytes" | "receivedBytes">;

function cells(name: string, sums: Sums, latency: LatencySummary): string[] {
  const { requests, ok, failed, connections, sentBytes, receivedBytes } = sums;
  const times = [latency.p50, latency.p95, latency.p99, latency.max].map((ms) => ms.toFixed(1));
  return [name, ...[requests, ok, failed, connections].map(String), bytes(sentBytes), bytes(receivedBytes), ...times];
}

function sum(rows: VendorCounts[]): Sums {
  const total = { requests: 0, ok: 0, failed: 0, connections: 0, sentBytes: 0, receivedBytes: 0 };
  for (const key of Object.keys(total) as (keyof Sums)[]) total[key] = rows.reduce((n, row) => n + row[key], 0);
  return total;
}

/** Decimal units, as traffic is sold. */
function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(2)} ${units[unit]}`;
}
