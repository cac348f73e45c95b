// SPDX-License-Identifier: Apache-2.0
/**
 * The network plugin: takes the bytes of one TCP connection through its readers and puts every one of them on the
 * exchange it belongs to. Reads only what a reader asks for; tunnels are counted by size alone.
 * Host callbacks come in through `index.ts`.
 */
import { answer, answerLength, readBuffer, WINDOW_SIZE } from "./as-proxy-wasm/host.ts";
import { BUFFER_DOWNSTREAM_DATA, BUFFER_UPSTREAM_DATA } from "./as-proxy-wasm/types.ts";
import { attribute } from "./attribution.ts";
import {
  advanceReceived,
  advanceSent,
  inHandshake,
  readingOver,
  receivedSkippable,
  sentBelongs,
  sentSkippable,
  skipReceived,
  skipSent,
} from "./core/connection.ts";
import { Connection, EVENT_NONE, HTTP, MODE_HTTP, MODE_SOCKS, MODE_TUNNEL } from "./core/connection-state.ts";
import { KIND_PROXY_HANDSHAKE, KIND_TLS_HANDSHAKE } from "./core/families.ts";
import {
  countRequest,
  countTurn,
  Exchange,
  overheadBytes,
  receivedBytes,
  recordFirstByte,
  sentBytes,
  moment,
} from "./exchange.ts";
import { handleReceived, handleSent } from "./network-events.ts";
import { FIRST, freeReaders, SECOND, Stream } from "./streams.ts";
import { VendorState } from "./vendors.ts";

/** Data from the pod: `size` bytes are in Envoy's buffer. */
export function downstreamData(stream: Stream, size: i32, ended: bool): void {
  if (size > 0 && metered(stream)) takeSent(stream, size);
  if (ended) stream.clientEnded = FIRST;
}

/** Data from the vendor. */
export function upstreamData(stream: Stream, size: i32, ended: bool): void {
  if (size > 0 && metered(stream)) takeReceived(stream, size);
  if (ended) stream.vendorEnded = stream.clientEnded === 1 ? SECOND : FIRST;
}

function metered(stream: Stream): bool {
  if (stream.attributed === 0) attribute(stream);
  return stream.unmetered === 0 && stream.vendor !== null;
}

function takeSent(stream: Stream, size: i32): void {
  const c: Connection = stream.connection;
  let at: i32 = 0;
  while (at < size) {
    const belongs: bool = sentBelongs(c);
    const handshake: bool = inHandshake(c);
    const free: i32 = atMost(sentSkippable(c), size - at);
    if (free > 0) {
      skipSent(c, <f64>free);
      creditSent(stream, belongs, handshake, free);
      at += free;
      continue;
    }
    if (!readBuffer(BUFFER_DOWNSTREAM_DATA, at, min(WINDOW_SIZE, size - at))) break;
    at += readSent(stream, <i32>answer, answerLength);
  }
  // What the host would not show is counted all the same.
  if (at < size) creditSent(stream, sentBelongs(c), false, size - at);
  if (readingOver(c)) freeReaders(stream);
}

/** Takes bytes of one window; returns how many. */
function readSent(stream: Stream, address: i32, length: i32): i32 {
  const c: Connection = stream.connection;
  let at: i32 = 0;
  while (at < length && sentSkippable(c) === 0) {
    const belongs: bool = sentBelongs(c);
    // The first byte of a tunnel decides whether it is a handshake, so that is asked after it was taken.
    const before: bool = inHandshake(c);
    const n: i32 = advanceSent(c, address + at, length - at);
    creditSent(stream, belongs, before || inHandshake(c), n);
    if (c.event !== EVENT_NONE) handleSent(stream);
    at += n;
  }
  return at;
}

function creditSent(stream: Stream, belongs: bool, handshake: bool, n: i32): void {
  if (n === 0) return;
  const exchange: Exchange | null = stream.sending;
  if (belongs && exchange !== null) sentBytes(exchange, <f64>n);
  else stream.sentEarly += <f64>n;
  if (handshake) overheadBytes(<VendorState>stream.vendor, exchange, KIND_TLS_HANDSHAKE, <f64>n, 0);
  else if (exchange !== null && stream.turned === 1) countSentTurn(stream, exchange);
}

/** The client speaks after the server, inside a tunnel whose handshake is over. */
function countSentTurn(stream: Stream, exchange: Exchange): void {
  if (stream.connection.mode !== MODE_TUNNEL) return;
  stream.turned = 0;
  countTurn(exchange);
}

function takeReceived(stream: Stream, size: i32): void {
  const c: Connection = stream.connection;
  noteFirstByte(stream);
  let at: i32 = 0;
  while (at < size) {
    setAnswering(stream);
    const free: i32 = atMost(receivedSkippable(c), size - at);
    if (free > 0) {
      skipReceived(c, <f64>free);
      creditReceived(stream, free, false);
      if (c.event !== EVENT_NONE) handleReceived(stream);
      at += free;
      continue;
    }
    if (!readBuffer(BUFFER_UPSTREAM_DATA, at, min(WINDOW_SIZE, size - at))) break;
    at += readReceived(stream, <i32>answer, answerLength);
  }
  if (at < size) creditReceived(stream, size - at, false);
  if (c.mode === MODE_TUNNEL) stream.turned = 1;
}

function readReceived(stream: Stream, address: i32, length: i32): i32 {
  const c: Connection = stream.connection;
  let at: i32 = 0;
  while (at < length && receivedSkippable(c) === 0) {
    const opening: bool = c.opening === 1;
    const n: i32 = advanceReceived(c, address + at, length - at);
    creditReceived(stream, n, opening);
    if (c.event !== EVENT_NONE) handleReceived(stream);
    at += n;
    setAnswering(stream);
  }
  return at;
}

/** Tells the reader which kind of request the gateway answers next. */
function setAnswering(stream: Stream): void {
  const first: Exchange | null = stream.first;
  stream.connection.answering = first === null ? -1 : first.method;
}

function creditReceived(stream: Stream, n: i32, opening: bool): void {
  if (n === 0) return;
  const exchange: Exchange | null = stream.first !== null ? stream.first : stream.finished;
  if (exchange !== null) receivedBytes(exchange, <f64>n);
  else stream.receivedEarly += <f64>n;
  const c: Connection = stream.connection;
  const vendor: VendorState = <VendorState>stream.vendor;
  if (opening && exchange !== null && exchange.protocol !== HTTP)
    overheadBytes(vendor, exchange, KIND_PROXY_HANDSHAKE, 0, <f64>n);
  else if (inHandshake(c)) overheadBytes(vendor, exchange, KIND_TLS_HANDSHAKE, 0, <f64>n);
}

/** The first byte through a tunnel, or on a connection whose requests can't be read: that is the answer. */
function noteFirstByte(stream: Stream): void {
  const exchange: Exchange | null = stream.first;
  const mode: i32 = stream.connection.mode;
  if (exchange === null || exchange.firstByteSeen === 1 || mode === MODE_HTTP || mode === MODE_SOCKS) return;
  recordFirstByte(exchange, exchange.openAt, moment());
  countRequest(exchange);
}

function atMost(limit: f64, n: i32): i32 {
  return limit < <f64>n ? <i32>limit : n;
}
