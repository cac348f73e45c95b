// SPDX-License-Identifier: Apache-2.0
/**
 * Work that is done again and again until it is closed, as controllers of a cluster do theirs. What it does not manage it tries again.
 */
import { setTimeout as pause } from "node:timers/promises";

const INTERVAL_MS = 200;

export interface Repeating {
  /** Resolves when the work that is under way has ended. */
  close(): Promise<void>;
}

export function repeat(work: () => Promise<void>): Repeating {
  const stop = new AbortController();
  const run = async () => {
    while (!stop.signal.aborted) {
      await work().catch(() => undefined);
      await pause(INTERVAL_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    close: () => {
      stop.abort();
      return running;
    },
  };
}
