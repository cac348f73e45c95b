// SPDX-License-Identifier: Apache-2.0
/**
 * When to ask a registry again and how long to wait before: after 429, 5xx and connections that broke, a few times.
 * What is asked is the caller's, and must be safe to repeat.
 */
import { setTimeout as pause } from "node:timers/promises";

export interface Patience {
  signal?: AbortSignal | undefined;
  /** Told of every wait. */
  notify?: ((line: string) => void) | undefined;
  /** Waits in milliseconds where the registry names none; as many as there are repetitions. */
  waitsMs?: readonly number[] | undefined;
}

interface Answered {
  status: number;
  headers: ReadonlyMap<string, string>;
}

const WAITS_MS = [500, 1000, 2000, 4000];
/** A registry that asks for more than this is not waited for. */
export const LONGEST_WAIT_MS = 30_000;
const BROKEN = new Set([
  ...["ECONNRESET", "EPIPE", "ETIMEDOUT", "EAI_AGAIN"],
  ...["UND_ERR_SOCKET", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"],
]);

/** The first answer that is worth having, or the last one, or the last error. */
export async function withRetries<T extends Answered>(attempt: () => Promise<T>, patience: Patience = {}): Promise<T> {
  const { signal, notify, waitsMs = WAITS_MS } = patience;
  for (const usualMs of waitsMs) {
    const result = await outcome(attempt);
    const waitMs =
      "answer" in result ? waitAfter(result.answer, usualMs) : isBroken(result.error) ? usualMs : undefined;
    if (waitMs === undefined) return settle(result);
    const what = "answer" in result ? `answered ${result.answer.status}` : "broke the connection";
    notify?.(`the registry ${what}; asking again in ${(waitMs / 1000).toFixed(1)} s`);
    await pause(waitMs, undefined, { signal }).catch((error) => {
      throw signal?.aborted ? signal.reason : error;
    });
  }
  return attempt();
}

/**
 * Milliseconds to wait before the next attempt; undefined when there should be none.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function waitAfter({ status, headers }: Answered, usualMs: number, nowMs = Date.now()): number | undefined {
  const isPassing = status === 429 || (status >= 500 && status !== 501 && status !== 505);
  if (!isPassing) return undefined;
  const named = headers.get("retry-after")?.trim();
  if (named === undefined) return usualMs;
  const waitMs = /^\d+$/.test(named) ? Number(named) * 1000 : Date.parse(named) - nowMs;
  if (Number.isNaN(waitMs)) return usualMs;
  return waitMs > LONGEST_WAIT_MS ? undefined : Math.max(waitMs, usualMs);
}

/** Whether an error is a connection that broke, rather than one that was never possible. */
export function isBroken(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code !== undefined && BROKEN.has(code);
}

type Outcome<T> = { answer: T } | { error: unknown };

async function outcome<T>(attempt: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { answer: await attempt() };
  } catch (error) {
    return { error };
  }
}

function settle<T>(result: Outcome<T>): T {
  if ("answer" in result) return result.answer;
  throw result.error;
}
