// SPDX-License-Identifier: Apache-2.0
/**
 * What follows when the readers of a TCP connection reach something: an exchange begins, is answered or ends.
 * What the end of a connection does to open exchanges is in `network-close.ts`. Does not read bytes.
 */
import { setVendor, vendorOfServerName } from "./attribution.ts";
import { inHandshake, replyIsWhole } from "./core/connection.ts";
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
  SOCKS4,
  SOCKS5,
  TCP,
  TLS,
} from "./core/connection-state.ts";
import { ACTIVE_CONNECTIONS, CONNECTIONS, KIND_PROXY_HANDSHAKE } from "./core/families.ts";
import { NO_VENDOR } from "./core/gateways.ts";
import { METHOD_OTHER } from "./core/http-method.ts";
import { connectOutcome, httpOutcome, socks4Outcome, socks5Outcome, VENDOR_AUTH } from "./core/outcome.ts";
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
  moment,
} from "./exchange.ts";
import { noteEarlyHandshake, openPart, settlePart } from "./ledger.ts";
import { publishExchange, publishOutcome } from "./publish.ts";
import { countryOf, destinationFor, extraOf, noteContradiction, poolOf } from "./request-labels.ts";
import { countRefused } from "./self.ts";
import { add, ensureSeries, packRequest, shift } from "./series.ts";
import { Stream } from "./streams.ts";
import { noneName, unknownName, VendorState } from "./vendors.ts";

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
    if (stream.connection.mode !== MODE_HTTP || replyIsWhole(stream.connection))
      finish(stream, exchange, exchange.outcome);
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
  const exchange: Exchange | null = openExchange(
    vendor,
    c.protocol,
    poolOf(vendor, c),
    destination,
    countryOf(vendor, c),
    extraOf(stream, vendor),
  );
  if (exchange === null) {
    passUnmetered(stream);
    return;
  }
  exchange.version = plainHttp ? c.request.version : c.protocol === H2 ? 20 : 0;
  exchange.method = plainHttp ? c.request.method : METHOD_OTHER;
  const early: f64 = stream.sentEarly;
  const earlyReceived: f64 = stream.receivedEarly;
  begin(stream, exchange);
  if (c.opening === 1) overheadBytes(vendor, exchange, KIND_PROXY_HANDSHAKE, early, earlyReceived);
  // Counted as they came, when there was no exchange yet.
  else if (inHandshake(c)) noteEarlyHandshake(exchange, early, earlyReceived);
  if (plainHttp) noteContradiction(vendor, c.request.vendor);
}

/** Bytes that no reader understands: one exchange of protocol `tcp`, which is not a request. */
export function beginOpaque(stream: Stream): void {
  const vendor: VendorState = <VendorState>stream.vendor;
  const c: Connection = stream.connection;
  // A handshake that broke off may have named pool and country already.
  const exchange: Exchange | null =
    stream.readers === 0
      ? openExchange(vendor, TCP, noneName(), unknownName(), 0, 0)
      : openExchange(vendor, TCP, poolOf(vendor, c), unknownName(), countryOf(vendor, c), extraOf(stream, vendor));
  if (exchange === null) {
    passUnmetered(stream);
    return;
  }
  exchange.counted = 1;
  begin(stream, exchange);
}

/** There is no memory for an exchange: the rest of the connection is not counted. */
function passUnmetered(stream: Stream): void {
  stream.unmetered = 1;
  countRefused();
}

/** Puts a new exchange last in line and gives it what came before it was known. */
export function begin(stream: Stream, exchange: Exchange): void {
  exchange.startedAt = moment();
  exchange.openAt = exchange.startedAt;
  const last: Exchange | null = stream.last;
  if (last === null) stream.first = exchange;
  else last.next = changetype<usize>(exchange);
  stream.last = exchange;
  stream.sending = exchange;
  announce(stream, exchange.protocol);
  if (stream.plugin.config.filterState === 1) publishExchange(exchange);
  if (stream.plugin.config.ledger === 1) openPart(exchange);
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

function replied(stream: Stream, exchange: Exchange): void {
  const c: Connection = stream.connection;
  const now: f64 = moment();
  if (c.protocol === SOCKS5) answerExchange(exchange, 0, socks5Outcome(c.socks.reply), now);
  else if (c.protocol === SOCKS4) answerExchange(exchange, 0, socks4Outcome(c.socks.reply), now);
  else if (exchange.protocol === CONNECT)
    answerExchange(exchange, c.response.status, connectOutcome(c.response.status, c.response.proxyStatus), now);
  else answerExchange(exchange, c.response.status, httpOutcome(c.response.status, c.response.proxyStatus), now);
  if (exchange.protocol === HTTP) recordFirstByte(exchange, exchange.startedAt, now);
  else recordHandshake(exchange, now);
}

/** The gateway refused the credentials: that is the request, where the client has not made one already. */
function refuse(stream: Stream): void {
  if (stream.first === null) beginRefused(stream);
  const exchange: Exchange | null = stream.first;
  if (exchange === null) return;
  answerExchange(exchange, 0, VENDOR_AUTH, moment());
  finish(stream, exchange, VENDOR_AUTH);
}

function beginRefused(stream: Stream): void {
  const vendor: VendorState = <VendorState>stream.vendor;
  const c: Connection = stream.connection;
  const exchange: Exchange | null = openExchange(
    vendor,
    c.protocol,
    poolOf(vendor, c),
    unknownName(),
    countryOf(vendor, c),
    extraOf(stream, vendor),
  );
  if (exchange === null) {
    passUnmetered(stream);
    return;
  }
  const early: f64 = stream.sentEarly;
  const earlyReceived: f64 = stream.receivedEarly;
  begin(stream, exchange);
  overheadBytes(vendor, exchange, KIND_PROXY_HANDSHAKE, early, earlyReceived);
}

/** The first exchange in line is over. It stays to take what belongs to nothing else. */
export function finish(stream: Stream, exchange: Exchange, outcome: i32): void {
  exchange.outcome = outcome;
  if (stream.plugin.config.filterState === 1) publishOutcome(exchange);
  countRequest(exchange);
  endExchange(exchange, moment());
  stream.first = changetype<Exchange | null>(exchange.next);
  if (stream.first === null) stream.last = null;
  const before: Exchange | null = stream.finished;
  stream.finished = exchange;
  if (before === null) return;
  settlePart(stream, before);
  freeExchange(before);
}
