// SPDX-License-Identifier: Apache-2.0
/**
 * The door through which vectors reach `filter/core`: compiled to Wasm by asc and imported natively, from this one source.
 * Takes input from one buffer, writes what happened as text to another, and keeps one connection and one configuration.
 */
import { DESTINATION_CAPACITY, writeDestination } from "../../filter/core/authority.ts";
import { Block, startBlock } from "../../filter/core/block.ts";
import { writeDecimal, writeText } from "../../filter/core/bytes.ts";
import { HelloReader, NAME_CAPACITY } from "../../filter/core/client-hello.ts";
import { Config, Text, VENDOR_NAME, VENDOR_NAME_LENGTH, VENDOR_PATTERN } from "../../filter/core/config.ts";
import { configSpace, readConfig } from "../../filter/core/config-read.ts";
import * as connections from "../../filter/core/connection.ts";
import * as states from "../../filter/core/connection-state.ts";
import { Connection } from "../../filter/core/connection-state.ts";
import { readBasic, TOKEN_CAPACITY, Token } from "../../filter/core/credentials.ts";
import { protocolName } from "../../filter/core/families.ts";
import { Gateways, vendorOfAddress, vendorOfName } from "../../filter/core/gateways.ts";
import { Body } from "../../filter/core/http-body.ts";
import { HeaderNames, RequestReader } from "../../filter/core/http-request.ts";
import { ResponseReader } from "../../filter/core/http-response.ts";
import { parseEndpoint, parsePrefix } from "../../filter/core/ip-address.ts";
import { writeV4, writeV6 } from "../../filter/core/ip-text.ts";
import { Json } from "../../filter/core/json.ts";
import { LINE_CAPACITY, Line } from "../../filter/core/line.ts";
import {
  connectOutcome,
  httpOutcome,
  outcomeName,
  resultName,
  resultOf,
  socks4Outcome,
  socks5Outcome,
} from "../../filter/core/outcome.ts";
import { proxyStatus } from "../../filter/core/proxy-status.ts";
import { SocksReader } from "../../filter/core/socks.ts";
import { TlsReader } from "../../filter/core/tls.ts";

const INPUT: i32 = i32(memory.data(131072));
const OUTPUT: i32 = i32(memory.data(131072));
const TABLES: i32 = i32(memory.data(1048576));
const OUTPUT_LIMIT: i32 = 130000;

/** Address of 131,072 bytes for input. */
export function inputAddress(): i32 {
  return INPUT;
}

/** Address of the text that a call leaves behind. */
export function outputAddress(): i32 {
  return OUTPUT;
}

let written: i32 = 0;

/** Length of the text written since `clearOutput`. */
export function outputLength(): i32 {
  return written;
}

export function clearOutput(): void {
  written = 0;
}

function put(text: string): void {
  if (written < OUTPUT_LIMIT) written += writeText(OUTPUT + written, text);
}

function putNumber(value: i32): void {
  if (written < OUTPUT_LIMIT) written += writeDecimal(OUTPUT + written, value);
}

function putBytes(address: i32, length: i32): void {
  if (written >= OUTPUT_LIMIT) return;
  memory.copy(OUTPUT + written, address, length);
  written += length;
}

export function destinationOf(length: i32, defaultPort: i32): void {
  const n: i32 = writeDestination(
    OUTPUT,
    INPUT,
    length < DESTINATION_CAPACITY ? length : DESTINATION_CAPACITY,
    defaultPort,
  );
  written = n;
}

/** Class of a Proxy-Status value as a digit. */
export function proxyStatusOf(length: i32): void {
  putNumber(proxyStatus(INPUT, length));
}

/** `kind`: 0 CONNECT, 1 plain HTTP, 2 SOCKS5, 3 SOCKS4. Writes outcome and result. */
export function outcomeOf(kind: i32, code: i32, status: i32): void {
  let outcome: i32 = socks4Outcome(code);
  if (kind === 0) outcome = connectOutcome(code, status);
  if (kind === 1) outcome = httpOutcome(code, status);
  if (kind === 2) outcome = socks5Outcome(code);
  put(outcomeName(outcome));
  put(" ");
  put(resultName(resultOf(outcome)));
}

/** The address of an endpoint in the form of RFC 5952, then its port; or `none`. */
export function endpointOf(length: i32): void {
  const port: i32 = parseEndpoint(TABLES, INPUT, length);
  if (port < 0) {
    put("none");
    return;
  }
  putAddress();
  put(" ");
  putNumber(port);
}

