// SPDX-License-Identifier: Apache-2.0
/**
 * Finds the heavy hitters among values that got no slot of their own: the Space-Saving algorithm over 24 counters
 * (Metwally, Agrawal, El Abbadi: "Efficient computation of frequent and top-k elements in data streams", 2005).
 * Knows values by their hash only. What a heavy hitter gets is decided by the caller.
 */

const COUNTERS: i32 = 24;
const COUNTER_SIZE: i32 = 12;

/** Bytes of one sketch, zeroed at first: per counter the hash, the count and the count's error. */
export const SKETCH_SIZE: i32 = COUNTERS * COUNTER_SIZE;

/** Counts one more of the value; returns how many there surely were since it was first noticed. */
export function observe(sketch: i32, hash: i32): i32 {
  let least: i32 = sketch;
  for (let i: i32 = 0; i < COUNTERS; i++) {
    const counter: i32 = sketch + i * COUNTER_SIZE;
    const count: i32 = i32.load(counter, 4);
    if (count > 0 && i32.load(counter) === hash) {
      if (count < 0x7fffffff) i32.store(counter, count + 1, 4);
      return i32.load(counter, 4) - i32.load(counter, 8);
    }
    if (count < i32.load(least, 4)) least = counter;
  }
  const error: i32 = i32.load(least, 4);
  i32.store(least, hash);
  i32.store(least, error + 1, 4);
  i32.store(least, error, 8);
  return 1;
}

/** Forgets a value, as when it got a slot. */
export function forget(sketch: i32, hash: i32): void {
  for (let i: i32 = 0; i < COUNTERS; i++) {
    const counter: i32 = sketch + i * COUNTER_SIZE;
    if (i32.load(counter) === hash && i32.load(counter, 4) > 0) memory.fill(counter, 0, COUNTER_SIZE);
  }
}
