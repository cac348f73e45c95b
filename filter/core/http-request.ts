// SPDX-License-Identifier: Apache-2.0
/**
 * Reads one HTTP/1 request after another as a proxy client sends them: CONNECT, absolute-form and origin-form
 * (RFC 9112 section 3.2), with their bodies. Keeps the destination and what attribution needs; keeps no credential.
 * Does not pair requests with responses.
 */
import { DESTINATION_CAPACITY, writeDestination } from "./authority.ts";
import {
  COLON,
  equalsIgnoringCase,
  equalsText,
  indexOfByte,
  isTokenByte,
  lastIndexOfByte,
  leadingBlanks,
  parseDecimal,
  SLASH,
  SPACE,
  startsWithText,
  trimmedLength,
} from "./bytes.ts";
import { readBasic, setToken, Token } from "./credentials.ts";
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, Body, skippable, startBody, takeChunkLine } from "./http-body.ts";
import { METHOD_CONNECT, methodOf } from "./http-method.ts";
import { clearLine, LINE_CAPACITY, Line, takeLine } from "./line.ts";

/** What one call of `advanceRequest` reached. */
export const REQUEST_MORE: i32 = 0;
export const REQUEST_HEAD: i32 = 1;
export const REQUEST_END: i32 = 2;
export const REQUEST_INVALID: i32 = 3;
/** The first line is the HTTP/2 connection preface (RFC 9113 section 3.4). */
export const REQUEST_H2: i32 = 4;

const STAGE_START: i32 = 0;
const STAGE_FIELDS: i32 = 1;
const STAGE_BODY: i32 = 2;

/** Header names that carry attribution, from the configuration; a length of 0 means not used. */
export class HeaderNames {
  vendor: i32 = 0;
  vendorLength: i32 = 0;
  pool: i32 = 0;
  poolLength: i32 = 0;
  extra: i32 = 0;
  extraLength: i32 = 0;
}

export class RequestReader {
  stage: i32 = 0;
  method: i32 = 0;
  /** 10 or 11. */
  version: i32 = 0;
  chunked: i32 = 0;
  contentLength: f64 = 0;
  /** Address of DESTINATION_CAPACITY bytes: value of `destination_host`. */
  destination: i32 = 0;
  destinationLength: i32 = 0;
  /** 1 where the request line named the destination, so that Host does not. */
  targetNamed: i32 = 0;
  /** These are set once the connection's memory is bound. */
  line: Line = changetype<Line>(0);
  body: Body = changetype<Body>(0);
  vendor: Token = changetype<Token>(0);
  pool: Token = changetype<Token>(0);
  country: Token = changetype<Token>(0);
  extra: Token = changetype<Token>(0);
  names: HeaderNames = changetype<HeaderNames>(0);
  /** Address of the vendor's username pattern, 0 for none. */
  pattern: i32 = 0;
}

/** Bytes of the body that can be passed over unread. */
export function requestSkippable(reader: RequestReader): f64 {
  return reader.stage === STAGE_BODY ? skippable(reader.body) : 0;
}

/** After a skip: whether the body has ended; then the next request may begin. */
export function requestEnded(reader: RequestReader): bool {
  if (reader.stage !== STAGE_BODY || reader.body.complete === 0) return false;
  reader.stage = STAGE_START;
  clearLine(reader.line);
  return true;
}

/** Whether no byte of a further request was taken yet. */
export function requestIdle(reader: RequestReader): bool {
  return reader.stage === STAGE_START && reader.line.length === 0;
}

/**
 * Takes bytes of the request direction until something is reached.
 *
 * @returns REQUEST_*; the number of bytes taken is left in `taken()`
 */
export function advanceRequest(reader: RequestReader, address: i32, length: i32): i32 {
  if (reader.stage === STAGE_BODY) {
    takenBytes = takeChunkLine(reader.body, reader.line, address, length);
    return requestEnded(reader) ? REQUEST_END : REQUEST_MORE;
  }
  takenBytes = takeLine(reader.line, address, length);
  if (reader.stage === STAGE_START && !plausibleStart(reader.line)) return REQUEST_INVALID;
  if (reader.line.complete === 0) return REQUEST_MORE;
  const reached: i32 = reader.stage === STAGE_START ? startLine(reader) : fieldLine(reader);
  clearLine(reader.line);
  return reached;
}

/** Bytes taken by the last call of `advanceRequest`. */
export function requestTaken(): i32 {
  return takenBytes;
}

let takenBytes: i32 = 0;

/** A method is letters and dashes up to a space; anything else at the start is not HTTP. */
function plausibleStart(line: Line): bool {
  const n: i32 = line.length < 24 ? line.length : 24;
  for (let i: i32 = 0; i < n; i++) {
    const byte: i32 = i32.load8_u(line.data + i);
    if (byte === SPACE) return i > 0;
    if (!isTokenByte(byte)) return false;
  }
  return n < 24;
}

