// SPDX-License-Identifier: Apache-2.0
/**
 * Waits, after the load has ended, until the two sides of the report can be compared: no connection is open any more, and Prometheus
 * has scraped every pod after the last one closed.
 */
import { TICK_MILLISECONDS } from "./envoy/plugin.ts";
import { DemoFailure } from "./failure.ts";
import { poll } from "./poll.ts";
import { JOB } from "./prometheus/config.ts";
import type { Query } from "./prometheus/query.ts";
import type { RelayRecord } from "./report/actual.ts";

const CLOSE_DEADLINE_MS = 15_000;
const SCRAPE_DEADLINE_MS = 15_000;

/** PromQL: one sample for each pod that could be scraped; its value is the time of the scrape, in seconds of the epoch. */
const LAST_SCRAPES = `timestamp(up{job="${JOB}"} == 1)`;

export interface SettleOptions {
  /** What the relays have on record now. */
  records: () => RelayRecord[];
  query: Query;
  podCount: number;
  signal: AbortSignal;
}

/** True once settled; false when that takes too long. */
export async function settle({ records, query, podCount, signal }: SettleOptions): Promise<boolean> {
  const open = () => records().reduce((sum, { snapshot }) => sum + snapshot.openConnections, 0);
  if (!(await happens(() => open() === 0, CLOSE_DEADLINE_MS, signal))) return false;
  const lastClose = Math.max(...records().map(({ snapshot }) => snapshot.lastCloseAt));
  // Counts that the filter held back until its tick are in the first scrape after that tick.
  const from = lastClose + TICK_MILLISECONDS;
  const scraped = async () => {
    const scrapes = await query(LAST_SCRAPES);
    return scrapes.length === podCount && scrapes.every(({ value }) => value * 1000 > from);
  };
  return (await happens(scraped, SCRAPE_DEADLINE_MS, signal)) && open() === 0;
}

async function happens(
  check: () => boolean | Promise<boolean>,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const read = async () => ((await check()) ? true : undefined);
    return await poll(read, { what: "the run to settle", deadlineMs, everyMs: 200, signal, hint: "" });
  } catch (error) {
    if (error instanceof DemoFailure && error.code === "E_TIMEOUT") return false;
    throw error;
  }
}
