// SPDX-License-Identifier: Apache-2.0
/**
 * The list of all series that any VM of this process has defined, kept in the host's shared data.
 * Envoy drops a stat with the last VM that defined it; so a VM that starts defines everything in the list again, and
 * counters survive a new module. Records are in chunks, each appended to under compare-and-swap.
 */
import {
  answerCas,
  answerLength,
  dequeue,
  enqueue,
  readSharedInto,
  registerQueue,
  writeShared,
} from "./as-proxy-wasm/host.ts";
import { resetScratch } from "./as-proxy-wasm/memory.ts";
import { writeDecimal, writeText } from "./core/bytes.ts";
import * as contract from "./core/contract.ts";
import { FAMILIES, familyLabels, HAS_EXTRA } from "./core/families.ts";
import { internName, Name, nameBytes } from "./names.ts";
import { addSeries, findSeries, Series } from "./series.ts";
import { COUNTRIES, DESTINATIONS, EXTRAS, POOLS, restoreSlot } from "./vendors.ts";

/** Changes whenever families or records change their meaning; a list of another format is left alone. */
const FORMAT: string = "1/";
const CHUNK_CAPACITY: i32 = 8192;
const RECORD_CAPACITY: i32 = 640;
const MOST_CHUNKS: i32 = 1024;
const ATTEMPTS: i32 = 8;
/** No version of a value: a write under it only succeeds where the key does not exist. */
const ABSENT: i32 = -1;

const key: usize = memory.data(64);
const chunk: usize = memory.data(8192);
const record: usize = memory.data(640);
const spare: usize = memory.data(8192);

let restoring: bool = false;
let queue: i32 = 0;

/** Up to where this VM knows the list: the chunk, and the bytes of it that were read. */
let knownChunk: i32 = 0;
let knownLength: i32 = 0;

/**
 * From now on this VM is told when another one appends to the list: the VM of the module before may still meet new
 * destinations while its last connections run, and their stats would go with it.
 */
export function followSeries(): void {
  queue = registerQueue(key, writeText(<i32>key, contract.SHARED_SERIES));
}

/** The list has grown. */
export function seriesQueued(token: i32): void {
  while (dequeue(token)) resetScratch();
  restoreSeries();
}

/** Defines every series of the list that this VM does not know yet. */
export function restoreSeries(): void {
  restoring = true;
  while (knownChunk < MOST_CHUNKS && readSharedInto(key, writeKey(knownChunk), chunk, CHUNK_CAPACITY)) {
    const length: i32 = answerLength;
    restoreChunk(length);
    knownLength = length;
    if (!sharedExists(knownChunk + 1)) break;
    knownChunk++;
    knownLength = 0;
  }
  restoring = false;
}

/** Appends a series to the list. What can't be appended is only not restored. */
export function shareSeries(series: Series): void {
  if (restoring) return;
  const size: i32 = writeRecord(series);
  let index: i32 = knownChunk;
  for (let attempt: i32 = 0; attempt < ATTEMPTS && index < MOST_CHUNKS; attempt++) {
    const found: bool = readSharedInto(key, writeKey(index), chunk, CHUNK_CAPACITY);
    const length: i32 = found ? answerLength : 0;
    const cas: i32 = found ? answerCas : ABSENT;
    if (length + size > CHUNK_CAPACITY) {
      index++;
      continue;
    }
    memory.copy(chunk + length, record, size);
    if (!writeShared(key, writeKey(index), chunk, length + size, cas)) continue;
    enqueue(queue, record, 1);
    return;
  }
}

function sharedExists(index: i32): bool {
  return readSharedInto(key, writeKey(index), spare, CHUNK_CAPACITY);
}

function writeKey(index: i32): i32 {
  let n: i32 = writeText(<i32>key, contract.SHARED_SERIES);
  n += writeText(<i32>key + n, FORMAT);
  return n + writeDecimal(<i32>key + n, index);
}

/** A record: its size (2), family (1), packed labels (4), then vendor, pool, destination, auxiliary as length (2) and bytes. */
function writeRecord(series: Series): i32 {
  store<u8>(record, <u8>series.family, 2);
  store<i32>(record, series.packed, 3);
  let n: i32 = 7;
  n = writeName(n, series.vendor);
  n = writeName(n, series.pool);
  n = writeName(n, series.destination);
  n = writeName(n, series.auxiliary);
  store<u16>(record, <u16>n);
  return n;
}

function writeName(at: i32, value: usize): i32 {
  const length: i32 = value === 0 ? 0 : changetype<Name>(value).length;
  const kept: i32 = at + 2 + length <= RECORD_CAPACITY - 8 ? length : 0;
  store<u16>(record + at, <u16>kept);
  if (kept > 0) memory.copy(record + at + 2, nameBytes(changetype<Name>(value)), kept);
  return at + 2 + kept;
}

let readAt: usize = 0;
let readEnd: usize = 0;

function restoreChunk(length: i32): void {
  let at: i32 = knownLength;
  while (at + 7 <= length) {
    const size: i32 = load<u16>(chunk + at);
    if (size < 7 || at + size > length) return;
    readAt = chunk + at + 7;
    readEnd = chunk + at + size;
    restoreRecord(load<u8>(chunk + at, 2), load<i32>(chunk + at, 3));
    at += size;
  }
}

function restoreRecord(family: i32, packed: i32): void {
  if (family >= FAMILIES) return;
  const vendor: usize = readName(0);
  const pool: usize = restoreSlot(vendor, POOLS, readText(), readLength);
  const destination: usize = restoreSlot(vendor, DESTINATIONS, readText(), readLength);
  const auxiliary: usize = restoreSlot(vendor, hasExtra(family) ? EXTRAS : COUNTRIES, readText(), readLength);
  if (findSeries(family, packed, vendor, pool, destination, auxiliary) === null) {
    addSeries(family, packed, vendor, pool, destination, auxiliary);
  }
}

function hasExtra(family: i32): bool {
  return (familyLabels(family) & HAS_EXTRA) !== 0;
}

let readLength: i32 = 0;

/** Address of the next text of the record; its length is left in `readLength`. */
function readText(): usize {
  readLength = readAt + 2 <= readEnd ? load<u16>(readAt) : 0;
  const text: usize = readAt + 2;
  if (text + readLength > readEnd) readLength = 0;
  readAt = text + readLength;
  return text;
}

function readName(scope: usize): usize {
  const text: usize = readText();
  return readLength === 0 ? 0 : changetype<usize>(internName(scope, text, readLength));
}
