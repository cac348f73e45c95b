// SPDX-License-Identifier: Apache-2.0
/**
 * The HTTP plugin: one exchange for each request on chains where Envoy itself speaks HTTP.
 * Vendor and pool come from the configured headers, which are removed before the request leaves; sizes are those of the
 * messages on the crawler's socket, as far as Envoy's view of them tells. Host callbacks come in through `index.ts`.
 */
import { answer, answerLength, readHeaders, readProperty, removeHeader } from "./as-proxy-wasm/host.ts";
import { MAP_HTTP_REQUEST_HEADERS, MAP_HTTP_RESPONSE_HEADERS } from "./as-proxy-wasm/types.ts";
import { EXCLUDED, gatewayVendor, vendorId } from "./attribution.ts";
import { DESTINATION_CAPACITY, writeDestination } from "./core/authority.ts";
import { equalsIgnoringCase, equalsText, parseDecimal, writeText } from "./core/bytes.ts";
import { Config, DETAIL_FULL } from "./core/config.ts";
import { HTTP } from "./core/connection-state.ts";
import { setToken, Token } from "./core/credentials.ts";
import { foldedFrom } from "./core/fold.ts";
import {
  chunkFraming,
  FIXED_REQUEST,
  FIXED_RESPONSE,
  HeaderPairs,
  LAST_CHUNK,
  nextPair,
  reasonLength,
  startPairs,
  wireSize,
} from "./core/header-pairs.ts";
import { METHOD_HEAD, METHOD_OTHER, methodOf } from "./core/http-method.ts";
import { CLIENT_ABORT, httpOutcome, RESET, VENDOR_UNREACHABLE } from "./core/outcome.ts";
import { proxyStatus, PROXY_STATUS_NONE } from "./core/proxy-status.ts";
import {
  answerExchange,
  countRequest,
  endExchange,
  Exchange,
  freeExchange,
  openExchange,
  receivedBytes,
  recordFirstByte,
  sentBytes,
  moment,
} from "./exchange.ts";
import { responseFlags, upstreamFailed, upstreamReset } from "./flags.ts";
import { openPart, publishRequest } from "./ledger.ts";
import { HttpStream } from "./http-streams.ts";
import { vendorNamed } from "./pod.ts";
import { publishExchange, publishOutcome } from "./publish.ts";
import { destinationName, extraName, otherName, poolName, unknownName, VendorState, vendorState } from "./vendors.ts";

const pairs: HeaderPairs = changetype<HeaderPairs>(memory.data(48));
const destination: usize = memory.data(272);
const pool: Token = changetype<Token>(memory.data(8));
const poolBytes: usize = memory.data(64);
const extra: Token = changetype<Token>(memory.data(8));
const extraBytes: usize = memory.data(64);
const path: usize = memory.data(32);

let destinationLength: i32 = 0;
let size: i32 = 0;
let method: i32 = 0;
let hasLength: bool = false;
/** Index of the vendor that the header names; -1 without a header, -2 for a name that nobody has. */
let named: i32 = 0;
let hasVendorHeader: bool = false;
let hasPoolHeader: bool = false;

/** The head of a request, and whether nothing follows it. */
export function requestHeaders(stream: HttpStream, ended: bool): void {
  const config: Config = stream.plugin.config;
  if (!readHeaders(MAP_HTTP_REQUEST_HEADERS)) return;
  readRequest(config);
  const vendor: VendorState | null = payer(stream);
  if (config.removeHeaders === 1) removeAttribution(config);
  if (vendor === null) return;
  const from: i32 = config.foldDomains === 1 ? foldedFrom(<i32>destination, destinationLength) : 0;
  const host: usize = destinationName(vendor, destination + from, destinationLength - from);
  const exchange: Exchange | null = openExchange(
    vendor,
    HTTP,
    poolName(vendor, pool.data, pool.length),
    host,
    0,
    extraOf(stream, vendor),
  );
  if (exchange === null) return;
  exchange.method = method;
  if (config.detail === DETAIL_FULL) exchange.version = protocolVersion();
  exchange.startedAt = moment();
  exchange.openAt = exchange.startedAt;
  stream.exchange = exchange;
  if (config.filterState === 1) publishExchange(exchange);
  stream.requestChunked = !ended && !hasLength && versionOf(exchange) !== 20 ? 1 : 0;
  if (config.ledger === 1) openPart(exchange);
  sentBytes(exchange, <f64>(size + FIXED_REQUEST));
  tellLedger(stream, exchange);
}

