// SPDX-License-Identifier: Apache-2.0
/**
 * Reads the SOCKS handshakes of both sides: SOCKS5 with and without a username (RFC 1928, RFC 1929), SOCKS4 and 4a.
 * Collects messages that arrive in any cut; the username leaves only a pool and a country. Decides no outcome.
 */
import { DESTINATION_CAPACITY, writeHostPort } from "./authority.ts";
import { readUsername, Token } from "./credentials.ts";
import { writeV4, writeV6 } from "./ip-text.ts";
import { LINE_CAPACITY, Line } from "./line.ts";

/** What one call of `advanceSocksRequest` or `advanceSocksReply` reached. */
export const SOCKS_MORE: i32 = 0;
/** The request is complete: the destination is known. */
export const SOCKS_REQUEST: i32 = 1;
/** The gateway answered the request; `reply` holds its code. */
export const SOCKS_REPLY: i32 = 2;
/** The gateway refused the credentials or every method that was offered. */
export const SOCKS_REFUSED: i32 = 3;
export const SOCKS_INVALID: i32 = 4;

const GREETING: i32 = 0;
const AFTER_GREETING: i32 = 1;
const AUTHENTICATION: i32 = 2;
const REQUEST: i32 = 3;
const DONE: i32 = 4;

const REPLY_METHOD: i32 = 0;
const REPLY_AUTHENTICATION: i32 = 1;
const REPLY_REQUEST: i32 = 2;

const ATYP_V4: i32 = 1;
const ATYP_DOMAIN: i32 = 3;
const ATYP_V6: i32 = 4;
const METHOD_USERNAME: i32 = 2;
const METHOD_NONE_ACCEPTABLE: i32 = 255;

export class SocksReader {
  /** 4 or 5. */
  version: i32 = 0;
  stage: i32 = 0;
  replyStage: i32 = 0;
  /** Reply code of the gateway. */
  reply: i32 = 0;
  /** Address of DESTINATION_CAPACITY bytes: value of `destination_host`. */
  destination: i32 = 0;
  destinationLength: i32 = 0;
  request: Line = changetype<Line>(0);
  answer: Line = changetype<Line>(0);
  pool: Token = changetype<Token>(0);
  country: Token = changetype<Token>(0);
  /** Address of the vendor's username pattern, 0 for none. */
  pattern: i32 = 0;
}

/** Takes bytes that the client sent; returns SOCKS_*, and how many in `socksTaken()`. */
export function advanceSocksRequest(reader: SocksReader, address: i32, length: i32): i32 {
  takenBytes = 0;
  while (takenBytes < length) {
    const need: i32 = reader.version === 5 ? need5(reader) : need4(reader);
    if (need < 0 || reader.request.length >= LINE_CAPACITY) return SOCKS_INVALID;
    collect(reader.request, i32.load8_u(address + takenBytes));
    takenBytes++;
    if (reader.request.length < (reader.version === 5 ? need5(reader) : need4(reader))) continue;
    const reached: i32 = reader.version === 5 ? endMessage5(reader) : endRequest4(reader);
    if (reached !== SOCKS_MORE) return reached;
  }
  return SOCKS_MORE;
}

/** Takes bytes that the gateway sent; returns SOCKS_*, and how many in `socksTaken()`. */
export function advanceSocksReply(reader: SocksReader, address: i32, length: i32): i32 {
  takenBytes = 0;
  while (takenBytes < length) {
    collect(reader.answer, i32.load8_u(address + takenBytes));
    takenBytes++;
    const need: i32 = reader.version === 5 ? needReply5(reader) : 8;
    if (need < 0) return SOCKS_INVALID;
    if (reader.answer.length < need) continue;
    const reached: i32 = reader.version === 5 ? endReply5(reader) : endReply4(reader);
    reader.answer.length = 0;
    if (reached !== SOCKS_MORE) return reached;
  }
  return SOCKS_MORE;
}

/** Bytes taken by the last call of either function. */
export function socksTaken(): i32 {
  return takenBytes;
}

let takenBytes: i32 = 0;

function collect(line: Line, byte: i32): void {
  if (line.length >= LINE_CAPACITY) return;
  i32.store8(line.data + line.length, byte);
  line.length++;
}

function at(line: Line, index: i32): i32 {
  return i32.load8_u(line.data + index);
}

/** Length of the client's SOCKS5 message so far as its bytes tell; -1 when they make no sense. */
function need5(reader: SocksReader): i32 {
  const line: Line = reader.request;
  const n: i32 = line.length;
  if (reader.stage === GREETING) return n < 2 ? 2 : 2 + at(line, 1);
  if (reader.stage === AFTER_GREETING) {
    if (n === 0) return 1;
    const first: i32 = at(line, 0);
    return first === 1 || first === 5 ? 1 : -1;
  }
  if (reader.stage === AUTHENTICATION) return needAuthentication(line);
  return reader.stage === REQUEST ? needAddress(line) : -1;
}

