// SPDX-License-Identifier: Apache-2.0
/**
 * Seeded damage to bytes that are right: what a broken or hostile peer might send in a handshake's place.
 */
import type { Random } from "../../loadgen/random.ts";

type Mutation = (bytes: Buffer, random: Random, donor: Buffer) => Buffer;

const LONGEST_INSERT = 64;
const NUMBERS = ["0", "-1", "65536", "4294967296", "9007199254740993", "99999999999999999999", "ffffffff", ""];

/** One of 0 to count - 1; 0 for none. */
export function below(random: Random, count: number): number {
  return Math.floor(random() * count);
}

function noise(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => below(random, 256)));
}

function replaced(bytes: Buffer, at: number, length: number, by: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)]);
}

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const at = below(random, bytes.length);
    return replaced(bytes, at, 1, Buffer.from([(bytes[at] ?? 0) ^ (1 << below(random, 8))]));
  },
  function setByte(bytes, random) {
    return replaced(bytes, below(random, bytes.length), 1, noise(random, 1));
  },
  function extremeByte(bytes, random) {
    return replaced(bytes, below(random, bytes.length), 1, Buffer.from([random() < 0.5 ? 0 : 255]));
  },
  function insertNoise(bytes, random) {
    return replaced(bytes, below(random, bytes.length + 1), 0, noise(random, 1 + below(random, LONGEST_INSERT)));
  },
  function removeSpan(bytes, random) {
    return replaced(bytes, below(random, bytes.length), 1 + below(random, 16), Buffer.alloc(0));
  },
  function repeatSpan(bytes, random) {
    const at = below(random, bytes.length);
    const span = bytes.subarray(at, at + 1 + below(random, LONGEST_INSERT));
    return replaced(bytes, at, 0, Buffer.concat(Array.from({ length: 1 + below(random, 8) }, () => span)));
  },
  function cutOff(bytes, random) {
    return bytes.subarray(0, below(random, bytes.length));
  },
  function graft(bytes, random, donor) {
    return Buffer.concat([bytes.subarray(0, below(random, bytes.length)), donor.subarray(below(random, donor.length))]);
  },
  function otherNumber(bytes, random) {
    const numbers = [...bytes.toString("latin1").matchAll(/\d+/g)];
    const found = numbers[below(random, numbers.length)];
    const by = NUMBERS[below(random, NUMBERS.length)] ?? "";
    return found === undefined ? bytes : replaced(bytes, found.index, found[0].length, Buffer.from(by));
  },
];

/** The bytes after one to three mutations. */
export function mutate(bytes: Buffer, random: Random, donor: Buffer): Buffer {
  let result = bytes;
  for (let count = 1 + below(random, 3); count > 0; count -= 1) {
    const mutation = MUTATIONS[below(random, MUTATIONS.length)];
    if (mutation !== undefined && result.length > 0) result = mutation(result, random, donor);
  }
  return result;
}

/** The bytes in one to four pieces. */
export function cut(bytes: Buffer, random: Random): Buffer[] {
  const places = Array.from({ length: below(random, 4) }, () => below(random, bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}
