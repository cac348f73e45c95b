// SPDX-License-Identifier: Apache-2.0
/**
 * What is kept for one vendor by name: its totals, and which pools and destinations have a series of their own.
 * Beyond the limits a value becomes `other`, so totals stay exact. Does not find out which vendor a stream belongs to.
 */
import { equalsText, HASH_SEED, hashBytes, writeText } from "./core/bytes.ts";
import * as contract from "./core/contract.ts";
import * as families from "./core/families.ts";
import { forget, observe, SKETCH_SIZE } from "./core/sketch.ts";
import { obtain } from "./heap.ts";
import { findName, internName, Name } from "./names.ts";
import { add, ensureSeries, Series, seriesLeft } from "./series.ts";

@unmanaged
export class VendorState {
  /** Name entry of the vendor. */
  name: usize;
  requests: Series | null;
  sent: Series | null;
  received: Series | null;
  destinations: i32;
  pools: i32;
  extras: i32;
  /** Sketch over the destinations that have no slot, 0 before the first of them. */
  sketch: usize;
}

/** Scopes of values that belong to a vendor; name entries are aligned, so their low bits are free. */
const POOL_SCOPE: usize = 1;
const EXTRA_SCOPE: usize = 2;
const COUNTRY_SCOPE: usize = 3;

/** Requests that a destination must surely have had to get one of the reserve slots. */
const HEAVY: i32 = 50;

const text: usize = memory.data(64);

let other: usize = 0;
let unknown: usize = 0;
let none: usize = 0;
let mostDestinations: i32 = 25;
let mostPools: i32 = 10;
let reserve: i32 = 4;
let overflow: Series | null = null;

/** Entry of a constant value. */
export function constantName(value: string): usize {
  return changetype<usize>(internName(0, text, writeText(<i32>text, value)));
}

export function otherName(): usize {
  if (other === 0) other = constantName(contract.VALUE_OTHER);
  return other;
}

export function unknownName(): usize {
  if (unknown === 0) unknown = constantName(contract.VALUE_UNKNOWN);
  return unknown;
}

export function noneName(): usize {
  if (none === 0) none = constantName(contract.VALUE_NONE);
  return none;
}

/** Slots of a vendor: destinations, first come; those kept for heavy hitters that come later; pools. */
export function limitSlots(destinations: i32, reserved: i32, pools: i32): void {
  mostDestinations = destinations;
  reserve = reserved;
  mostPools = pools;
}

/** State of a vendor, made with its totals at 0 when it is new; null when memory is used up. */
export function vendorState(name: usize): VendorState | null {
  if (name === 0) return null;
  const entry: Name = changetype<Name>(name);
  if (entry.state !== 0) return changetype<VendorState>(entry.state);
  const address: usize = obtain(offsetof<VendorState>());
  if (address === 0) return null;
  entry.state = address;
  const state: VendorState = changetype<VendorState>(address);
  state.name = name;
  state.requests = ensureSeries(families.VENDOR_REQUESTS, 0, name, 0, 0, 0);
  state.sent = ensureSeries(families.VENDOR_SENT, 0, name, 0, 0, 0);
  state.received = ensureSeries(families.VENDOR_RECEIVED, 0, name, 0, 0, 0);
  return state;
}

/** Entry of a destination: its own while the vendor has room, else `other`; `unknown` when there is no text. */
export function destinationName(vendor: VendorState, host: usize, length: i32): usize {
  if (length === 0) return unknownName();
  const found: Name | null = findName(vendor.name, host, length);
  if (found !== null) return changetype<usize>(found);
  if (seriesLeft() && (vendor.destinations < mostDestinations || earnsReserve(vendor, host, length))) {
    const made: usize = changetype<usize>(internName(vendor.name, host, length));
    if (made !== 0) {
      vendor.destinations++;
      return made;
    }
  }
  if (overflow === null) overflow = ensureSeries(families.SELF_OVERFLOW, 0, 0, 0, 0, 0);
  add(overflow, 1);
  return otherName();
}

