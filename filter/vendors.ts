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
import { restoreSeries } from "./shared-series.ts";

@unmanaged
export class VendorState {
  /** Name entry of the vendor. */
  name: usize;
  requests: Series | null;
  sent: Series | null;
  received: Series | null;
  /** How many values of each kind have series of their own, in the order of the kinds. */
  destinations: i32;
  pools: i32;
  extras: i32;
  countries: i32;
  /** Sketch over the destinations that have no slot, 0 before the first of them. */
  sketch: usize;
}

/** Kinds of values that belong to a vendor. Name entries are aligned, so vendor and kind together make a scope. */
export const DESTINATIONS: i32 = 0;
export const POOLS: i32 = 1;
export const EXTRAS: i32 = 2;
export const COUNTRIES: i32 = 3;

/** Countries of a vendor that have series of their own. */
const MOST_COUNTRIES: i32 = 64;

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
  const own: usize = slotName(vendor, DESTINATIONS, host, length);
  if (own !== 0) return own;
  if (overflow === null) overflow = ensureSeries(families.SELF_OVERFLOW, 0, 0, 0, 0, 0);
  add(overflow, 1);
  return otherName();
}

/** Entry of a pool: its own while the vendor has room, else `other`; `none` when there is no text. */
export function poolName(vendor: VendorState, pool: usize, length: i32): usize {
  return length === 0 ? noneName() : ownOrOther(slotName(vendor, POOLS, pool, length));
}

/** Entry of the extra label's value, bounded as pools are; 0 when there is no text. */
export function extraName(vendor: VendorState, value: usize, length: i32): usize {
  return length === 0 ? 0 : ownOrOther(slotName(vendor, EXTRAS, value, length));
}

/** Entry of a country; 0 when there is no text. */
export function countryName(vendor: VendorState, value: usize, length: i32): usize {
  return length === 0 ? 0 : ownOrOther(slotName(vendor, COUNTRIES, value, length));
}

function ownOrOther(own: usize): usize {
  return own !== 0 ? own : otherName();
}

/** Entry of a value that has series of its own, let in if there is room; 0 when there is none. */
function slotName(vendor: VendorState, kind: i32, value: usize, length: i32): usize {
  const known: Name | null = findName(vendor.name | kind, value, length);
  if (known !== null) return changetype<usize>(known);
  if (!seriesLeft()) return 0;
  const reserved: bool = used(vendor, kind) >= most(kind);
  if (reserved && (kind !== DESTINATIONS || !earnsReserve(vendor, value, length))) return 0;
  // Limits hold for the pod: other workers may have used the room since this one heard of them.
  restoreSeries();
  const shared: Name | null = findName(vendor.name | kind, value, length);
  if (shared !== null) return changetype<usize>(shared);
  if (used(vendor, kind) >= most(kind) + (reserved ? reserve : 0)) return 0;
  return admit(vendor, kind, value, length);
}

function admit(vendor: VendorState, kind: i32, value: usize, length: i32): usize {
  const made: usize = changetype<usize>(internName(vendor.name | kind, value, length));
  if (made !== 0) store<i32>(counter(vendor, kind), used(vendor, kind) + 1);
  return made;
}

/** The counts of a vendor's values stand one after the other, by kind. */
function counter(vendor: VendorState, kind: i32): usize {
  return changetype<usize>(vendor) + offsetof<VendorState>("destinations") + 4 * kind;
}

function used(vendor: VendorState, kind: i32): i32 {
  return load<i32>(counter(vendor, kind));
}

function most(kind: i32): i32 {
  if (kind === DESTINATIONS) return mostDestinations;
  return kind === COUNTRIES ? MOST_COUNTRIES : mostPools;
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

/** Entry of a value that another VM has let in; 0 where the record has none. */
export function restoreSlot(vendor: usize, kind: i32, value: usize, length: i32): usize {
  if (length === 0 || vendor === 0) return 0;
  if (isConstant(value, length)) return changetype<usize>(internName(0, value, length));
  const known: Name | null = findName(vendor | kind, value, length);
  if (known !== null) return changetype<usize>(known);
  const state: VendorState | null = vendorState(vendor);
  return state === null ? 0 : admit(state, kind, value, length);
}

function isConstant(value: usize, length: i32): bool {
  const at: i32 = <i32>value;
  return (
    equalsText(at, length, contract.VALUE_OTHER) ||
    equalsText(at, length, contract.VALUE_UNKNOWN) ||
    equalsText(at, length, contract.VALUE_NONE)
  );
}