function readRequest(config: Config): void {
  destinationLength = 0;
  size = 0;
  method = METHOD_OTHER;
  hasLength = false;
  named = -1;
  hasVendorHeader = false;
  hasPoolHeader = false;
  pool.data = <i32>poolBytes;
  pool.length = 0;
  extra.data = <i32>extraBytes;
  extra.length = 0;
  startPairs(pairs, <i32>answer, answerLength);
  while (nextPair(pairs)) {
    size += wireSize(pairs, true);
    readRequestHeader(config);
  }
}

function readRequestHeader(config: Config): void {
  const name: i32 = pairs.name;
  const length: i32 = pairs.nameLength;
  const value: i32 = pairs.value;
  const valueLength: i32 = pairs.valueLength;
  if (length === 10 && equalsText(name, length, ":authority")) {
    const n: i32 = valueLength < DESTINATION_CAPACITY ? valueLength : DESTINATION_CAPACITY;
    destinationLength = writeDestination(<i32>destination, value, n, 80);
  } else if (length === 7 && equalsText(name, length, ":method")) {
    method = methodOf(value, valueLength);
  } else if (length === 14 && equalsText(name, length, "content-length")) {
    hasLength = true;
  } else if (length === config.names.vendorLength && equalsIgnoringCase(name, length, config.names.vendor, length)) {
    hasVendorHeader = true;
    named = vendorNamed(config, value, valueLength);
    if (named < 0) named = -2;
  } else if (length === config.names.poolLength && equalsIgnoringCase(name, length, config.names.pool, length)) {
    hasPoolHeader = true;
    setToken(pool, value, valueLength);
  } else if (length === config.names.extraLength && equalsIgnoringCase(name, length, config.names.extra, length)) {
    setToken(extra, value, valueLength);
  }
}

/** Who pays: the header, then the upstream cluster, then the pod's label; null for what is not metered. */
function payer(stream: HttpStream): VendorState | null {
  const config: Config = stream.plugin.config;
  if (named === -2) return vendorState(otherName());
  let vendor: i32 = named;
  if (vendor < 0) vendor = gatewayVendor(config);
  if (vendor === EXCLUDED) return null;
  if (vendor < 0) vendor = stream.plugin.labelVendor;
  return vendorState(vendor < 0 ? unknownName() : vendorId(config, vendor));
}

/** The extra label: a header of the request, else a label of the pod. */
function extraOf(stream: HttpStream, vendor: VendorState): usize {
  if (extra.length > 0) return extraName(vendor, extra.data, extra.length);
  return extraName(vendor, stream.plugin.extra, stream.plugin.extraLength);
}

function removeAttribution(config: Config): void {
  if (hasVendorHeader) removeHeader(MAP_HTTP_REQUEST_HEADERS, config.names.vendor, config.names.vendorLength);
  if (hasPoolHeader) removeHeader(MAP_HTTP_REQUEST_HEADERS, config.names.pool, config.names.poolLength);
}

/** The version, asked for where it was not taken with the request: it decides how a body is framed. */
function versionOf(exchange: Exchange): i32 {
  return exchange.version !== 0 ? exchange.version : protocolVersion();
}

/** 10, 11 or 20; 0 where Envoy does not say. */
function protocolVersion(): i32 {
  let n: i32 = writeText(<i32>path, "request");
  store<u8>(path + n, 0);
  n += 1 + writeText(<i32>path + n + 1, "protocol");
  if (!readProperty(path, n)) return 0;
  const at: i32 = <i32>answer;
  if (equalsText(at, answerLength, "http/1.1")) return 11;
  if (equalsText(at, answerLength, "http/1.0")) return 10;
  return equalsText(at, answerLength, "http/2") ? 20 : 0;
}

/** `n` more bytes of the request's body, and whether they are the last. */
export function requestBody(stream: HttpStream, n: i32, ended: bool): void {
  const exchange: Exchange | null = stream.exchange;
  if (exchange === null) return;
  let framed: i32 = n;
  if (stream.requestChunked === 1 && n > 0) framed += chunkFraming(n);
  if (stream.requestChunked === 1 && ended) framed += LAST_CHUNK;
  if (framed > 0) sentBytes(exchange, <f64>framed);
  tellLedger(stream, exchange);
}

