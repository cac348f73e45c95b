// SPDX-License-Identifier: Apache-2.0
/**
 * Every stat that this VM feeds: found by its labels, defined once, its increments summed here and given to the host
 * in batches. Bounds how many there are. Does not decide label values.
 */
import { familyType } from "./core/families.ts";
import { defineMetric, incrementMetric, recordMetric } from "./as-proxy-wasm/host.ts";
import { obtain } from "./heap.ts";
import { shareSeries } from "./shared-series.ts";
import { statName, writeStatName } from "./stat-names.ts";

@unmanaged
export class Series {
  next: usize;
  nextDirty: usize;
  dirty: i32;
  /** Identifier of the host, -1 where it refused. */
  id: i32;
  /** Increments that the host was not told yet. */
  pending: f64;
  family: i32;
  packed: i32;
  vendor: usize;
  pool: usize;
  destination: usize;
  /** Country of the country families, the extra label of the others; 0 for none. */
  auxiliary: usize;
}

const BUCKETS: u32 = 1024;
const buckets: usize = memory.data(4096);

let dirtyList: usize = 0;
let defined: i32 = 0;
let limit: i32 = 600;

/** Series of this VM, and how many it may have; what exists stays. */
export function seriesCount(): i32 {
  return defined;
}

export function limitSeries(most: i32): void {
  limit = most;
}

export function seriesLeft(): bool {
  return defined < limit;
}

/** Labels with few values, packed into one word. `version` is 0, 10, 11 or 20; `code` 0 to 1023. */
export function packRequest(protocol: i32, version: i32, code: i32, outcome: i32): i32 {
  return protocol | (version << 3) | (code << 8) | (outcome << 18);
}

export function packKind(kind: i32): i32 {
  return kind << 22;
}

export function packResult(result: i32): i32 {
  return result << 23;
}

export function packReason(reason: i32): i32 {
  return reason << 25;
}

export function packedProtocol(packed: i32): i32 {
  return packed & 7;
}

export function packedVersion(packed: i32): i32 {
  return (packed >> 3) & 31;
}

export function packedCode(packed: i32): i32 {
  return (packed >> 8) & 1023;
}

export function packedOutcome(packed: i32): i32 {
  return (packed >> 18) & 15;
}

export function packedKind(packed: i32): i32 {
  return (packed >> 22) & 1;
}

export function packedResult(packed: i32): i32 {
  return (packed >> 23) & 3;
}

export function packedReason(packed: i32): i32 {
  return (packed >> 25) & 3;
}

/** The series with these labels if it exists. */
export function findSeries(
  family: i32,
  packed: i32,
  vendor: usize,
  pool: usize,
  destination: usize,
  auxiliary: usize,
): Series | null {
  let series: Series | null = changetype<Series | null>(
    load<usize>(bucketOf(family, packed, vendor, pool, destination, auxiliary)),
  );
  while (series !== null) {
    if (
      series.packed === packed &&
      series.destination === destination &&
      series.family === family &&
      series.vendor === vendor &&
      series.pool === pool &&
      series.auxiliary === auxiliary
    ) {
      return series;
    }
    series = changetype<Series | null>(series.next);
  }
  return null;
}

/** The series with these labels, defined when it is new whatever the limit says; null when memory is used up. */
export function ensureSeries(
  family: i32,
  packed: i32,
  vendor: usize,
  pool: usize,
  destination: usize,
  auxiliary: usize,
): Series | null {
  const found: Series | null = findSeries(family, packed, vendor, pool, destination, auxiliary);
  if (found !== null) return found;
  const series: Series | null = addSeries(family, packed, vendor, pool, destination, auxiliary);
  if (series !== null) shareSeries(series);
  return series;
}

/** Makes a series that does not exist yet and defines its stat. */
export function addSeries(
  family: i32,
  packed: i32,
  vendor: usize,
  pool: usize,
  destination: usize,
  auxiliary: usize,
): Series | null {
  const address: usize = obtain(offsetof<Series>());
  if (address === 0) return null;
  const series: Series = changetype<Series>(address);
  series.family = family;
  series.packed = packed;
  series.vendor = vendor;
  series.pool = pool;
  series.destination = destination;
  series.auxiliary = auxiliary;
  const bucket: usize = bucketOf(family, packed, vendor, pool, destination, auxiliary);
  series.next = load<usize>(bucket);
  store<usize>(bucket, address);
  series.id = defineMetric(familyType(family), statName, writeStatName(series));
  defined++;
  return series;
}

/** Adds to a counter; the host hears of it at the next flush. */
export function add(series: Series | null, amount: f64): void {
  if (series === null) return;
  series.pending += amount;
  if (series.dirty !== 0) return;
  series.dirty = 1;
  series.nextDirty = dirtyList;
  dirtyList = changetype<usize>(series);
}

/** Changes a gauge by an amount of either sign, or sets it; at once. */
export function shift(series: Series | null, amount: i64): void {
  if (series !== null && series.id >= 0) incrementMetric(series.id, amount);
}

/** Sets a gauge, or adds a sample to a histogram; at once. */
export function record(series: Series | null, value: f64): void {
  if (series !== null && series.id >= 0) recordMetric(series.id, value > 0 ? <i64>value : 0);
}

/** Gives the host everything that is pending. */
export function flush(): void {
  while (dirtyList !== 0) {
    const series: Series = changetype<Series>(dirtyList);
    dirtyList = series.nextDirty;
    series.dirty = 0;
    const amount: i64 = <i64>series.pending;
    series.pending -= <f64>amount;
    if (series.id >= 0 && amount > 0) incrementMetric(series.id, amount);
  }
}

function bucketOf(family: i32, packed: i32, vendor: usize, pool: usize, destination: usize, auxiliary: usize): usize {
  let hash: u32 = (<u32>packed ^ ((<u32>family) << 27)) * 0x9e3779b1;
  hash = (hash ^ <u32>destination) * 0x85ebca6b;
  hash = (hash ^ <u32>vendor ^ ((<u32>pool) << 3) ^ ((<u32>auxiliary) << 7)) * 0xc2b2ae35;
  return buckets + 4 * ((hash ^ (hash >> 15)) & (BUCKETS - 1));
}
