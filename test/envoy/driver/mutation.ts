// SPDX-License-Identifier: Apache-2.0
/**
 * Damages conversations, seeded: bytes flipped, set to what protocols begin with, cut, doubled, put in or left out, and
 * whole turns dropped or said twice.
 */
import type { Random } from "../../../loadgen/random.ts";
import type { Turn } from "../ways/way.ts";

/** Bytes that decide something in one of the protocols. */
const TELLING = [0, 1, 3, 4, 5, 10, 13, 22, 23, 32, 47, 58, 64, 91, 93, 127, 128, 255];

type Damage = (bytes: Buffer, random: Random) => Buffer;

const at = (bytes: Buffer, random: Random) => Math.floor(random() * bytes.length);

const DAMAGES: readonly Damage[] = [
  (bytes, random) => set(bytes, at(bytes, random), (byte) => byte ^ (1 << Math.floor(random() * 8))),
  (bytes, random) => set(bytes, at(bytes, random), () => TELLING[Math.floor(random() * TELLING.length)] ?? 0),
  (bytes, random) => bytes.subarray(0, at(bytes, random)),
  (bytes, random) => bytes.subarray(at(bytes, random)),
  (bytes, random) => {
    const [from, to] = [at(bytes, random), at(bytes, random)].sort((a, b) => a - b) as [number, number];
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  (bytes, random) => {
    const [from, to] = [at(bytes, random), at(bytes, random)].sort((a, b) => a - b) as [number, number];
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes, random) => {
    const where = at(bytes, random);
    const filler = Buffer.alloc(Math.floor(2000 ** random()), TELLING[Math.floor(random() * TELLING.length)] ?? 0);
    return Buffer.concat([bytes.subarray(0, where), filler, bytes.subarray(where)]);
  },
];

/** A damaged copy; empty turns are left out. */
export function damage(turns: readonly Turn[], random: Random): Turn[] {
  const damaged = turns.flatMap(([direction, bytes]): Turn[] => {
    const luck = random();
    if (luck < 0.05) return [];
    const turn: Turn = [direction, luck < 0.5 ? damageBytes(bytes, random) : bytes];
    return luck > 0.95 ? [turn, turn] : [turn];
  });
  return damaged.filter(([, bytes]) => bytes.length > 0);
}

function damageBytes(bytes: Buffer, random: Random): Buffer {
  let damaged = bytes;
  for (let left = 1 + Math.floor(random() * 4); left > 0 && damaged.length > 0; left -= 1) {
    damaged = DAMAGES[Math.floor(random() * DAMAGES.length)]?.(damaged, random) ?? damaged;
  }
  return damaged;
}

function set(bytes: Buffer, index: number, value: (byte: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  copy[index] = value(copy[index] ?? 0);
  return copy;
}