function needAuthentication(line: Line): i32 {
  if (line.length < 2) return 2;
  const passwordAt: i32 = 2 + at(line, 1);
  return line.length <= passwordAt ? passwordAt + 1 : passwordAt + 1 + at(line, passwordAt);
}

/** VER CMD RSV ATYP ADDR PORT, also the form of the reply. */
function needAddress(line: Line): i32 {
  if (line.length < 5) return 5;
  const type: i32 = at(line, 3);
  if (type === ATYP_V4) return 10;
  if (type === ATYP_V6) return 22;
  return type === ATYP_DOMAIN ? 7 + at(line, 4) : -1;
}

function endMessage5(reader: SocksReader): i32 {
  const line: Line = reader.request;
  if (reader.stage === GREETING) {
    if (at(line, 0) !== 5) return SOCKS_INVALID;
    reader.stage = AFTER_GREETING;
    line.length = 0;
  } else if (reader.stage === AFTER_GREETING) {
    // The client decides: 1 begins the sub-negotiation of a username, 5 the request.
    reader.stage = at(line, 0) === 1 ? AUTHENTICATION : REQUEST;
  } else if (reader.stage === AUTHENTICATION) {
    readUsername(line.data + 2, at(line, 1), reader.pattern, reader.pool, reader.country);
    memory.fill(line.data, 0, line.length);
    reader.stage = AFTER_GREETING;
    line.length = 0;
  } else {
    nameDestination5(reader);
    return SOCKS_REQUEST;
  }
  return SOCKS_MORE;
}

function nameDestination5(reader: SocksReader): void {
  const line: Line = reader.request;
  const type: i32 = at(line, 3);
  const port: f64 = f64((at(line, line.length - 2) << 8) | at(line, line.length - 1));
  let host: i32 = line.data + 5;
  let length: i32 = at(line, 4);
  if (type !== ATYP_DOMAIN) {
    host = text;
    length = type === ATYP_V4 ? writeV4(text, line.data + 4) : writeV6(text, line.data + 4);
  }
  reader.destinationLength = writeHostPort(reader.destination, host, length, port, 443);
  reader.stage = DONE;
}

const text: i32 = i32(memory.data(DESTINATION_CAPACITY));

/** VER CMD PORT(2) IP(4) USERID NUL, and DOMAIN NUL where the IP is 0.0.0.x. */
function need4(reader: SocksReader): i32 {
  const line: Line = reader.request;
  const n: i32 = line.length;
  if (reader.stage === DONE) return -1;
  if (n < 9) return 9;
  const userEnd: i32 = indexOfNul(line, 8);
  if (userEnd < 0) return n + 1;
  if (!named4a(line)) return userEnd + 1;
  const hostEnd: i32 = indexOfNul(line, userEnd + 1);
  return hostEnd < 0 ? n + 1 : hostEnd + 1;
}

function named4a(line: Line): bool {
  return at(line, 4) === 0 && at(line, 5) === 0 && at(line, 6) === 0 && at(line, 7) !== 0;
}

function indexOfNul(line: Line, from: i32): i32 {
  for (let i: i32 = from; i < line.length; i++) {
    if (at(line, i) === 0) return i;
  }
  return -1;
}

function endRequest4(reader: SocksReader): i32 {
  const line: Line = reader.request;
  const port: f64 = f64((at(line, 2) << 8) | at(line, 3));
  const userEnd: i32 = indexOfNul(line, 8);
  readUsername(line.data + 8, userEnd - 8, reader.pattern, reader.pool, reader.country);
  let host: i32 = line.data + userEnd + 1;
  let length: i32 = line.length - userEnd - 2;
  if (!named4a(line)) {
    host = text;
    length = writeV4(text, line.data + 4);
  }
  reader.destinationLength = writeHostPort(reader.destination, host, length, port, 443);
  memory.fill(line.data, 0, line.length);
  reader.stage = DONE;
  return SOCKS_REQUEST;
}

function needReply5(reader: SocksReader): i32 {
  return reader.replyStage === REPLY_REQUEST ? needAddress(reader.answer) : 2;
}

function endReply5(reader: SocksReader): i32 {
  const line: Line = reader.answer;
  const code: i32 = at(line, 1);
  if (reader.replyStage === REPLY_METHOD) {
    if (code === METHOD_NONE_ACCEPTABLE) return SOCKS_REFUSED;
    reader.replyStage = code === METHOD_USERNAME ? REPLY_AUTHENTICATION : REPLY_REQUEST;
    return SOCKS_MORE;
  }
  if (reader.replyStage === REPLY_AUTHENTICATION) {
    reader.replyStage = REPLY_REQUEST;
    return code === 0 ? SOCKS_MORE : SOCKS_REFUSED;
  }
  reader.reply = code;
  return SOCKS_REPLY;
}

function endReply4(reader: SocksReader): i32 {
  reader.reply = at(reader.answer, 1);
  return SOCKS_REPLY;
}
