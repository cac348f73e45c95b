// SPDX-License-Identifier: Apache-2.0
/**
 * Which vendor owns a gateway: one hash table over host names, server names, addresses and prefixes.
 * A look-up costs one probe per distinct prefix length, however many entries there are. Also holds the networks that
 * are not metered. Does not know where a host name or an address was found.
 */
import { allocate, Block } from "./block.ts";
import { equalsIgnoringCase, HASH_SEED, hashBytes, lower } from "./bytes.ts";
import { ADDRESS_SIZE, maskAddress } from "./ip-address.ts";

/** No entry, and an entry that names a network outside the meter. */
export const NO_VENDOR: i32 = -1;
export const EXCLUDED: i32 = -2;

/** Kinds of keys; those of addresses are KIND_ADDRESS plus the bits of the prefix. */
export const KIND_HOST: i32 = 1;
export const KIND_SERVER_NAME: i32 = 2;
export const KIND_ADDRESS: i32 = 16;
/** Prefixes of networks that are not metered: KIND_EXCLUDED plus bits. */
export const KIND_EXCLUDED: i32 = 160;

/** An entry is its key (an address itself, a name by address and length), kind, port (0 is any), vendor, hash. */
const ENTRY_SIZE: i32 = 32;
const ENTRY_KIND: i32 = 16;
const ENTRY_PORT: i32 = 20;
const ENTRY_VENDOR: i32 = 24;
const ENTRY_HASH: i32 = 28;
/** So many that a key that is not there finds its bit clear, 19 times of 20: a branch that processors learn. */
const FILTER_BITS: i32 = 16;

const BITS_COUNT: i32 = 129;

export class Gateways {
  /** Address of `capacity` entries. */
  entries: i32 = 0;
  /** Address of FILTER_BITS bits for each entry, one of them set by each key's hash: nearly every miss ends here. */
  filter: i32 = 0;
  /** A power of two. */
  capacity: i32 = 0;
  count: i32 = 0;
  /** Addresses of BITS_COUNT bytes: 1 where a prefix of that length exists. */
  bitsUsed: i32 = 0;
  bitsExcluded: i32 = 0;
}

const masked: i32 = i32(memory.data(ADDRESS_SIZE));

/** Bytes of a table for `expected` entries. */
export function gatewaysSpace(expected: i32): i32 {
  return capacityFor(expected) * (ENTRY_SIZE + (FILTER_BITS >> 3)) + 2 * (BITS_COUNT + 8) + 16;
}

function capacityFor(expected: i32): i32 {
  let capacity: i32 = 16;
  while (capacity < expected * 2) capacity <<= 1;
  return capacity;
}

/** Makes room for `expected` entries; false when the block is too small. */
export function startGateways(gateways: Gateways, block: Block, expected: i32): bool {
  const capacity: i32 = capacityFor(expected);
  gateways.capacity = capacity;
  gateways.count = 0;
  gateways.entries = allocate(block, capacity * ENTRY_SIZE);
  gateways.filter = allocate(block, (capacity >> 3) * FILTER_BITS);
  gateways.bitsUsed = allocate(block, BITS_COUNT);
  gateways.bitsExcluded = allocate(block, BITS_COUNT);
  return block.exhausted === 0;
}

/** Adds an entry, replacing an equal one; the bytes of a name must live as long as the table. False when the table is full. */
export function addGateway(gateways: Gateways, kind: i32, key: i32, length: i32, port: i32, vendor: i32): bool {
  if (gateways.count * 4 >= gateways.capacity * 3) return false;
  const hash: i32 = hashKey(kind, key, length, port);
  const entry: i32 = slotFor(gateways, kind, key, length, port, hash);
  if (i32.load(entry, ENTRY_KIND) === 0) gateways.count++;
  const bit: i32 = filterBit(gateways, hash);
  i32.store8(gateways.filter + (bit >> 3), i32.load8_u(gateways.filter + (bit >> 3)) | (1 << (bit & 7)));
  if (kind >= KIND_ADDRESS) {
    memory.copy(entry, key, ADDRESS_SIZE);
  } else {
    i32.store(entry, key);
    i32.store(entry, length, 4);
  }
  i32.store(entry, kind, ENTRY_KIND);
  i32.store(entry, port, ENTRY_PORT);
  i32.store(entry, vendor, ENTRY_VENDOR);
  i32.store(entry, hash, ENTRY_HASH);
  if (kind >= KIND_EXCLUDED) i32.store8(gateways.bitsExcluded + kind - KIND_EXCLUDED, 1);
  else if (kind >= KIND_ADDRESS) i32.store8(gateways.bitsUsed + kind - KIND_ADDRESS, 1);
  return true;
}

