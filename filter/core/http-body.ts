// SPDX-License-Identifier: Apache-2.0
/**
 * Finds the end of an HTTP/1 message body (RFC 9112 sections 6 and 7): by length, by chunks with trailers, or by the
 * end of the connection. Reads only what frames the body; never looks at its content.
 */
import { isDigit, lower } from "./bytes.ts";
import { clearLine, Line, takeLine } from "./line.ts";

export const BODY_NONE: i32 = 0;
export const BODY_LENGTH: i32 = 1;
export const BODY_CHUNKED: i32 = 2;
/** Until the sender closes; also what is left when the framing makes no sense. */
export const BODY_UNTIL_CLOSE: i32 = 3;

const CHUNK_SIZE: i32 = 0;
const CHUNK_DATA: i32 = 1;
const CHUNK_DATA_END: i32 = 2;
const CHUNK_TRAILER: i32 = 3;

/** 2^50: a larger chunk is nonsense, and sums of sizes stay exact in an f64 below it. */
const LARGEST_CHUNK: f64 = 1125899906842624;

export class Body {
  kind: i32 = 0;
  /** Bytes left of the body (BODY_LENGTH) or of the chunk. */
  remaining: f64 = 0;
  stage: i32 = 0;
  /** 1 once the last byte was taken. */
  complete: i32 = 0;
}

/** Begins a body; a length of 0 is complete at once. */
export function startBody(body: Body, kind: i32, length: f64): void {
  body.kind = kind;
  body.remaining = length;
  body.stage = CHUNK_SIZE;
  body.complete = kind === BODY_NONE || (kind === BODY_LENGTH && length <= 0) ? 1 : 0;
}

/** Bytes that can be passed over without reading them. */
export function skippable(body: Body): f64 {
  if (body.complete === 1) return 0;
  if (body.kind === BODY_UNTIL_CLOSE) return LARGEST_CHUNK;
  return body.kind === BODY_LENGTH || body.stage === CHUNK_DATA ? body.remaining : 0;
}

/** Passes over `n` bytes, at most what `skippable` allows. */
export function skip(body: Body, n: f64): void {
  if (body.kind === BODY_UNTIL_CLOSE) return;
  body.remaining -= n;
  if (body.remaining > 0) return;
  if (body.kind === BODY_LENGTH) body.complete = 1;
  else body.stage = CHUNK_DATA_END;
}

/** Takes framing bytes of a chunked body; returns how many. Stops where data begins and at the end. */
export function takeChunkLine(body: Body, line: Line, address: i32, length: i32): i32 {
  const taken: i32 = takeLine(line, address, length);
  if (line.complete === 0) return taken;
  if (body.stage === CHUNK_SIZE) endSizeLine(body, line);
  else if (body.stage === CHUNK_DATA_END) body.stage = CHUNK_SIZE;
  else if (line.last === 0) body.complete = 1;
  clearLine(line);
  return taken;
}

function endSizeLine(body: Body, line: Line): void {
  const size: f64 = chunkSize(line);
  if (size < 0) {
    body.kind = BODY_UNTIL_CLOSE;
  } else if (size === 0) {
    body.stage = CHUNK_TRAILER;
  } else {
    body.stage = CHUNK_DATA;
    body.remaining = size;
  }
}

/** Hexadecimal digits at the start of the line; -1 when there are none or the size is absurd. */
function chunkSize(line: Line): f64 {
  let size: f64 = 0;
  let digits: i32 = 0;
  while (digits < line.length) {
    const value: i32 = hexDigit(i32.load8_u(line.data + digits));
    if (value < 0) break;
    size = size * 16 + f64(value);
    if (size > LARGEST_CHUNK) return -1;
    digits++;
  }
  return digits === 0 ? -1 : size;
}

function hexDigit(byte: i32): i32 {
  if (isDigit(byte)) return byte - 0x30;
  const low: i32 = lower(byte);
  return low >= 0x61 && low <= 0x66 ? low - 0x61 + 10 : -1;
}
