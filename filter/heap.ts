// SPDX-License-Identifier: Apache-2.0
/**
 * Memory for state that outlives a callback: blocks of power-of-two sizes, each size with its own free list.
 * Never traps: when memory can't grow, or has reached its bound, the answer is 0 and the caller does without.
 */

/** Upper bound of the module's memory in bytes. */
export const MOST_MEMORY: u32 = 256 << 20;

const SMALLEST: u32 = 32;
const CLASSES: u32 = 24;
const PAGE: u32 = 65536;

const freeLists: usize = memory.data(96);
let top: usize = 0;

/** Address of at least `size` zeroed bytes, or 0. */
export function obtain(size: u32): usize {
  const index: u32 = classOf(size);
  if (index >= CLASSES) return 0;
  const head: usize = freeLists + 4 * index;
  const bytes: u32 = SMALLEST << index;
  let address: usize = load<u32>(head);
  if (address !== 0) store<u32>(head, load<u32>(address));
  else address = extend(bytes);
  if (address !== 0) memory.fill(address, 0, bytes);
  return address;
}

/** Gives back what `obtain(size)` answered; 0 is ignored. */
export function release(address: usize, size: u32): void {
  if (address === 0) return;
  const head: usize = freeLists + 4 * classOf(size);
  store<u32>(address, load<u32>(head));
  store<u32>(head, <u32>address);
}

/** Bytes of linear memory. */
export function memoryBytes(): u32 {
  return <u32>memory.size() * PAGE;
}

function classOf(size: u32): u32 {
  return size <= SMALLEST ? 0 : 32 - clz<u32>(size - 1) - 5;
}

function extend(bytes: u32): usize {
  if (top === 0) top = (__heap_base + 7) & ~7;
  const end: u32 = <u32>top + bytes;
  const available: u32 = memoryBytes();
  if (end > MOST_MEMORY || end < bytes) return 0;
  if (end > available && memory.grow(<i32>((end - available + PAGE - 1) / PAGE)) < 0) return 0;
  const address: usize = top;
  top = end;
  return address;
}
