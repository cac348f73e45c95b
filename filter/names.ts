// SPDX-License-Identifier: Apache-2.0
/**
 * Interned label values: one entry per text and scope, whose address stands for the value everywhere else.
 * A scope is the entry that the value belongs to (a host to its vendor), 0 for none. Entries live as long as the VM.
 */
import { equalsBytes, HASH_SEED, hashBytes } from "./core/bytes.ts";
import { obtain } from "./heap.ts";

const BUCKETS: u32 = 1024;
const buckets: usize = memory.data(4096);

/** An interned value; its bytes follow it in memory. */
@unmanaged
export class Name {
  next: usize;
  hash: i32;
  scope: usize;
  length: i32;
  /** What the owner of the scope hangs on the value; 0 at first. */
  state: usize;
}

/** Address of the name's bytes. */
export function nameBytes(name: Name): usize {
  return changetype<usize>(name) + offsetof<Name>();
}

/** The entry of a value, or null when it was never interned. */
export function findName(scope: usize, text: usize, length: i32): Name | null {
  const hash: i32 = hashOf(scope, text, length);
  let name: Name | null = changetype<Name | null>(load<usize>(bucketOf(hash)));
  while (name !== null) {
    if (
      name.hash === hash &&
      name.scope === scope &&
      equalsBytes(<i32>nameBytes(name), name.length, <i32>text, length)
    ) {
      return name;
    }
    name = changetype<Name | null>(name.next);
  }
  return null;
}

/** The entry of a value, made when it is new; null when memory is used up. */
export function internName(scope: usize, text: usize, length: i32): Name | null {
  const found: Name | null = findName(scope, text, length);
  if (found !== null) return found;
  const address: usize = obtain(offsetof<Name>() + length);
  if (address === 0) return null;
  const name: Name = changetype<Name>(address);
  name.hash = hashOf(scope, text, length);
  name.scope = scope;
  name.length = length;
  memory.copy(nameBytes(name), text, length);
  const bucket: usize = bucketOf(name.hash);
  name.next = load<usize>(bucket);
  store<usize>(bucket, address);
  return name;
}

function hashOf(scope: usize, text: usize, length: i32): i32 {
  return hashBytes(HASH_SEED ^ <i32>scope, <i32>text, length);
}

function bucketOf(hash: i32): usize {
  return buckets + 4 * (<u32>(hash ^ (hash >>> 15)) & (BUCKETS - 1));
}
