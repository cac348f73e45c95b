// SPDX-License-Identifier: Apache-2.0
/**
 * Waits until what went over the sockets by some moment has reached Prometheus from every pod.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Prometheus } from "../prometheus/client.ts";
import { lastScrapes, type Scope } from "./promql.ts";

const POLL_MS = 500;

export interface SettleOptions {
  prometheus: Prometheus;
  scope: Scope;
  /** Seconds of the epoch. */
  since: number;
  lagSeconds: number;
  /** 1 for the counts to have arrived; 2 for them to have stood still for a lag since. */
  lags: 1 | 2;
  /** Pods that are not scraped any more are waited for no longer than this. */
  patienceSeconds: number;
  signal: AbortSignal;
}

/**
 * Waits for the lags from `since` on, and for a scrape of every pod in that time.
 *
 * @returns pods that were not scraped in time
 */
export async function settle(options: SettleOptions): Promise<string[]> {
  const { prometheus, scope, since, lagSeconds, lags, patienceSeconds, signal } = options;
  const until = (since + lags * lagSeconds) * 1000;
  if (until > Date.now()) await delay(until - Date.now(), undefined, { signal });
  const late = async () =>
    (await prometheus.query(lastScrapes(scope)))
      .filter(({ value }) => value < since + lagSeconds / 2)
      .map(({ labels: { namespace, pod } }) => `${namespace}/${pod}`);
  const deadline = Date.now() + patienceSeconds * 1000;
  for (;;) {
    const pods = await late();
    if (pods.length === 0 || Date.now() > deadline) return pods;
    await delay(POLL_MS, undefined, { signal });
  }
}