/** Vendor of a name (KIND_HOST or KIND_SERVER_NAME) at a port; an entry for the port comes before one for any port. */
export function vendorOfName(gateways: Gateways, kind: i32, name: i32, length: i32, port: i32): i32 {
  const exact: i32 = find(gateways, kind, name, length, port);
  return exact !== NO_VENDOR || port === 0 ? exact : find(gateways, kind, name, length, 0);
}

/** Vendor of a 16-byte address at a port, longest prefix first; EXCLUDED for networks that are not metered. */
export function vendorOfAddress(gateways: Gateways, address: i32, port: i32): i32 {
  const vendor: i32 = longestPrefix(gateways, gateways.bitsUsed, KIND_ADDRESS, address, port);
  return vendor !== NO_VENDOR ? vendor : longestPrefix(gateways, gateways.bitsExcluded, KIND_EXCLUDED, address, 0);
}

function longestPrefix(gateways: Gateways, bitsUsed: i32, kind: i32, address: i32, port: i32): i32 {
  if (gateways.count === 0) return NO_VENDOR;
  memory.copy(masked, address, ADDRESS_SIZE);
  for (let bits: i32 = 128; bits >= 0; bits--) {
    if (i32.load8_u(bitsUsed + bits) === 0) continue;
    maskAddress(masked, bits);
    const vendor: i32 = vendorOfName(gateways, kind + bits, masked, ADDRESS_SIZE, port);
    if (vendor !== NO_VENDOR) return vendor;
  }
  return NO_VENDOR;
}

function find(gateways: Gateways, kind: i32, key: i32, length: i32, port: i32): i32 {
  if (gateways.count === 0) return NO_VENDOR;
  const hash: i32 = hashKey(kind, key, length, port);
  const bit: i32 = filterBit(gateways, hash);
  if ((i32.load8_u(gateways.filter + (bit >> 3)) & (1 << (bit & 7))) === 0) return NO_VENDOR;
  const entry: i32 = slotFor(gateways, kind, key, length, port, hash);
  return i32.load(entry, ENTRY_KIND) === 0 ? NO_VENDOR : i32.load(entry, ENTRY_VENDOR);
}

/** The entry with this key, or the empty one where it belongs; the table is never full. */
function slotFor(gateways: Gateways, kind: i32, key: i32, length: i32, port: i32, hash: i32): i32 {
  const mask: i32 = gateways.capacity - 1;
  let index: i32 = hash & mask;
  let entry: i32 = gateways.entries + index * ENTRY_SIZE;
  while (i32.load(entry, ENTRY_KIND) !== 0 && !matches(entry, kind, key, length, port, hash)) {
    index = (index + 1) & mask;
    entry = gateways.entries + index * ENTRY_SIZE;
  }
  return entry;
}

/** Taken from bits of the hash that do not choose the entry. */
function filterBit(gateways: Gateways, hash: i32): i32 {
  return (hash >>> 12) & (gateways.capacity * FILTER_BITS - 1);
}

function matches(entry: i32, kind: i32, key: i32, length: i32, port: i32, hash: i32): bool {
  return (
    i32.load(entry, ENTRY_KIND) === kind &&
    i32.load(entry, ENTRY_HASH) === hash &&
    i32.load(entry, ENTRY_PORT) === port &&
    sameKey(entry, kind, key, length)
  );
}

function sameKey(entry: i32, kind: i32, key: i32, length: i32): bool {
  if (kind >= KIND_ADDRESS) return sameAddress(entry, key);
  return equalsIgnoringCase(i32.load(entry), i32.load(entry, 4), key, length);
}

function sameAddress(a: i32, b: i32): bool {
  return (
    i32.load(a) === i32.load(b) &&
    i32.load(a, 4) === i32.load(b, 4) &&
    i32.load(a, 8) === i32.load(b, 8) &&
    i32.load(a, 12) === i32.load(b, 12)
  );
}

function hashKey(kind: i32, key: i32, length: i32, port: i32): i32 {
  let hash: i32 = HASH_SEED ^ (kind << 16) ^ port;
  if (kind >= KIND_ADDRESS) return spread(hashBytes(hash, key, length));
  for (let i: i32 = 0; i < length; i++) hash = i32.mul(hash ^ lower(i32.load8_u(key + i)), 0x01000193);
  return spread(hash);
}

/** Mixes high bits into the low ones, which choose the slot. */
function spread(hash: i32): i32 {
  const mixed: i32 = i32.mul(hash ^ (hash >> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >> 13);
}
