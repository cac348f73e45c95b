// SPDX-License-Identifier: Apache-2.0
/**
 * Memory that the host writes its answers to. An answer lives until the next callback, so one scratch area is enough
 * and nothing is ever freed. An answer that does not fit is refused: the host call then fails, and nothing traps.
 */

/** Bytes of the scratch area: more than the largest header map that Envoy lets in by default (60 KiB). */
export const SCRATCH_SIZE: i32 = 98304;

const scratch: usize = memory.data(98304);
let used: i32 = 0;
let prepared: usize = 0;
let preparedSize: i32 = 0;

/** Forgets the answers of the callback before. Called at the start of every callback. */
export function resetScratch(): void {
  used = 0;
}

/** Has the host write its next answer, of at most `size` bytes, to `address`. */
export function prepareAnswer(address: usize, size: i32): void {
  prepared = address;
  preparedSize = size;
}

/** Memory for an answer of the host; 0 refuses it. */
export function allocateAnswer(size: i32): usize {
  if (prepared !== 0) {
    const address: usize = prepared;
    prepared = 0;
    return size <= preparedSize ? address : 0;
  }
  if (size < 0 || size > SCRATCH_SIZE - used) return 0;
  const address: usize = scratch + used;
  used += (size + 7) & ~7;
  return address;
}
