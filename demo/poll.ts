// SPDX-License-Identifier: Apache-2.0
/**
 * Waiting: for something to become true, for a promise, for a signal; the first two end at once when their signal fires.
 */
import { setTimeout as delay } from "node:timers/promises";
import { DemoFailure } from "./failure.ts";

export interface PollOptions {
  /** What is waited for, as a noun phrase for the error text. */
  what: string;
  deadlineMs: number;
  everyMs?: number;
  signal: AbortSignal;
  /** Further text for the error, asked for when it is thrown. */
  detail?: () => string;
  /** Next step for the reader of the error. */
  hint: string;
}

/**
 * Asks again and again until the answer is not undefined.
 *
 * @throws DemoFailure E_TIMEOUT after the deadline; the reason of the signal when it fires
 */
export async function poll<T>(read: () => Promise<T | undefined> | T | undefined, options: PollOptions): Promise<T> {
  const overdue = AbortSignal.timeout(options.deadlineMs);
  const signal = AbortSignal.any([options.signal, overdue]);
  try {
    for (;;) {
      const answer = await untilAborted(signal, Promise.resolve(read()));
      if (answer !== undefined) return answer;
      await untilAborted(signal, delay(options.everyMs ?? 50));
    }
  } catch (error) {
    if (error !== overdue.reason) throw error;
    const found = `nothing after ${options.deadlineMs / 1000} s${options.detail?.() ?? ""}`;
    throw new DemoFailure("E_TIMEOUT", `waited in vain for ${options.what}: ${found}`, options.hint);
  }
}

/** Resolves when the signal fires, or at once if it has. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** The promise's outcome, or a rejection with the signal's reason if that comes first. */
export function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
