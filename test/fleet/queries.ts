// SPDX-License-Identifier: Apache-2.0
/**
 * How long Prometheus takes for the dashboards' queries, one after the other.
 */
import { type PanelQuery, stepOf } from "./panels.ts";
import { QUERY_TIMEOUT_MS, type Store } from "./store.ts";

const RANGE_S = 3600;

export interface QueryFigures {
  queries: number;
  /** Of the medians of all queries. */
  p95Seconds: number;
  slowestSeconds: number;
  slowest: string;
  /** All queries of a dashboard, one after the other; the dashboard that takes longest. */
  dashboardSeconds: number;
  dashboard: string;
  /** What Prometheus refused or gave up on, with its words. */
  failed: readonly string[];
  empty: number;
}

interface Timed {
  query: PanelQuery;
  seconds: number;
}

export interface Timing {
  repeats: number;
  /** Prometheus gives up after this. */
  timeoutSeconds?: number;
}

export async function timeQueries(
  store: Store,
  queries: readonly PanelQuery[],
  { repeats, timeoutSeconds = QUERY_TIMEOUT_MS / 1000 }: Timing,
): Promise<QueryFigures> {
  const timed: Timed[] = [];
  const failed: string[] = [];
  let empty = 0;
  for (const query of queries) {
    const seconds: number[] = [];
    try {
      for (let at = 0; at < repeats; at += 1) {
        const answer = await ask(store, query, timeoutSeconds);
        seconds.push(answer.seconds);
        if (at === 0 && answer.series === 0) empty += 1;
      }
    } catch (error) {
      failed.push(`${query.dashboard}, ${query.panel}: ${error instanceof Error ? error.message : error}`);
    }
    // What was given up took at least as long as it was given.
    if (seconds.length < repeats) seconds.push(timeoutSeconds);
    timed.push({ query, seconds: quantile(seconds, 0.5) });
  }
  const slowest = timed.reduce<Timed | undefined>(
    (worst, one) => (worst && worst.seconds >= one.seconds ? worst : one),
    undefined,
  );
  const [dashboard = "", dashboardSeconds = 0] = [...byDashboard(timed)].sort((a, b) => b[1] - a[1])[0] ?? [];
  return {
    queries: queries.length,
    p95Seconds: quantile(
      timed.map(({ seconds }) => seconds),
      0.95,
    ),
    slowestSeconds: slowest?.seconds ?? 0,
    slowest: slowest ? `${slowest.query.dashboard}, ${slowest.query.panel}` : "",
    dashboardSeconds,
    dashboard,
    failed,
    empty,
  };
}

async function ask(store: Store, { expr, isRange }: PanelQuery, timeoutSeconds: number) {
  const timeout = `${timeoutSeconds}s`;
  if (!isRange) return store.ask("query", { query: expr, timeout });
  const end = Date.now() / 1000;
  const range = { start: String(end - RANGE_S), end: String(end), step: String(stepOf(RANGE_S)) };
  return store.ask("query_range", { query: expr, timeout, ...range });
}

function byDashboard(timed: readonly Timed[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { query, seconds } of timed) sums.set(query.dashboard, (sums.get(query.dashboard) ?? 0) + seconds);
  return sums;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