/** The masked address of a prefix and its bits of 128; or `none`. */
export function prefixOf(length: i32): void {
  const bits: i32 = parsePrefix(TABLES, INPUT, length);
  if (bits < 0) {
    put("none");
    return;
  }
  putAddress();
  put("/");
  putNumber(bits);
}

function putAddress(): void {
  const mapped: bool = i32.load8_u(TABLES + 10) === 255 && i32.load8_u(TABLES + 11) === 255 && i32.load(TABLES) === 0;
  written += mapped ? writeV4(OUTPUT + written, TABLES + 12) : writeV6(OUTPUT + written, TABLES);
}

let connection: Connection = new Connection();
const names: HeaderNames = new HeaderNames();
let pattern: i32 = 0;

function line(): Line {
  const made: Line = new Line();
  made.data = room(LINE_CAPACITY);
  return made;
}

function token(): Token {
  const made: Token = new Token();
  made.data = room(TOKEN_CAPACITY);
  return made;
}

const ARENA: i32 = i32(memory.data(8192));
let arenaUsed: i32 = 0;

function room(size: i32): i32 {
  const address: i32 = ARENA + arenaUsed;
  arenaUsed += (size + 7) & -8;
  memory.fill(address, 0, size);
  return address;
}

/** Begins a new connection; the vendor's username pattern is that of the first vendor of the configuration read last. */
export function open(): void {
  arenaUsed = 0;
  const c: Connection = new Connection();
  c.request = new RequestReader();
  c.response = new ResponseReader();
  c.socks = new SocksReader();
  c.tls = new TlsReader();
  c.tls.hello = new HelloReader();
  c.tls.hello.name = room(NAME_CAPACITY);
  c.request.line = line();
  c.request.body = new Body();
  c.request.vendor = token();
  c.request.pool = token();
  c.request.country = token();
  c.request.extra = token();
  c.request.names = names;
  c.request.destination = room(DESTINATION_CAPACITY);
  c.request.pattern = pattern;
  c.response.line = line();
  c.response.body = new Body();
  c.socks.request = c.request.line;
  c.socks.answer = c.response.line;
  c.socks.pool = c.request.pool;
  c.socks.country = c.request.country;
  c.socks.destination = room(DESTINATION_CAPACITY);
  c.socks.pattern = pattern;
  connection = c;
  sentBytes = 0;
  receivedBytes = 0;
  queued = 0;
}

/** Bytes of either direction since its last event. */
let sentBytes: i32 = 0;
let receivedBytes: i32 = 0;

/** Methods of the requests that wait for an answer, oldest first. */
const QUEUE: i32 = i32(memory.data(4096));
let queued: i32 = 0;

function setAnswering(): void {
  connection.answering = queued === 0 ? -1 : i32.load8_u(QUEUE);
}

/** One chunk of sent bytes from the input buffer. */
export function sent(length: i32): void {
  let at: i32 = 0;
  setAnswering();
  while (at < length) {
    const free: f64 = connections.sentSkippable(connection);
    if (free > 0) {
      const n: i32 = free < f64(length - at) ? i32(free) : length - at;
      connections.skipSent(connection, f64(n));
      sentBytes += n;
      at += n;
      continue;
    }
    const n: i32 = connections.advanceSent(connection, INPUT + at, length - at);
    at += n;
    sentBytes += n;
    if (connection.event !== states.EVENT_NONE) putSentEvent();
    setAnswering();
  }
}

function putSentEvent(): void {
  const c: Connection = connection;
  put("S");
  putNumber(sentBytes);
  sentBytes = 0;
  if (c.event === states.EVENT_REQUEST) {
    put(" request ");
    put(protocolName(c.protocol));
    put(" ");
    putDestination();
    putTokens();
    const http: bool = c.protocol === states.HTTP || c.protocol === states.CONNECT;
    if (queued < 4096) i32.store8(QUEUE + queued, http ? c.request.method : 0);
    if (queued < 4096) queued++;
  } else if (c.event === states.EVENT_ESTABLISHED) {
    put(" established");
  } else {
    put(" unreadable");
  }
  put("; ");
}

function putDestination(): void {
  const c: Connection = connection;
  if (c.protocol === states.SOCKS4 || c.protocol === states.SOCKS5) {
    putBytes(c.socks.destination, c.socks.destinationLength);
  } else if (c.protocol === states.TLS) {
    putBytes(c.request.destination, c.request.destinationLength);
  } else if (c.protocol !== states.H2) {
    putBytes(c.request.destination, c.request.destinationLength);
    put(" ");
    putNumber(c.request.version);
  }
}

function putTokens(): void {
  putToken(" pool=", connection.request.pool);
  putToken(" country=", connection.request.country);
  putToken(" vendor=", connection.request.vendor);
}

