// SPDX-License-Identifier: Apache-2.0
/**
 * Seeded randomness: a generator and the few distributions that traffic is made of.
 * The same seed gives the same numbers on every machine; nothing here is fit for secrets.
 */

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/** A generator of its own for each seed and name (mulberry32, seeded through an FNV-1a hash). */
export function seededRandom(seed: number, name = ""): Random {
  let state = 0x811c9dc5;
  for (const letter of `${seed}/${name}`) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Times between arrivals that know nothing of each other. */
export function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random()) * mean;
}

/** Sizes: half of them below the median, few of them far above it. `sigma` is the spread of the logarithm. */
export function logNormal(random: Random, median: number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(sigma * normal);
}

/** How many times something is repeated, at least once, with the given mean (1 or more). */
export function geometric(random: Random, mean: number): number {
  if (mean <= 1) return 1;
  return 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - 1 / mean));
}

/** A chooser of indexes 0 to weights.length - 1, each as often as its weight says. */
export function weighted(weights: readonly number[]): (random: Random) => number {
  let total = 0;
  const ends = weights.map((weight) => (total += weight));
  return (random) => {
    const point = random() * total;
    let low = 0;
    for (let high = ends.length - 1; low < high; ) {
      const middle = (low + high) >> 1;
      if (point < (ends[middle] ?? total)) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Weights of a long tail: the n-th item is asked for n^-exponent times as often as the first (Zipf). */
export function longTail(count: number, exponent: number): number[] {
  return Array.from({ length: count }, (_, index) => (index + 1) ** -exponent);
}
