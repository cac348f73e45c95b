// SPDX-License-Identifier: Apache-2.0
/**
 * Numbers that look like chance and are the same in every run.
 */

/** Numbers from 0 up to 1. Mulberry32 by Tommy Ettinger, public domain. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
