// SPDX-License-Identifier: Apache-2.0
/**
 * The two ways of pacing a load. Open loop: visits start at times decided beforehand, whatever the answers do.
 * Closed loop: a fixed number of crawlers, each of which starts its next visit when the last one is over.
 */
import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { exponential, type Random } from "./random.ts";
import { arrivals } from "./schedule.ts";

const MAX_TIMER_MS = 2 ** 31 - 1;

/** The time of a load: milliseconds since its start, its end, and a way to end it before. */
export class Clock {
  readonly startedAt = performance.now();
  readonly #durationMs: number;
  readonly #end = new AbortController();
  #isStopped = false;

  /** @param durationMs  Infinity runs until stop() */
  constructor(durationMs: number) {
    this.#durationMs = durationMs;
    // Every crawler waits for this signal.
    setMaxListeners(0, this.over);
    if (durationMs < MAX_TIMER_MS) setTimeout(() => this.#end.abort(), durationMs).unref();
  }

  get elapsedMs(): number {
    return performance.now() - this.startedAt;
  }

  /** Aborted at the end. */
  get over(): AbortSignal {
    return this.#end.signal;
  }

  stop(): void {
    this.#isStopped = true;
    this.#end.abort();
  }

  /** Waits until `at` milliseconds; false if the load ends before that. Late is not false: what was due is due. */
  async reaches(at: number): Promise<boolean> {
    const left = Math.min(at - this.elapsedMs, MAX_TIMER_MS);
    if (left > 0) await delay(left, undefined, { signal: this.over }).catch(() => {});
    return at <= this.#durationMs && !this.#isStopped;
  }
}

/** Calls `start` at random times, on average `visitsPerSecond` times a second, with the time in milliseconds. */
export async function paceOpenLoop(
  clock: Clock,
  { visitsPerSecond, random }: { visitsPerSecond: number; random: Random },
  start: (at: number) => void,
): Promise<void> {
  for (const at of arrivals(random, visitsPerSecond)) {
    if (!(await clock.reaches(at))) return;
    start(at);
  }
}

/** Keeps `crawlers` visits going, with a random pause after each; `visit` must not throw. */
export async function paceClosedLoop(
  clock: Clock,
  { crawlers, meanThinkMs, random }: { crawlers: number; meanThinkMs: number; random: Random },
  visit: (at: number) => Promise<void>,
): Promise<void> {
  const crawl = async () => {
    while (await clock.reaches(clock.elapsedMs + exponential(random, meanThinkMs))) await visit(clock.elapsedMs);
  };
  await Promise.all(Array.from({ length: crawlers }, crawl));
}
