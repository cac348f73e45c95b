// SPDX-License-Identifier: Apache-2.0
/**
 * One proxy request and what it costs: its series, the bytes of both directions, its times, and how it ended.
 * Every byte is added to the vendor's total and to exactly one destination. Does not read bytes.
 */
import { nowMilliseconds } from "./as-proxy-wasm/host.ts";
import { TLS } from "./core/connection-state.ts";
import * as families from "./core/families.ts";
import { OK, resultOf } from "./core/outcome.ts";
import { obtain, release } from "./heap.ts";
import { addHandshake, countInPart, Part, releasePart } from "./ledger-part.ts";
import {
  add,
  ensureSeries,
  findSeries,
  packKind,
  packReason,
  packRequest,
  packResult,
  record,
  Series,
  seriesLeft,
} from "./series.ts";
import { restoreSeries } from "./shared-series.ts";
import { otherName, unknownName, VendorState } from "./vendors.ts";

let timings: bool = true;

/** Whether times are taken and the histograms fed. */
export function takeTimes(take: bool): void {
  timings = take;
}

/** Milliseconds since the epoch; 0 where times are not taken. */
export function moment(): f64 {
  return timings ? nowMilliseconds() : 0;
}

@unmanaged
export class Exchange {
  next: usize;
  vendor: VendorState;
  /** Name entries. */
  pool: usize;
  destination: usize;
  extra: usize;
  /** 0 where the username has none. */
  country: usize;
  /** Only where a ledger is kept. */
  part: Part | null;
  protocol: i32;
  /** 10, 11, 20 or 0. */
  version: i32;
  /** METHOD_* of `http-request.ts`. */
  method: i32;
  /** Status or 0, and the outcome that goes with it. */
  code: i32;
  outcome: i32;
  /** 1 once the gateway has answered; 1 once it stands in the request counters. */
  answered: i32;
  counted: i32;
  firstByteSeen: i32;
  sent: Series | null;
  received: Series | null;
  countrySent: Series | null;
  countryReceived: Series | null;
  unattributed: Series | null;
  turns: Series | null;
  sentBytes: f64;
  receivedBytes: f64;
  /** Milliseconds since the epoch: the request was known; its tunnel opened, or the same. */
  startedAt: f64;
  openAt: f64;
}

/** A new exchange with its series; null when memory is used up. */
export function openExchange(
  vendor: VendorState,
  protocol: i32,
  pool: usize,
  destination: usize,
  country: usize,
  extra: usize,
): Exchange | null {
  const address: usize = obtain(offsetof<Exchange>());
  if (address === 0) return null;
  const exchange: Exchange = changetype<Exchange>(address);
  exchange.vendor = vendor;
  exchange.protocol = protocol;
  exchange.pool = pool;
  exchange.destination = destination;
  exchange.extra = extra;
  exchange.country = country;
  exchange.sent = splitSeries(families.SENT, packRequest(protocol, 0, 0, 0), exchange);
  exchange.received = splitSeries(families.RECEIVED, packRequest(protocol, 0, 0, 0), exchange);
  exchange.unattributed = unattributedSeries(exchange);
  if (country !== 0) {
    exchange.countrySent = ensureSeries(families.COUNTRY_SENT, 0, vendor.name, 0, 0, country);
    exchange.countryReceived = ensureSeries(families.COUNTRY_RECEIVED, 0, vendor.name, 0, 0, country);
  }
  return exchange;
}

export function freeExchange(exchange: Exchange): void {
  if (exchange.part !== null) releasePart(<Part>exchange.part);
  release(changetype<usize>(exchange), offsetof<Exchange>());
}

/** The series of an exchange in a family with destinations; where the budget is used up, that of pool and destination `other`. */
function splitSeries(family: i32, packed: i32, exchange: Exchange): Series | null {
  const vendor: usize = exchange.vendor.name;
  const found: Series | null = findSeries(family, packed, vendor, exchange.pool, exchange.destination, exchange.extra);
  if (found !== null) return found;
  // Other workers may have used up what is left of the budget.
  if (seriesLeft()) restoreSeries();
  if (seriesLeft()) return ensureSeries(family, packed, vendor, exchange.pool, exchange.destination, exchange.extra);
  return ensureSeries(family, packed, vendor, otherName(), otherName(), 0);
}

function unattributedSeries(exchange: Exchange): Series | null {
  let reason: i32 = -1;
  if (exchange.vendor.name === unknownName()) reason = families.REASON_UNKNOWN_VENDOR;
  else if (exchange.protocol === TLS) reason = families.REASON_OPAQUE_TLS;
  else if (exchange.destination === unknownName()) reason = families.REASON_NO_DESTINATION;
  return reason < 0 ? null : ensureSeries(families.UNATTRIBUTED, packReason(reason), 0, 0, 0, 0);
}