function startLine(reader: RequestReader): i32 {
  const line: Line = reader.line;
  // A server ignores empty lines before a request (RFC 9112 section 2.2).
  if (line.last === 0) return REQUEST_MORE;
  if (equalsText(line.data, line.length, "pri * http/2.0")) return REQUEST_H2;
  const methodEnd: i32 = indexOfByte(line.data, line.length, SPACE, 0);
  if (methodEnd < 1) return REQUEST_INVALID;
  const cut: bool = line.length === LINE_CAPACITY;
  const targetEnd: i32 = cut ? line.length : lastIndexOfByte(line.data, line.length, SPACE);
  if (targetEnd <= methodEnd) return REQUEST_INVALID;
  if (!cut && !startsWithText(line.data + targetEnd + 1, line.length - targetEnd - 1, "http/1."))
    return REQUEST_INVALID;
  beginHead(reader);
  reader.version = line.last === 0x30 ? 10 : 11;
  reader.method = methodOf(line.data, methodEnd);
  readTarget(reader, line.data + methodEnd + 1, targetEnd - methodEnd - 1);
  reader.stage = STAGE_FIELDS;
  return REQUEST_MORE;
}

function beginHead(reader: RequestReader): void {
  reader.chunked = 0;
  reader.contentLength = -1;
  reader.destinationLength = 0;
  reader.targetNamed = 0;
  reader.vendor.length = 0;
  reader.pool.length = 0;
  reader.country.length = 0;
  reader.extra.length = 0;
}

function readTarget(reader: RequestReader, address: i32, length: i32): void {
  if (reader.method === METHOD_CONNECT) {
    nameDestination(reader, address, length, 443);
    return;
  }
  const colon: i32 = indexOfByte(address, length, COLON, 0);
  const absolute: bool =
    colon > 0 &&
    colon + 2 < length &&
    i32.load8_u(address + colon + 1) === SLASH &&
    i32.load8_u(address + colon + 2) === SLASH;
  if (!absolute || i32.load8_u(address) === SLASH) return;
  const start: i32 = colon + 3;
  let end: i32 = start;
  while (end < length && !endsAuthority(i32.load8_u(address + end))) end++;
  nameDestination(reader, address + start, end - start, equalsText(address, colon, "https") ? 443 : 80);
}

function endsAuthority(byte: i32): bool {
  return byte === SLASH || byte === 0x3f || byte === 0x23;
}

function nameDestination(reader: RequestReader, address: i32, length: i32, defaultPort: i32): void {
  const n: i32 = length < DESTINATION_CAPACITY ? length : DESTINATION_CAPACITY;
  reader.destinationLength = writeDestination(reader.destination, address, n, defaultPort);
  reader.targetNamed = 1;
}

function fieldLine(reader: RequestReader): i32 {
  const line: Line = reader.line;
  if (line.last === 0) return endHead(reader);
  const colon: i32 = indexOfByte(line.data, line.length, COLON, 0);
  if (colon < 1) return REQUEST_MORE;
  const blanks: i32 = leadingBlanks(line.data + colon + 1, line.length - colon - 1);
  const value: i32 = line.data + colon + 1 + blanks;
  readField(reader, line.data, colon, value, trimmedLength(value, line.length - colon - 1 - blanks));
  return REQUEST_MORE;
}

function readField(reader: RequestReader, name: i32, nameLength: i32, value: i32, length: i32): void {
  const names: HeaderNames = reader.names;
  if (equalsText(name, nameLength, "host")) {
    if (reader.targetNamed === 0) nameDestination(reader, value, length, 80);
  } else if (equalsText(name, nameLength, "content-length")) {
    if (reader.contentLength < 0) reader.contentLength = parseDecimal(value, length);
  } else if (equalsText(name, nameLength, "transfer-encoding")) {
    reader.chunked = isChunked(value, length) ? 1 : 0;
  } else if (equalsText(name, nameLength, "proxy-authorization")) {
    readBasic(value, length, reader.pattern, reader.pool, reader.country);
    memory.fill(value, 0, length);
  } else if (equalsIgnoringCase(name, nameLength, names.vendor, names.vendorLength)) {
    setToken(reader.vendor, value, length);
  } else if (equalsIgnoringCase(name, nameLength, names.pool, names.poolLength)) {
    setToken(reader.pool, value, length);
  } else if (equalsIgnoringCase(name, nameLength, names.extra, names.extraLength)) {
    setToken(reader.extra, value, length);
  }
}

/** Whether the last transfer coding is `chunked` (RFC 9112 section 6.1). */
export function isChunked(value: i32, length: i32): bool {
  return length >= 7 && equalsText(value + length - 7, 7, "chunked");
}

function endHead(reader: RequestReader): i32 {
  // CONNECT has no body; what follows is the tunnel or, after a refusal, the next request.
  const kind: i32 =
    reader.method === METHOD_CONNECT
      ? BODY_NONE
      : reader.chunked === 1
        ? BODY_CHUNKED
        : reader.contentLength > 0
          ? BODY_LENGTH
          : BODY_NONE;
  startBody(reader.body, kind, reader.contentLength);
  reader.stage = STAGE_BODY;
  return REQUEST_HEAD;
}

/** Whether a head was read whose body is still to come. */
export function requestHasOpenBody(reader: RequestReader): bool {
  return reader.stage === STAGE_BODY;
}
