// SPDX-License-Identifier: Apache-2.0
/**
 * Several sources of lines as one: each line as soon as it is there, from whichever source, and sources that join later.
 */

export interface Merged<T> {
  /** Adds a source; an error of it ends the whole. */
  add(source: AsyncIterable<T>): void;
  /** No source will be added any more: it ends with the last one. */
  close(): void;
  lines: AsyncIterable<T>;
}

/** Holds at most one line of each source, so a slow reader slows the sources. */
export function mergeLines<T>(): Merged<T> {
  const waiting: (() => void)[] = [];
  const ready: { value: T; taken: () => void }[] = [];
  let open = 0;
  let isClosed = false;
  let failure: { error: unknown } | undefined;
  const wake = () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  const drain = async (source: AsyncIterable<T>) => {
    try {
      for await (const value of source) {
        await new Promise<void>((taken) => {
          ready.push({ value, taken });
          wake();
        });
      }
    } catch (error) {
      failure ??= { error };
    }
    open--;
    wake();
  };
  async function* lines(): AsyncIterable<T> {
    for (;;) {
      const next = ready.shift();
      if (next !== undefined) {
        yield next.value;
        next.taken();
      } else if (failure !== undefined) throw failure.error;
      else if (isClosed && open === 0) return;
      else await new Promise<void>((resolve) => void waiting.push(resolve));
    }
  }
  return {
    add(source) {
      open++;
      void drain(source);
    },
    close() {
      isClosed = true;
      wake();
    },
    lines: lines(),
  };
}