/** Bytes from the pod to the vendor. */
export function sentBytes(exchange: Exchange, n: f64): void {
  exchange.sentBytes += n;
  add(exchange.vendor.sent, n);
  add(exchange.sent, n);
  add(exchange.countrySent, n);
  add(exchange.unattributed, n);
}

/** Bytes from the vendor to the pod. */
export function receivedBytes(exchange: Exchange, n: f64): void {
  exchange.receivedBytes += n;
  add(exchange.vendor.received, n);
  add(exchange.received, n);
  add(exchange.countryReceived, n);
  add(exchange.unattributed, n);
}

/** Bytes, already counted, that were spent on a handshake; the exchange is null where it has not begun yet. */
export function overheadBytes(
  vendor: VendorState,
  exchange: Exchange | null,
  kind: i32,
  sent: f64,
  received: f64,
): void {
  if (exchange !== null && exchange.part !== null) addHandshake(<Part>exchange.part, kind, sent, received);
  const packed: i32 = packKind(kind);
  if (sent > 0) add(ensureSeries(families.OVERHEAD_SENT, packed, vendor.name, 0, 0, 0), sent);
  if (received > 0) add(ensureSeries(families.OVERHEAD_RECEIVED, packed, vendor.name, 0, 0, 0), received);
}

/** The gateway answered: its handshake time, and for tunnels the request itself. */
export function answerExchange(exchange: Exchange, code: i32, outcome: i32, now: f64): void {
  exchange.code = code;
  exchange.outcome = outcome;
  exchange.answered = 1;
  exchange.openAt = now;
}

/** Time of the vendor's answer to CONNECT or SOCKS. */
export function recordHandshake(exchange: Exchange, now: f64): void {
  const elapsed: f64 = now - exchange.startedAt;
  if (exchange.part !== null) (<Part>exchange.part).handshake = elapsed;
  recordTime(families.HANDSHAKE, exchange, resultOf(exchange.outcome), elapsed);
}

/** First byte that came from the destination, since the request or since the opening of the tunnel. */
export function recordFirstByte(exchange: Exchange, since: f64, now: f64): void {
  exchange.firstByteSeen = 1;
  if (!timings) return;
  const elapsed: f64 = now - since;
  if (exchange.part !== null) (<Part>exchange.part).firstByte = elapsed;
  recordTime(families.FIRST_BYTE, exchange, resultOf(exchange.outcome), elapsed);
  add(destinationSeries(families.DESTINATION_FIRST_BYTE_SUM, exchange), elapsed > 0 ? elapsed : 0);
  add(destinationSeries(families.DESTINATION_FIRST_BYTE_COUNT, exchange), 1);
}

function destinationSeries(family: i32, exchange: Exchange): Series | null {
  const vendor: usize = exchange.vendor.name;
  const found: Series | null = findSeries(family, 0, vendor, 0, exchange.destination, 0);
  if (found !== null) return found;
  return ensureSeries(family, 0, vendor, 0, seriesLeft() ? exchange.destination : otherName(), 0);
}

/** One more time that the client spoke after the server inside a tunnel. */
export function countTurn(exchange: Exchange): void {
  if (exchange.turns === null) exchange.turns = destinationSeries(families.TUNNEL_TURNS, exchange);
  add(exchange.turns, 1);
}

/** Puts the request into the request counters, once, with the outcome it has now. */
export function countRequest(exchange: Exchange): void {
  if (exchange.counted === 1) return;
  exchange.counted = 1;
  if (exchange.part !== null) countInPart(<Part>exchange.part, exchange.outcome);
  add(exchange.vendor.requests, 1);
  const packed: i32 = packRequest(exchange.protocol, exchange.version, exchange.code, exchange.outcome);
  add(splitSeries(families.REQUESTS, packed, exchange), 1);
}

/** The request is over: its duration, and its bytes where it failed. */
export function endExchange(exchange: Exchange, now: f64): void {
  const outcome: i32 = exchange.outcome;
  const elapsed: f64 = now - exchange.startedAt;
  if (exchange.part !== null) (<Part>exchange.part).duration = elapsed;
  recordTime(families.DURATION, exchange, resultOf(outcome), elapsed);
  if (outcome === OK) return;
  const vendor: usize = exchange.vendor.name;
  const packed: i32 = packRequest(0, 0, 0, outcome);
  if (exchange.sentBytes > 0) add(ensureSeries(families.FAILED_SENT, packed, vendor, 0, 0, 0), exchange.sentBytes);
  if (exchange.receivedBytes > 0)
    add(ensureSeries(families.FAILED_RECEIVED, packed, vendor, 0, 0, 0), exchange.receivedBytes);
}

function recordTime(family: i32, exchange: Exchange, result: i32, milliseconds: f64): void {
  if (!timings) return;
  record(ensureSeries(family, packResult(result), exchange.vendor.name, 0, 0, 0), milliseconds);
}
