// SPDX-License-Identifier: Apache-2.0
/**
 * The list of all series that any VM of this process has defined, kept in the host's shared data.
 * Envoy drops a stat with the last VM that defined it; so a VM that starts defines everything in the list again, and
 * counters survive a new module. Records are in chunks, each appended to under compare-and-swap.
 */
import { answer, answerCas, answerLength, readShared, writeShared } from "./as-proxy-wasm/host.ts";
import { resetScratch } from "./as-proxy-wasm/memory.ts";
import { writeDecimal, writeText } from "./core/bytes.ts";
import * as contract from "./core/contract.ts";
import { FAMILIES, familyLabels, HAS_EXTRA } from "./core/families.ts";
import { internName, Name, nameBytes } from "./names.ts";
import { addSeries, findSeries, Series } from "./series.ts";
import { restoreAuxiliary, restoreDestination, restorePool } from "./vendors.ts";

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

let lastChunk: i32 = 0;
let restoring: bool = false;

/** Defines every series of the list that this VM does not know yet. */
export function restoreSeries(): void {
  restoring = true;
  for (let index: i32 = 0; index < MOST_CHUNKS; index++) {
    resetScratch();
    if (!readShared(key, writeKey(index))) break;
    lastChunk = index;
    const length: i32 = answerLength < CHUNK_CAPACITY ? answerLength : CHUNK_CAPACITY;
    memory.copy(chunk, answer, length);
    restoreChunk(length);
  }
  restoring = false;
}

/** Appends a series to the list. What can't be appended is only not restored. */
export function shareSeries(series: Series): void {
  if (restoring) return;
  const size: i32 = writeRecord(series);
  for (let attempt: i32 = 0; attempt < ATTEMPTS && lastChunk < MOST_CHUNKS; attempt++) {
    resetScratch();
    const found: bool = readShared(key, writeKey(lastChunk));
    const length: i32 = found ? answerLength : 0;
    if (length + size > CHUNK_CAPACITY) {
      lastChunk++;
      continue;
    }
    memory.copy(chunk, answer, length);
    memory.copy(chunk + length, record, size);
    if (writeShared(key, writeKey(lastChunk), chunk, length + size, found ? answerCas : ABSENT)) return;
  }
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
  let at: i32 = 0;
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
  const pool: usize = restorePool(vendor, readText(), readLength);
  const destination: usize = restoreDestination(vendor, readText(), readLength);
  const auxiliary: usize = restoreAuxiliary(vendor, hasExtra(family), readText(), readLength);
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
