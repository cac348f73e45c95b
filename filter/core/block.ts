// SPDX-License-Identifier: Apache-2.0
/**
 * Hands out pieces of one block of memory, front to back; nothing is given back but the block as a whole.
 * The block comes from the caller. When it is used up, `allocate` answers 0 and `exhausted` is set.
 */

export class Block {
  at: i32 = 0;
  end: i32 = 0;
  exhausted: i32 = 0;
}

export function startBlock(block: Block, address: i32, length: i32): void {
  block.at = address;
  block.end = address + length;
  block.exhausted = 0;
}

/** Address of `size` zeroed bytes at a multiple of 8, or 0. */
export function allocate(block: Block, size: i32): i32 {
  const address: i32 = (block.at + 7) & -8;
  if (size < 0 || address > block.end || size > block.end - address) {
    block.exhausted = 1;
    return 0;
  }
  block.at = address + size;
  memory.fill(address, 0, size);
  return address;
}
