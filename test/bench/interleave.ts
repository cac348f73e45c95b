// SPDX-License-Identifier: Apache-2.0
/**
 * Takes samples of several variants in turns, so that whatever else the machine does meets all of them alike.
 * What a sample is, is the variant's business.
 */
import type { Series } from "./statistics.ts";

export interface Turns {
  rounds: number;
  /** Rounds that are run and not kept. */
  warmUp: number;
  signal: AbortSignal;
  /** Told after every round how many of all are done. */
  onRound: (done: number, of: number) => void;
}

/** Samples of each variant; every round takes one of each, beginning with another one each time. */
export async function interleave<Name extends string>(
  variants: Readonly<Record<Name, () => Promise<number>>>,
  { rounds, warmUp, signal, onRound }: Turns,
): Promise<Record<Name, Series>> {
  const names = Object.keys(variants) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < warmUp + rounds; round += 1) {
    for (const name of rotated(names, round)) {
      signal.throwIfAborted();
      const sample = await variants[name]();
      if (round >= warmUp) samples[name].push(sample);
    }
    onRound(round + 1, warmUp + rounds);
  }
  return samples;
}

function rotated<T>(list: readonly T[], by: number): T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}
