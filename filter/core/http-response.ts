// SPDX-License-Identifier: Apache-2.0
/**
 * Reads the responses of one HTTP/1 connection: status, Proxy-Status and where each message ends (RFC 9112 section 6.3).
 * Is told which kind of request a response answers; does not keep the requests.
 */
import { COLON, equalsText, indexOfByte, leadingBlanks, parseDecimal, startsWithText, trimmedLength } from "./bytes.ts";
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  Body,
  skippable,
  startBody,
  takeChunkLine,
} from "./http-body.ts";
import { METHOD_CONNECT, METHOD_HEAD } from "./http-method.ts";
import { isChunked } from "./http-request.ts";
import { clearLine, Line, takeLine } from "./line.ts";
import { PROXY_STATUS_NONE, proxyStatus } from "./proxy-status.ts";

/** What one call of `advanceResponse` reached. */
export const RESPONSE_MORE: i32 = 0;
/** A final head with a body, or none, to follow. */
export const RESPONSE_HEAD: i32 = 1;
export const RESPONSE_END: i32 = 2;
export const RESPONSE_INVALID: i32 = 3;
/** A head after which the connection is a tunnel: 2xx to CONNECT, or 101. */
export const RESPONSE_TUNNEL: i32 = 4;

const STAGE_START: i32 = 0;
const STAGE_FIELDS: i32 = 1;
const STAGE_BODY: i32 = 2;

export class ResponseReader {
  stage: i32 = 0;
  /** 100..999. */
  status: i32 = 0;
  chunked: i32 = 0;
  contentLength: f64 = 0;
  /** PROXY_STATUS_*. */
  proxyStatus: i32 = 0;
  line: Line = changetype<Line>(0);
  body: Body = changetype<Body>(0);
}

/** Bytes of the body that can be passed over unread. */
export function responseSkippable(reader: ResponseReader): f64 {
  return reader.stage === STAGE_BODY ? skippable(reader.body) : 0;
}

/** After a skip or a head: whether the message has ended; then the next may begin. */
export function responseEnded(reader: ResponseReader): bool {
  if (reader.stage !== STAGE_BODY || reader.body.complete === 0) return false;
  reader.stage = STAGE_START;
  clearLine(reader.line);
  return true;
}

/** Whether the end of the connection ends this message as it should. */
export function endsWithConnection(reader: ResponseReader): bool {
  return reader.stage === STAGE_BODY && reader.body.kind === BODY_UNTIL_CLOSE;
}

/** Whether a response has begun, its head included. */
export function responseBegun(reader: ResponseReader): bool {
  return reader.stage !== STAGE_START || reader.line.length > 0;
}

/**
 * Takes bytes of the response direction until something is reached.
 *
 * @param method  METHOD_* of the request that is answered
 * @returns       RESPONSE_*; the number of bytes taken is left in `responseTaken()`
 */
export function advanceResponse(reader: ResponseReader, method: i32, address: i32, length: i32): i32 {
  if (reader.stage === STAGE_BODY) {
    takenBytes = takeChunkLine(reader.body, reader.line, address, length);
    return responseEnded(reader) ? RESPONSE_END : RESPONSE_MORE;
  }
  takenBytes = takeLine(reader.line, address, length);
  if (reader.stage === STAGE_START && !plausibleStart(reader.line)) return RESPONSE_INVALID;
  if (reader.line.complete === 0) return RESPONSE_MORE;
  const reached: i32 = reader.stage === STAGE_START ? startLine(reader) : fieldLine(reader, method);
  clearLine(reader.line);
  return reached;
}

/** Bytes taken by the last call of `advanceResponse`. */
export function responseTaken(): i32 {
  return takenBytes;
}

let takenBytes: i32 = 0;

function plausibleStart(line: Line): bool {
  const n: i32 = line.length < 5 ? line.length : 5;
  return startsWithText(line.data, n, n === 5 ? "http/" : "") && (n === 0 || startsWithText(line.data, 1, "h"));
}

function startLine(reader: ResponseReader): i32 {
  const line: Line = reader.line;
  if (line.last === 0) return RESPONSE_MORE;
  if (line.length < 12 || !startsWithText(line.data, line.length, "http/1.")) return RESPONSE_INVALID;
  const status: f64 = parseDecimal(line.data + 9, 3);
  if (status < 100) return RESPONSE_INVALID;
  reader.status = i32(status);
  reader.chunked = 0;
  reader.contentLength = -1;
  reader.proxyStatus = PROXY_STATUS_NONE;
  reader.stage = STAGE_FIELDS;
  return RESPONSE_MORE;
}

function fieldLine(reader: ResponseReader, method: i32): i32 {
  const line: Line = reader.line;
  if (line.last === 0) return endHead(reader, method);
  const colon: i32 = indexOfByte(line.data, line.length, COLON, 0);
  if (colon < 1) return RESPONSE_MORE;
  const blanks: i32 = leadingBlanks(line.data + colon + 1, line.length - colon - 1);
  const value: i32 = line.data + colon + 1 + blanks;
  const length: i32 = trimmedLength(value, line.length - colon - 1 - blanks);
  if (equalsText(line.data, colon, "content-length")) {
    if (reader.contentLength < 0) reader.contentLength = parseDecimal(value, length);
  } else if (equalsText(line.data, colon, "transfer-encoding")) {
    reader.chunked = isChunked(value, length) ? 1 : 0;
  } else if (equalsText(line.data, colon, "proxy-status")) {
    reader.proxyStatus = proxyStatus(value, length);
  }
  return RESPONSE_MORE;
}

function endHead(reader: ResponseReader, method: i32): i32 {
  const status: i32 = reader.status;
  if (status === 101 || (method === METHOD_CONNECT && status >= 200 && status < 300)) return RESPONSE_TUNNEL;
  if (status < 200) {
    reader.stage = STAGE_START;
    return RESPONSE_MORE;
  }
  const bodiless: bool = method === METHOD_HEAD || status === 204 || status === 304;
  startBody(reader.body, bodiless ? BODY_NONE : bodyKind(reader), reader.contentLength);
  reader.stage = STAGE_BODY;
  return RESPONSE_HEAD;
}

function bodyKind(reader: ResponseReader): i32 {
  if (reader.chunked === 1) return BODY_CHUNKED;
  return reader.contentLength >= 0 ? BODY_LENGTH : BODY_UNTIL_CLOSE;
}
