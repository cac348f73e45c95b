// SPDX-License-Identifier: Apache-2.0
/**
 * What follows when the readers of a TCP connection reach something: an exchange begins, is answered or ends.
 * Also ends what is still open when the connection closes. Does not read bytes.
 */
import { nowMilliseconds } from "./as-proxy-wasm/host.ts";
import { attribute, setVendor, vendorOfServerName } from "./attribution.ts";
import {
  CONNECT,
  Connection,
  EVENT_ESTABLISHED,
  EVENT_REFUSED,
  EVENT_REPLY,
  EVENT_REPLY_END,
  EVENT_REQUEST,
  EVENT_TUNNEL,
  H2,
  HTTP,
  MODE_HTTP,
  MODE_TUNNEL,
  replyIsWhole,
  SOCKS4,
  SOCKS5,
  TCP,
  TLS,
} from "./core/connection.ts";
import { Token } from "./core/credentials.ts";
import { ACTIVE_CONNECTIONS, CONNECTIONS, CONTRADICTIONS, KIND_PROXY_HANDSHAKE } from "./core/families.ts";
import { foldedFrom } from "./core/fold.ts";
import { NO_VENDOR } from "./core/gateways.ts";
import { METHOD_OTHER } from "./core/http-request.ts";
import { endsWithConnection } from "./core/http-response.ts";
import {
  CLIENT_ABORT,
  connectOutcome,
  httpOutcome,
  OK,
  RESET,
  socks4Outcome,
  socks5Outcome,
  VENDOR_AUTH,
  VENDOR_ERROR,
  VENDOR_UNREACHABLE,
} from "./core/outcome.ts";
import {
  answerExchange,
  countRequest,
  endExchange,
  Exchange,
  freeExchange,
  openExchange,
  overheadBytes,
  receivedBytes,
  recordFirstByte,
  recordHandshake,
  sentBytes,
} from "./exchange.ts";
import { responseFlags, upstreamFailed, upstreamReset } from "./flags.ts";
import { Name, nameBytes } from "./names.ts";
import { publishExchange, publishOutcome } from "./publish.ts";
import { add, ensureSeries, packRequest, shift } from "./series.ts";
import { FIRST, Stream } from "./streams.ts";
import { countryName, destinationName, extraName, noneName, poolName, unknownName, VendorState } from "./vendors.ts";

/** After `advanceSent` reached an event. */
export function handleSent(stream: Stream): void {
  const event: i32 = stream.connection.event;
  if (event === EVENT_REQUEST) beginRequest(stream);
  else if (event !== EVENT_ESTABLISHED && stream.sending === null) beginOpaque(stream);
}

/** After `advanceReceived` or `skipReceived` reached an event. */
export function handleReceived(stream: Stream): void {
  const exchange: Exchange | null = stream.first;
  const event: i32 = stream.connection.event;
  if (event === EVENT_REFUSED) {
    refuse(stream);
    return;
  }
  if (exchange === null) return;
  if (event === EVENT_TUNNEL) {
    replied(stream, exchange);
    stream.turned = 1;
    countRequest(exchange);
  } else if (event === EVENT_REPLY) {
    replied(stream, exchange);
    if (stream.connection.mode !== MODE_HTTP || replyIsWhole(stream.connection)) finish(stream, exchange, exchange.outcome);
  } else if (event === EVENT_REPLY_END) {
    finish(stream, exchange, exchange.outcome);
  }
}

function beginRequest(stream: Stream): void {
  const c: Connection = stream.connection;
  if (c.protocol === TLS) attributeByServerName(stream);
  const vendor: VendorState = <VendorState>stream.vendor;
  const plainHttp: bool = c.protocol === HTTP || c.protocol === CONNECT;
  const destination: usize = destinationFor(stream, vendor);
  const exchange: Exchange | null = openExchange(vendor, c.protocol, poolOf(vendor, c), destination, countryOf(c), extraOf(stream, vendor));
  if (exchange === null) return;
  exchange.version = plainHttp ? c.request.version : c.protocol === H2 ? 20 : 0;
  exchange.method = plainHttp ? c.request.method : METHOD_OTHER;
  const early: f64 = stream.sentEarly;
  const earlyReceived: f64 = stream.receivedEarly;
  begin(stream, exchange);
  if (c.opening === 1) overheadBytes(vendor, KIND_PROXY_HANDSHAKE, early, earlyReceived);
  if (plainHttp) noteContradiction(vendor, c.request.vendor);
}

