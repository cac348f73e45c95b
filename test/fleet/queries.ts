// SPDX-License-Identifier: Apache-2.0
/**
 * How long Prometheus takes for the dashboards' queries, one after the other; a row for each, and what they add up to.
 */
import type { PanelQuery } from "./panels.ts";
import type { Store } from "./store.ts";

export const RANGE_S = 3600;

/** What became of one query; the seconds of one that was given up are what it was given. */
export interface Timed {
  /** Median of its runs, and the slowest: of so few runs that is the 95th percentile. */
  seconds: number;
  p95Seconds: number;
  series: number;
  /** What Prometheus said where it refused or gave up. */
  error?: string;
}

export interface QueryFigures {
  queries: number;
  /** Of all queries. */
  p95Seconds: number;
  /** The query whose own 95th percentile is highest. */
  slowestSeconds: number;
  slowest: string;
  /** All queries of a dashboard, one after the other; the dashboard that takes longest. */
  dashboardSeconds: number;
  dashboard: string;
  failed: readonly string[];
  empty: number;
}

export interface DashboardFigures {
  dashboard: string;
  queries: number;
  seconds: number;
}

export interface Timing {
  repeats: number;
  /** Prometheus gives up after this. */
  timeoutSeconds: number;
}

export type Row = readonly [PanelQuery, Timed];

export async function timeQuery(store: Store, query: PanelQuery, { repeats, timeoutSeconds }: Timing): Promise<Timed> {
  const seconds: number[] = [];
  let series = 0;
  try {
    for (let at = 0; at < repeats; at += 1) {
      const answer = await ask(store, query, timeoutSeconds);
      seconds.push(answer.seconds);
      series = answer.series;
    }
  } catch (error) {
    const given = { seconds: timeoutSeconds, p95Seconds: timeoutSeconds };
    return { ...given, series, error: error instanceof Error ? error.message : String(error) };
  }
  return { seconds: quantile(seconds, 0.5), p95Seconds: quantile(seconds, 0.95), series };
}

async function ask(store: Store, { expr, isRange, stepSeconds }: PanelQuery, timeoutSeconds: number) {
  const timeout = `${timeoutSeconds}s`;
  if (!isRange) return store.ask("query", { query: expr, timeout });
  const end = Date.now() / 1000;
  const range = { start: String(end - RANGE_S), end: String(end), step: String(stepSeconds) };
  return store.ask("query_range", { query: expr, timeout, ...range });
}

export function summaryOf(rows: readonly Row[]): QueryFigures {
  const slowest = [...rows].sort(([, a], [, b]) => b.p95Seconds - a.p95Seconds)[0];
  const [dashboard] = [...dashboardsOf(rows)].sort((a, b) => b.seconds - a.seconds);
  return {
    queries: rows.length,
    p95Seconds: quantile(
      rows.map(([, { p95Seconds }]) => p95Seconds),
      0.95,
    ),
    slowestSeconds: slowest?.[1].p95Seconds ?? 0,
    slowest: slowest ? nameOf(slowest[0]) : "",
    dashboardSeconds: dashboard?.seconds ?? 0,
    dashboard: dashboard?.dashboard ?? "",
    failed: rows.flatMap(([query, { error }]) => (error === undefined ? [] : [`${nameOf(query)}: ${error}`])),
    empty: rows.filter(([, { series, error }]) => series === 0 && error === undefined).length,
  };
}

export function nameOf({ dashboard, panel, ref }: PanelQuery): string {
  return `${dashboard}, ${panel}, ${ref}`;
}

/** All queries of each dashboard, one after the other. */
export function dashboardsOf(rows: readonly Row[]): DashboardFigures[] {
  const names = [...new Set(rows.map(([{ dashboard }]) => dashboard))];
  return names.map((dashboard) => {
    const own = rows.filter(([query]) => query.dashboard === dashboard);
    return { dashboard, queries: own.length, seconds: own.reduce((sum, [, { seconds }]) => sum + seconds, 0) };
  });
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
