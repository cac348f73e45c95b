// SPDX-License-Identifier: Apache-2.0
/**
 * Waiting for a fact by asking again, with a deadline.
 * Owns the rhythm and the error text only; what is asked belongs to the caller.
 */
import { setTimeout as pause } from "node:timers/promises";

export interface PollOptions {
  /** What is waited for, as in "cannot see …". */
  readonly what: string;
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
  /** More text for the error, read when the deadline has passed. */
  readonly detail?: () => string | Promise<string>;
}

/**
 * Asks until the answer is neither `undefined` nor `false`.
 *
 * @param probe  may throw: that counts as "not yet" and the last reason is reported
 * @returns      the first answer
 * @throws       Error naming what was waited for, for how long, and the last reason
 */
export async function until<T>(
  probe: () => T | Promise<T>,
  options: PollOptions,
): Promise<Exclude<T, undefined | false>> {
  const { what, timeoutMs = 20_000, intervalMs = 50 } = options;
  const deadline = performance.now() + timeoutMs;
  let reason = "the answer stayed no";
  while (performance.now() < deadline) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    await pause(intervalMs);
  }
  const detail = options.detail ? `\n${await options.detail()}` : "";
  throw new Error(`cannot see ${what}: ${reason} (expected within ${timeoutMs} ms)${detail}`);
}