/** Bytes that no reader understands: one exchange of protocol `tcp`, which is not a request. */
function beginOpaque(stream: Stream): void {
  const exchange: Exchange | null = openExchange(<VendorState>stream.vendor, TCP, noneName(), unknownName(), 0, 0);
  if (exchange === null) return;
  exchange.counted = 1;
  begin(stream, exchange);
}

/** Puts a new exchange last in line and gives it what came before it was known. */
function begin(stream: Stream, exchange: Exchange): void {
  exchange.startedAt = nowMilliseconds();
  exchange.openAt = exchange.startedAt;
  const last: Exchange | null = stream.last;
  if (last === null) stream.first = exchange;
  else last.next = changetype<usize>(exchange);
  stream.last = exchange;
  stream.sending = exchange;
  announce(stream, exchange.protocol);
  if (stream.plugin.config.filterState === 1) publishExchange(exchange);
  sentBytes(exchange, stream.sentEarly);
  receivedBytes(exchange, stream.receivedEarly);
  stream.sentEarly = 0;
  stream.receivedEarly = 0;
}

/** Counts the connection, once its protocol is known. */
function announce(stream: Stream, protocol: i32): void {
  if (stream.announced !== 0) return;
  stream.announced = protocol + 1;
  const packed: i32 = packRequest(protocol, 0, 0, 0);
  const vendor: usize = (<VendorState>stream.vendor).name;
  add(ensureSeries(CONNECTIONS, packed, vendor, 0, 0, 0), 1);
  shift(ensureSeries(ACTIVE_CONNECTIONS, packed, vendor, 0, 0, 0), 1);
}

function attributeByServerName(stream: Stream): void {
  if ((<VendorState>stream.vendor).name !== unknownName()) return;
  const c: Connection = stream.connection;
  const vendor: i32 = vendorOfServerName(stream.plugin.config, c.tls.hello.name, c.tls.hello.nameLength);
  if (vendor !== NO_VENDOR) setVendor(stream, vendor);
}

function destinationOf(c: Connection): i32 {
  if (c.protocol === SOCKS4 || c.protocol === SOCKS5) return c.socks.destination;
  return c.protocol === TLS ? c.tls.hello.name : c.request.destination;
}

function lengthOfDestination(c: Connection): i32 {
  if (c.protocol === SOCKS4 || c.protocol === SOCKS5) return c.socks.destinationLength;
  if (c.protocol === TLS) return c.tls.hello.nameLength;
  return c.protocol === H2 ? 0 : c.request.destinationLength;
}

function poolOf(vendor: VendorState, c: Connection): usize {
  const pool: Token = c.request.pool;
  return poolName(vendor, pool.data, pool.length);
}

/** Name entry of the country, 0 where the username has none. */
function countryOf(c: Connection): usize {
  return countryName(c.request.country.data, c.request.country.length);
}

/** The extra label: a header of the request, else a label of the pod. */
function extraOf(stream: Stream, vendor: VendorState): usize {
  const header: Token = stream.connection.request.extra;
  if (header.length > 0) return extraName(vendor, header.data, header.length);
  return extraName(vendor, stream.plugin.extra, stream.plugin.extraLength);
}

/** Name entry of the destination, folded to its domain where the configuration says so. */
function destinationFor(stream: Stream, vendor: VendorState): usize {
  const c: Connection = stream.connection;
  const address: i32 = destinationOf(c);
  const length: i32 = lengthOfDestination(c);
  const from: i32 = stream.plugin.config.foldDomains === 1 ? foldedFrom(address, length) : 0;
  return destinationName(vendor, address + from, length - from);
}

/** A header in the request's head that names another vendor than the gateway that was used. */
function noteContradiction(vendor: VendorState, named: Token): void {
  if (named.length === 0) return;
  const name: Name = changetype<Name>(vendor.name);
  const same: bool = name.length === named.length && memory.compare(nameBytes(name), named.data, named.length) === 0;
  if (!same) add(ensureSeries(CONTRADICTIONS, 0, vendor.name, 0, 0, 0), 1);
}