/** The head of the answer. */
export function responseHeaders(stream: HttpStream, ended: bool): void {
  const exchange: Exchange | null = stream.exchange;
  if (exchange === null || !readHeaders(MAP_HTTP_RESPONSE_HEADERS)) return;
  let status: i32 = 0;
  let fault: i32 = PROXY_STATUS_NONE;
  let fromUpstream: bool = false;
  size = 0;
  hasLength = false;
  startPairs(pairs, <i32>answer, answerLength);
  while (nextPair(pairs)) {
    size += wireSize(pairs, false);
    if (pairs.nameLength === 7 && equalsText(pairs.name, 7, ":status"))
      status = statusOf(pairs.value, pairs.valueLength);
    else if (equalsText(pairs.name, pairs.nameLength, "content-length")) hasLength = true;
    else if (equalsText(pairs.name, pairs.nameLength, "proxy-status"))
      fault = proxyStatus(pairs.value, pairs.valueLength);
    else if (equalsText(pairs.name, pairs.nameLength, "x-envoy-upstream-service-time")) fromUpstream = true;
  }
  if (!fromUpstream && isLocalReply()) {
    stream.local = 1;
    exchange.outcome = upstreamFailed(responseFlags()) ? VENDOR_UNREACHABLE : RESET;
    tellLedger(stream, exchange);
    return;
  }
  const now: f64 = moment();
  receivedBytes(exchange, <f64>(size + FIXED_RESPONSE + reasonLength(status)));
  if (status < 200 && status !== 101) {
    tellLedger(stream, exchange);
    return;
  }
  const outcome: i32 = httpOutcome(status, fault);
  answerExchange(exchange, status, outcome, now);
  if (stream.plugin.config.filterState === 1) publishOutcome(exchange);
  recordFirstByte(exchange, exchange.startedAt, now);
  const bodiless: bool = ended || exchange.method === METHOD_HEAD || status === 204 || status === 304 || status === 101;
  stream.responseChunked = !bodiless && !hasLength && versionOf(exchange) === 11 ? 1 : 0;
  if (ended) stream.ended = 1;
  tellLedger(stream, exchange);
}

/** A status of three digits, or 0. */
function statusOf(value: i32, length: i32): i32 {
  const status: f64 = length === 3 ? parseDecimal(value, length) : 0;
  return status >= 100 ? i32(status) : 0;
}

/** Whether Envoy made the answer up itself, rather than the upstream. */
function isLocalReply(): bool {
  let n: i32 = writeText(<i32>path, "response");
  store<u8>(path + n, 0);
  n += 1 + writeText(<i32>path + n + 1, "code_details");
  return readProperty(path, n) && !equalsText(<i32>answer, answerLength, "via_upstream");
}

/** `n` more bytes of the answer's body, and whether they are the last. */
export function responseBody(stream: HttpStream, n: i32, ended: bool): void {
  const exchange: Exchange | null = stream.exchange;
  if (ended) stream.ended = 1;
  if (exchange === null || stream.local === 1) return;
  let framed: i32 = n;
  if (stream.responseChunked === 1 && n > 0) framed += chunkFraming(n);
  if (stream.responseChunked === 1 && ended) framed += LAST_CHUNK;
  if (framed > 0) receivedBytes(exchange, <f64>framed);
  tellLedger(stream, exchange);
}

/** The access log is written before the stream is gone, so its ledger is told what would be true if that were now. */
function tellLedger(stream: HttpStream, exchange: Exchange): void {
  if (stream.plugin.config.ledger !== 1) return;
  const isOver: bool = stream.local === 1 || (exchange.answered === 1 && stream.ended === 1);
  publishRequest(stream.id, exchange, isOver ? exchange.outcome : CLIENT_ABORT, isOver);
}

/** The stream is gone: counts the request with how it ended. */
export function endStream(stream: HttpStream): void {
  const exchange: Exchange | null = stream.exchange;
  if (exchange === null) return;
  if (stream.local === 0 && (exchange.answered === 0 || stream.ended === 0)) {
    exchange.outcome = upstreamReset(responseFlags()) ? RESET : CLIENT_ABORT;
  }
  countRequest(exchange);
  endExchange(exchange, moment());
  freeExchange(exchange);
  stream.exchange = null;
}