function putToken(label: string, value: Token): void {
  if (value.length === 0) return;
  put(label);
  putBytes(value.data, value.length);
}

/** Server name that was read inside the tunnel. */
export function serverName(): void {
  putBytes(connection.tls.hello.name, connection.tls.hello.nameLength);
}

/** One chunk of received bytes from the input buffer. */
export function received(length: i32): void {
  let at: i32 = 0;
  while (at < length) {
    setAnswering();
    const free: f64 = connections.receivedSkippable(connection);
    if (free > 0) {
      const n: i32 = free < f64(length - at) ? i32(free) : length - at;
      connections.skipReceived(connection, f64(n));
      receivedBytes += n;
      at += n;
    } else {
      const n: i32 = connections.advanceReceived(connection, INPUT + at, length - at);
      receivedBytes += n;
      at += n;
    }
    if (connection.event !== states.EVENT_NONE) putReceivedEvent();
  }
}

function putReceivedEvent(): void {
  const c: Connection = connection;
  put("R");
  putNumber(receivedBytes);
  receivedBytes = 0;
  if (c.event === states.EVENT_TUNNEL) put(" tunnel");
  if (c.event === states.EVENT_REFUSED) put(" refused");
  if (c.event === states.EVENT_REPLY_END) put(" end");
  if (c.event === states.EVENT_REPLY) {
    put(" reply ");
    const socks: bool = c.protocol === states.SOCKS4 || c.protocol === states.SOCKS5;
    putNumber(socks ? c.socks.reply : c.response.status);
    if (connections.replyIsWhole(c)) put(" whole");
  }
  const whole: bool = c.event === states.EVENT_REPLY && i32.load8_u(OUTPUT + written - 1) === 0x65;
  if (queued > 0 && (whole || c.event === states.EVENT_REPLY_END)) popQueue();
  put("; ");
}

function popQueue(): void {
  memory.copy(QUEUE, QUEUE + 1, queued - 1);
  queued--;
}

/** Bytes of both directions since their last events. */
export function rest(): void {
  put("S");
  putNumber(sentBytes);
  put(" R");
  putNumber(receivedBytes);
}

let config: Config = new Config();

/** Reads a configuration from the input buffer; writes whether it is usable, its errors and its vendors. */
export function configure(length: i32): void {
  const made: Config = new Config();
  made.names = names;
  made.gateways = new Gateways();
  made.release = new Text();
  made.digest = new Text();
  made.configHash = new Text();
  made.extraLabel = new Text();
  config = made;
  memory.copy(TABLES, INPUT, length);
  const space: i32 = configSpace(TABLES, length);
  const block: Block = new Block();
  const available: i32 = 1048576 - length - 8;
  startBlock(block, TABLES + length, space < available ? space : available);
  readConfig(config, new Json(), block, TABLES, length);
  put(config.usable === 1 ? "usable" : "inert");
  put(" errors=");
  putNumber(config.errors);
  for (let i: i32 = 0; i < config.vendorCount; i++) putVendor(i32.load(config.vendors + 4 * i));
  put(" limits=");
  putNumber(config.seriesLimit);
  put(",");
  putNumber(config.destinationLimit);
  pattern = config.vendorCount > 0 ? i32.load(i32.load(config.vendors), VENDOR_PATTERN) : 0;
}

function putVendor(vendor: i32): void {
  put(" ");
  putBytes(i32.load(vendor, VENDOR_NAME), i32.load(vendor, VENDOR_NAME_LENGTH));
}

/** Index of the vendor of a name (`kind` 1 host, 2 server name) at a port, plus 1; 0 for none. */
export function vendorOf(kind: i32, length: i32, port: i32): i32 {
  return vendorOfName(config.gateways, kind, INPUT, length, port) + 1;
}

/** Index of the vendor of an endpoint `ip:port`, plus 1; 0 for none, -1 for excluded, -2 for no address. */
export function vendorOfEndpoint(length: i32): i32 {
  const port: i32 = parseEndpoint(TABLES + 1048560, INPUT, length);
  return port < 0 ? -2 : vendorOfAddress(config.gateways, TABLES + 1048560, port) + 1;
}

/** Pool and country out of a Proxy-Authorization value, by the pattern of the configuration's first vendor. */
export function credentials(length: i32): void {
  const pool: Token = connection.request.pool;
  const country: Token = connection.request.country;
  pool.length = 0;
  country.length = 0;
  readBasic(INPUT, length, pattern, pool, country);
  putBytes(pool.data, pool.length);
  put(" ");
  putBytes(country.data, country.length);
}