function replied(stream: Stream, exchange: Exchange): void {
  const c: Connection = stream.connection;
  const now: f64 = nowMilliseconds();
  if (c.protocol === SOCKS5) answerExchange(exchange, 0, socks5Outcome(c.socks.reply), now);
  else if (c.protocol === SOCKS4) answerExchange(exchange, 0, socks4Outcome(c.socks.reply), now);
  else if (exchange.protocol === CONNECT) answerExchange(exchange, c.response.status, connectOutcome(c.response.status, c.response.proxyStatus), now);
  else answerExchange(exchange, c.response.status, httpOutcome(c.response.status, c.response.proxyStatus), now);
  if (exchange.protocol === HTTP) recordFirstByte(exchange, exchange.startedAt, now);
  else recordHandshake(exchange, now);
}

/** The gateway refused the credentials, so there will be no request: that is the request. */
function refuse(stream: Stream): void {
  const vendor: VendorState = <VendorState>stream.vendor;
  const c: Connection = stream.connection;
  const exchange: Exchange | null = openExchange(vendor, c.protocol, poolOf(vendor, c), unknownName(), countryOf(c), 0);
  if (exchange === null) return;
  overheadBytes(vendor, KIND_PROXY_HANDSHAKE, stream.sentEarly, stream.receivedEarly);
  begin(stream, exchange);
  answerExchange(exchange, 0, VENDOR_AUTH, nowMilliseconds());
  finish(stream, exchange, VENDOR_AUTH);
}

/** The first exchange in line is over. It stays to take what belongs to nothing else. */
function finish(stream: Stream, exchange: Exchange, outcome: i32): void {
  exchange.outcome = outcome;
  if (stream.plugin.config.filterState === 1) publishOutcome(exchange);
  countRequest(exchange);
  endExchange(exchange, nowMilliseconds());
  stream.first = changetype<Exchange | null>(exchange.next);
  if (stream.first === null) stream.last = null;
  const before: Exchange | null = stream.finished;
  stream.finished = exchange;
  if (before !== null) freeExchange(before);
}

/** The connection is gone: ends what is open. */
export function endConnection(stream: Stream): void {
  if (stream.attributed === 0) endWithoutData(stream);
  if (stream.vendor === null) return;
  if (stream.sentEarly > 0 || stream.receivedEarly > 0) endEarly(stream);
  const outcome: i32 = stream.first === null ? OK : outcomeOfClose(stream);
  while (stream.first !== null) {
    const exchange: Exchange = <Exchange>stream.first;
    finish(stream, exchange, finalOutcome(stream, exchange, outcome));
  }
  if (stream.announced === 0) return;
  const packed: i32 = packRequest(stream.announced - 1, 0, 0, 0);
  shift(ensureSeries(ACTIVE_CONNECTIONS, packed, (<VendorState>stream.vendor).name, 0, 0, 0), -1);
}

/** A connection that was refused carries no data: one request to that vendor, of which nothing arrived. */
function endWithoutData(stream: Stream): void {
  if (!upstreamFailed(responseFlags())) return;
  attribute(stream);
  if (stream.unmetered === 1 || stream.vendor === null) return;
  const exchange: Exchange | null = openExchange(<VendorState>stream.vendor, TCP, noneName(), unknownName(), 0, 0);
  if (exchange !== null) begin(stream, exchange);
}

/** Bytes of a head that never became whole. */
function endEarly(stream: Stream): void {
  if (stream.finished !== null) {
    const exchange: Exchange = <Exchange>stream.finished;
    sentBytes(exchange, stream.sentEarly);
    receivedBytes(exchange, stream.receivedEarly);
    return;
  }
  beginOpaque(stream);
}

function finalOutcome(stream: Stream, exchange: Exchange, ofClose: i32): i32 {
  const c: Connection = stream.connection;
  if (c.mode === MODE_TUNNEL) return ofClose;
  if (ofClose !== RESET && exchange.answered === 1 && stream.readers !== 0 && endsWithConnection(c.response)) return exchange.outcome;
  if (exchange.protocol === TLS || exchange.protocol === H2 || exchange.counted === 1) {
    if (exchange.receivedBytes > 0 && ofClose !== RESET) return OK;
  }
  if (c.receivedUnreadable === 1) return VENDOR_ERROR;
  return ofClose;
}

/** How the connection ended for an exchange that was still open. */
function outcomeOfClose(stream: Stream): i32 {
  const flags: i64 = responseFlags();
  if (upstreamFailed(flags)) return VENDOR_UNREACHABLE;
  if (upstreamReset(flags)) return RESET;
  if (stream.connection.mode === MODE_TUNNEL) return stream.vendorEnded !== 0 || stream.clientEnded !== 0 ? OK : CLIENT_ABORT;
  return stream.vendorEnded === FIRST ? RESET : CLIENT_ABORT;
}
