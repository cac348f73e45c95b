// SPDX-License-Identifier: Apache-2.0
/**
 * What scrapes must have missed: a pod's counters die with it, so the bytes after its last scrape are in no sample. With traffic spread
 * evenly half an interval is lost at every end, which is interval / (2 * mean life) of the bytes.
 */
import type { ScrapeLoss } from "../model.ts";
import type { MetricsSource, Window } from "./growth.ts";
import { lives } from "./promql.ts";

export interface Lives {
  ends: number;
  resets: number;
  samples: number;
  /** Seconds between two scrapes; 0 where there was nothing. */
  interval: number;
  /** Pods that had been seen before the window. */
  before: number;
  seen: number;
}

const DENSITY_SECONDS = 600;

export async function livesIn(source: MetricsSource, window: Window): Promise<Lives> {
  const expressions = lives(window.scope, window);
  const ask = async (promql: string) => (await source.query(promql, window.to / 1000))[0]?.value ?? 0;
  const seen = await ask(expressions.seen);
  if (seen === 0)
    return { ends: window.restarted.size, resets: window.restarted.size, samples: 0, interval: 0, before: 0, seen };
  const alive = await ask(expressions.alive);
  const density = await ask(expressions.density);
  const interval = density === 0 ? 0 : Math.max(1, Math.round(DENSITY_SECONDS / density));
  // A process that is scraped twice lives once.
  const doubled = interval === 0 ? 0 : window.several.doubledSeconds / interval;
  return {
    ends: Math.max(0, seen - alive) + window.restarted.size,
    resets: window.restarted.size,
    samples: Math.max(0, (await ask(expressions.samples)) - doubled),
    interval,
    before: await ask(expressions.before),
    seen,
  };
}

/** Of all windows together; undefined where nothing was scraped. */
export function lossOf(windows: readonly Lives[], intervalSeconds?: number): ScrapeLoss | undefined {
  const samples = windows.reduce((sum, one) => sum + one.samples, 0);
  const measured = Math.min(...windows.map(({ interval }) => interval || Number.POSITIVE_INFINITY));
  const interval = intervalSeconds ?? measured;
  if (samples === 0 || !Number.isFinite(interval)) return undefined;
  const ends = windows.reduce((sum, one) => sum + one.ends, 0);
  const resets = windows.reduce((sum, one) => sum + one.resets, 0);
  if (ends === 0) return { intervalSeconds: interval, ends, resets, expectedShare: 0 };
  const meanLifeSeconds = (samples * interval) / ends;
  return { intervalSeconds: interval, meanLifeSeconds, ends, resets, expectedShare: interval / (2 * meanLifeSeconds) };
}
