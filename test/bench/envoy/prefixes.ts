// SPDX-License-Identifier: Apache-2.0
/**
 * Networks of a vendor in 127.0.0.0/8, and gateways in them, without chance: the same numbers give the same lists. Pure.
 * There are as many prefix lengths for few networks as for many, because a look-up costs a probe for each length.
 */

import { generator } from "../random.ts";

const SEED = 1;

/** By the number of networks. */
const LENGTHS = { few: [13, 13, 14, 15, 16], many: [22, 22, 23, 24, 25] } as const;
const FEW = 32;
/** 127.0.0.0 as a number. */
const FIRST = 127 * 2 ** 24;
/** Odd, so that stepping by it through a network meets every address once. */
const STEP = 2_654_435_761n;

function lengthsFor(count: number): readonly number[] {
  return count <= FEW ? LENGTHS.few : LENGTHS.many;
}

/** The n-th of so many networks that do not overlap. */
function network(index: number, count: number): { first: number; bits: number } {
  const lengths = lengthsFor(count);
  const largest = 2 ** (32 - (lengths[0] ?? 0));
  return { first: FIRST + index * largest, bits: lengths[index % lengths.length] ?? 0 };
}

/** `127.1.0.0/22` and so on; at most 16,384. */
export function prefixes(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const { first, bits } = network(index, count);
    return `${text(first)}/${bits}`;
  });
}

/** So many different addresses in those prefixes, in no order that a processor could learn; at most 100 for each. */
export function addressesIn(count: number, prefixCount: number): string[] {
  const addresses = Array.from({ length: count }, (_, index) => {
    const { first, bits } = network(index % prefixCount, prefixCount);
    const turn = BigInt(Math.floor(index / prefixCount) + 1);
    return text(first + Number((turn * STEP) % BigInt(2 ** (32 - bits))));
  });
  return shuffled(addresses, generator(SEED));
}

/** Fisher and Yates. */
function shuffled<T>(list: T[], random: () => number): T[] {
  for (let last = list.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [list[last], list[other]] = [list[other] as T, list[last] as T];
  }
  return list;
}

function text(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