/** Whether a destination without a slot is so frequent that it gets one of the reserve. */
function earnsReserve(vendor: VendorState, host: usize, length: i32): bool {
  if (vendor.destinations >= mostDestinations + reserve) return false;
  if (vendor.sketch === 0) vendor.sketch = obtain(SKETCH_SIZE);
  if (vendor.sketch === 0) return false;
  const hash: i32 = hashBytes(HASH_SEED, <i32>host, length);
  if (observe(<i32>vendor.sketch, hash) < HEAVY) return false;
  forget(<i32>vendor.sketch, hash);
  return true;
}

/** Entry of a pool: its own while the vendor has room, else `other`; `none` when there is no text. */
export function poolName(vendor: VendorState, pool: usize, length: i32): usize {
  if (length === 0) return noneName();
  const found: Name | null = findName(vendor.name | POOL_SCOPE, pool, length);
  if (found !== null) return changetype<usize>(found);
  const made: usize = vendor.pools < mostPools ? newName(vendor.name | POOL_SCOPE, pool, length) : 0;
  if (made === 0) return otherName();
  vendor.pools++;
  return made;
}

/** Entry of the extra label's value, bounded as pools are; 0 when there is no text. */
export function extraName(vendor: VendorState, value: usize, length: i32): usize {
  if (length === 0) return 0;
  const found: Name | null = findName(vendor.name | EXTRA_SCOPE, value, length);
  if (found !== null) return changetype<usize>(found);
  const made: usize = vendor.extras < mostPools ? newName(vendor.name | EXTRA_SCOPE, value, length) : 0;
  if (made === 0) return otherName();
  vendor.extras++;
  return made;
}

function newName(scope: usize, value: usize, length: i32): usize {
  return seriesLeft() ? changetype<usize>(internName(scope, value, length)) : 0;
}

/** Entry of a destination that another VM has let in. */
export function restoreDestination(vendor: usize, host: usize, length: i32): usize {
  if (length === 0 || vendor === 0) return 0;
  if (isConstant(host, length)) return constantEntry(host, length);
  const before: Name | null = findName(vendor, host, length);
  if (before !== null) return changetype<usize>(before);
  const state: VendorState | null = vendorState(vendor);
  if (state !== null) state.destinations++;
  return changetype<usize>(internName(vendor, host, length));
}

export function restorePool(vendor: usize, pool: usize, length: i32): usize {
  if (length === 0 || vendor === 0) return 0;
  if (isConstant(pool, length)) return constantEntry(pool, length);
  const before: Name | null = findName(vendor | POOL_SCOPE, pool, length);
  if (before !== null) return changetype<usize>(before);
  const state: VendorState | null = vendorState(vendor);
  if (state !== null) state.pools++;
  return changetype<usize>(internName(vendor | POOL_SCOPE, pool, length));
}

/** Entry of an auxiliary label that another VM has let in: a country, or a value of the extra label. */
export function restoreAuxiliary(vendor: usize, extra: bool, value: usize, length: i32): usize {
  if (length === 0) return 0;
  if (isConstant(value, length)) return constantEntry(value, length);
  if (!extra) return changetype<usize>(internName(COUNTRY_SCOPE, value, length));
  const before: Name | null = findName(vendor | EXTRA_SCOPE, value, length);
  if (before !== null) return changetype<usize>(before);
  const state: VendorState | null = vendorState(vendor);
  if (state !== null) state.extras++;
  return changetype<usize>(internName(vendor | EXTRA_SCOPE, value, length));
}

/** Countries belong to no vendor, so that one entry serves all. */
export function countryName(value: usize, length: i32): usize {
  return length === 0 ? 0 : changetype<usize>(internName(COUNTRY_SCOPE, value, length));
}

function isConstant(value: usize, length: i32): bool {
  const at: i32 = <i32>value;
  return (
    equalsText(at, length, contract.VALUE_OTHER) ||
    equalsText(at, length, contract.VALUE_UNKNOWN) ||
    equalsText(at, length, contract.VALUE_NONE)
  );
}

function constantEntry(value: usize, length: i32): usize {
  return changetype<usize>(internName(0, value, length));
}
