// SPDX-License-Identifier: Apache-2.0
/**
 * Whether the two sides of the report can be compared: no connection is open any more, and Prometheus has scraped every pod after
 * the last one closed. Asks once, or waits until it is so.
 */
import { TICK_MILLISECONDS } from "./envoy/plugin.ts";
import { DemoFailure } from "./failure.ts";
import { poll } from "./poll.ts";
import { JOB } from "./prometheus/config.ts";
import type { Query } from "./prometheus/query.ts";
import type { Activity } from "./rig.ts";

const CLOSE_DEADLINE_MS = 15_000;
const SCRAPE_DEADLINE_MS = 15_000;
// Counts that the filter held back until its tick are in the first scrape after that tick, and a busy machine ticks late.
const HELD_BACK_MS = TICK_MILLISECONDS + 500;

/** PromQL: one sample for each pod that could be scraped; its value is the time of the scrape, in seconds of the epoch. */
const LAST_SCRAPES = `timestamp(up{job="${JOB}"} == 1)`;

export interface SettleOptions {
  /** What goes on now. */
  activity: () => Activity;
  query: Query;
  podCount: number;
}

/** Whether it is so now. */
export async function isSettled({ activity, query, podCount }: SettleOptions): Promise<boolean> {
  const scrapes = await query(LAST_SCRAPES);
  const { openConnections, lastCloseAt } = activity();
  const from = lastCloseAt + HELD_BACK_MS;
  return openConnections === 0 && scrapes.length === podCount && scrapes.every(({ value }) => value * 1000 > from);
}

/** True once settled; false when that takes too long. */
export async function settle(options: SettleOptions & { signal: AbortSignal }): Promise<boolean> {
  const { activity, signal } = options;
  const isQuiet = await happens(() => activity().openConnections === 0, CLOSE_DEADLINE_MS, signal);
  return isQuiet && (await happens(() => isSettled(options), SCRAPE_DEADLINE_MS, signal));
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
