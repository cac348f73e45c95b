// SPDX-License-Identifier: Apache-2.0
/**
 * The ledger of a connection: its requests that are over, as a short list of parts, published as filter state for the
 * access log when the connection ends and, while it is open, at every tick. Only where the configuration asks for it.
 */
import { speakOf, writeProperty } from "./as-proxy-wasm/host.ts";
import { writeText } from "./core/bytes.ts";
import { STATE_LEDGER } from "./core/contract.ts";
import { KIND_TLS_HANDSHAKE } from "./core/families.ts";
import { Exchange, moment } from "./exchange.ts";
import { forgetKind, putFolds, putOrFold, startParts } from "./ledger-fold.ts";
import { addHandshake, countInPart, isSameKind, mergePart, obtainPart, Part, releasePart } from "./ledger-part.ts";
import { endLedger, ledgerLength, ledgerText, putPart, startLedger } from "./ledger-text.ts";
import { firstStream, Stream, STREAM_LISTS } from "./streams.ts";

/** Kinds that a connection keeps apart; what it does beyond them is told apart by outcome alone. */
const MOST_PARTS: i32 = 11;
const OPEN: i32 = -1;

const path: usize = memory.data(32);

/** Gives an exchange that has just begun its part. */
export function openPart(exchange: Exchange): void {
  exchange.part = obtainPart();
}

/** Bytes of a TLS handshake that came before the exchange was known. */
export function noteEarlyHandshake(exchange: Exchange, sent: f64, received: f64): void {
  if (exchange.part !== null) addHandshake(<Part>exchange.part, KIND_TLS_HANDSHAKE, sent, received);
}

/** The exchange takes no more bytes: its part joins those of its kind. */
export function settlePart(stream: Stream, exchange: Exchange): void {
  const part: Part | null = exchange.part;
  if (part === null) return;
  exchange.part = null;
  describe(part, exchange, exchange.outcome);
  let same: Part | null = findSame(stream, part);
  if (same === null && stream.partCount >= MOST_PARTS) {
    forgetKind(part, stream.announced - 1);
    same = findSame(stream, part);
  }
  if (same === null) {
    append(stream, part);
  } else {
    mergePart(same, part);
    releasePart(part);
  }
}

/** Copies what the exchange knows of itself. */
function describe(part: Part, exchange: Exchange, outcome: i32): void {
  part.vendor = exchange.vendor.name;
  part.pool = exchange.pool;
  part.destination = exchange.destination;
  part.country = exchange.country;
  part.extra = exchange.extra;
  part.protocol = exchange.protocol;
  part.version = exchange.version;
  part.method = exchange.method;
  part.code = exchange.code;
  part.outcome = outcome;
  part.startedAt = exchange.startedAt;
  part.sent = exchange.sentBytes;
  part.received = exchange.receivedBytes;
}

function findSame(stream: Stream, part: Part): Part | null {
  let other: Part | null = stream.parts;
  while (other !== null && !isSameKind(other, part)) other = changetype<Part | null>(other.next);
  return other;
}

function append(stream: Stream, part: Part): void {
  stream.partCount++;
  let last: Part | null = stream.parts;
  if (last === null) {
    stream.parts = part;
    return;
  }
  while (last.next !== 0) last = changetype<Part>(last.next);
  last.next = changetype<usize>(part);
}

/** The connection is over, and so are all its exchanges: publishes what they came to. */
export function publishLedger(stream: Stream): void {
  if (stream.finished !== null) settlePart(stream, <Exchange>stream.finished);
  if (stream.parts === null || !startLedger()) return;
  putParts(stream);
  putFolds();
  publish();
}

/** Publishes, for the interim lines of the access log, every connection that has moved bytes since the last time. */
export function publishOpenLedgers(): void {
  for (let list: u32 = 0; list < STREAM_LISTS; list++) {
    let stream: Stream | null = firstStream(list);
    while (stream !== null) {
      if (stream.plugin.config.ledger === 1) publishOpen(stream);
      stream = changetype<Stream | null>(stream.next);
    }
  }
}

function publishOpen(stream: Stream): void {
  const bytes: f64 = bytesOf(stream);
  if (bytes === stream.publishedBytes || bytes < 0 || !startLedger() || !speakOf(stream.id)) return;
  stream.publishedBytes = bytes;
  const now: f64 = moment();
  putParts(stream);
  if (stream.finished !== null) putOpen(<Exchange>stream.finished, now);
  let exchange: Exchange | null = stream.first;
  while (exchange !== null) {
    putOpen(exchange, now);
    exchange = changetype<Exchange | null>(exchange.next);
  }
  putFolds();
  publish();
}

/**
 * The same for a request that Envoy itself passes on, at each of its callbacks: after the last one there is none before the
 * access log is written.
 *
 * @param outcome  what it would be if the request ended now
 */
export function publishRequest(id: i32, exchange: Exchange, outcome: i32, ended: bool): void {
  const part: Part | null = exchange.part;
  if (part === null || !startLedger()) return;
  describe(part, exchange, outcome);
  countInPart(part, outcome);
  if (ended && exchange.startedAt > 0) part.duration = moment() - exchange.startedAt;
  putPart(part, id);
  publish();
}

/** Bytes in both directions; -1 where there is nothing to tell yet. */
function bytesOf(stream: Stream): f64 {
  let bytes: f64 = stream.parts === null && stream.finished === null && stream.first === null ? -1 : 0;
  let part: Part | null = stream.parts;
  while (part !== null) {
    bytes += part.sent + part.received;
    part = changetype<Part | null>(part.next);
  }
  const finished: Exchange | null = stream.finished;
  if (finished !== null) bytes += finished.sentBytes + finished.receivedBytes;
  let exchange: Exchange | null = stream.first;
  while (exchange !== null) {
    bytes += exchange.sentBytes + exchange.receivedBytes;
    exchange = changetype<Exchange | null>(exchange.next);
  }
  return bytes;
}

function putParts(stream: Stream): void {
  startParts(stream.announced - 1);
  let part: Part | null = stream.parts;
  while (part !== null) {
    putOrFold(part);
    part = changetype<Part | null>(part.next);
  }
}

/** An exchange as it stands: of one that goes on, the outcome is known once it was answered. */
function putOpen(exchange: Exchange, now: f64): void {
  const part: Part | null = exchange.part;
  if (part === null) return;
  const isOver: bool = part.duration > 0;
  describe(part, exchange, isOver || exchange.answered === 1 ? exchange.outcome : OPEN);
  const duration: f64 = part.duration;
  if (!isOver && exchange.startedAt > 0) part.duration = now - exchange.startedAt;
  putOrFold(part);
  part.duration = duration;
}

function publish(): void {
  endLedger();
  writeProperty(path, writeText(<i32>path, STATE_LEDGER), ledgerText, ledgerLength);
}
