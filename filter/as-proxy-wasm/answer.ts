// SPDX-License-Identifier: Apache-2.0
/**
 * Answers of the host as ArrayBuffers, for filters that allocate: the host writes into a buffer that is already the filter's.
 * Absence is an empty buffer. Our own filter has `memory.ts` in its place and allocates nothing.
 */

/** No filter wants a bigger answer; one that is refused comes back empty. */
const LARGEST_ANSWER: i32 = 256 << 20;

/** Where the host puts address (4) and length (4) of an answer, and a number (8). */
export const answerSlot: usize = memory.data(8, 8);
export const numberSlot: usize = memory.data(8, 8);

let held: ArrayBuffer = new ArrayBuffer(0);

/** Memory for an answer of the host; 0 refuses it. The buffer is kept alive until the next answer. */
export function holdAnswer(size: i32): usize {
  if (size <= 0 || size > LARGEST_ANSWER) return 0;
  held = new ArrayBuffer(size);
  return changetype<usize>(held);
}

/** The answer that a host call with this status left behind. */
export function takeAnswer(status: i32): ArrayBuffer {
  const address: usize = load<u32>(answerSlot);
  const length: i32 = load<i32>(answerSlot, 4);
  const taken: ArrayBuffer = held;
  held = new ArrayBuffer(0);
  const whole: bool = address === changetype<usize>(taken) && length === taken.byteLength;
  return status === 0 && whole ? taken : new ArrayBuffer(0);
}

/** UTF-8 bytes of a text, and their address and length as host calls want them. */
export function encode(text: string): ArrayBuffer {
  return String.UTF8.encode(text);
}

export function decode(bytes: ArrayBuffer): string {
  return String.UTF8.decode(bytes);
}

export function addressOf(bytes: ArrayBuffer): usize {
  return changetype<usize>(bytes);
}
