// SPDX-License-Identifier: Apache-2.0
/**
 * Walks the header maps that a proxy-wasm host hands out, and says how many bytes such a head is on an HTTP/1 wire.
 * Format: the count, then key and value lengths in pairs, then each key and value with a NUL (ABI 0.2.1).
 * What Envoy adds to a request on its own is left out of the size. Does not decide what a header means.
 */
import { COLON, equalsText, startsWithText } from "./bytes.ts";

export class HeaderPairs {
  /** Number of headers; 0 where the map is malformed. */
  count: i32 = 0;
  /** The header that the walk stands on. */
  name: i32 = 0;
  nameLength: i32 = 0;
  value: i32 = 0;
  valueLength: i32 = 0;
  index: i32 = 0;
  lengths: i32 = 0;
  data: i32 = 0;
  end: i32 = 0;
}

/** Begins a walk over `length` bytes of a serialized map. */
export function startPairs(pairs: HeaderPairs, address: i32, length: i32): void {
  pairs.index = 0;
  pairs.count = length >= 4 ? i32.load(address) : 0;
  if (pairs.count < 0 || pairs.count > (length - 4) >> 3) pairs.count = 0;
  pairs.lengths = address + 4;
  pairs.data = address + 4 + pairs.count * 8;
  pairs.end = address + length;
}

/** Moves to the next header; false at the end. */
export function nextPair(pairs: HeaderPairs): bool {
  if (pairs.index >= pairs.count) return false;
  const nameLength: i32 = i32.load(pairs.lengths + pairs.index * 8);
  const valueLength: i32 = i32.load(pairs.lengths + pairs.index * 8, 4);
  const available: i32 = pairs.end - pairs.data;
  if (nameLength < 0 || valueLength < 0 || nameLength > available - 2 || valueLength > available - 2 - nameLength) {
    pairs.index = pairs.count;
    return false;
  }
  pairs.name = pairs.data;
  pairs.nameLength = nameLength;
  pairs.value = pairs.data + nameLength + 1;
  pairs.valueLength = valueLength;
  pairs.data = pairs.value + valueLength + 1;
  pairs.index++;
  return true;
}

/** Bytes of the header under the walk in an HTTP/1 head; 0 for what Envoy added to a request. */
export function wireSize(pairs: HeaderPairs, ofRequest: bool): i32 {
  const name: i32 = pairs.name;
  const length: i32 = pairs.nameLength;
  const first: i32 = length > 0 ? i32.load8_u(name) : 0;
  if (first === COLON) return pseudoSize(name, length, pairs.valueLength);
  return ofRequest && first === LETTER_X && addedByEnvoy(name, length) ? 0 : length + 2 + pairs.valueLength + 2;
}

const LETTER_X: i32 = 0x78;

/** Request line `METHOD path HTTP/1.1`, `host: authority`, status line `HTTP/1.1 200`; what is fixed is in FIXED_*. */
function pseudoSize(name: i32, length: i32, valueLength: i32): i32 {
  if (length === 10 && equalsText(name, length, ":authority")) return 6 + valueLength + 2;
  return length === 7 && equalsText(name, length, ":scheme") ? 0 : valueLength;
}

/** Two spaces, `HTTP/1.1`, and two line ends: that of the line and the empty one. */
export const FIXED_REQUEST: i32 = 2 + 8 + 2 + 2;
/** `HTTP/1.1 `, a space before the reason, and two line ends. */
export const FIXED_RESPONSE: i32 = 9 + 1 + 2 + 2;

function addedByEnvoy(name: i32, length: i32): bool {
  return (
    startsWithText(name, length, "x-envoy-") ||
    equalsText(name, length, "x-forwarded-proto") ||
    equalsText(name, length, "x-request-id")
  );
}

/** Length of the reason phrase that Envoy writes with a status (RFC 9110 section 15); 0 for the rarer ones. */
export function reasonLength(status: i32): i32 {
  switch (status) {
    case 200:
      return 2; // OK
    case 201:
      return 7; // Created
    case 202:
      return 8; // Accepted
    case 203:
      return 29; // Non-Authoritative Information
    case 204:
      return 10; // No Content
    case 206:
      return 15; // Partial Content
    case 301:
      return 17; // Moved Permanently
    case 302:
      return 5; // Found
    case 303:
      return 9; // See Other
    case 304:
      return 12; // Not Modified
    case 307:
      return 18; // Temporary Redirect
    case 308:
      return 18; // Permanent Redirect
    case 400:
      return 11; // Bad Request
    case 401:
      return 12; // Unauthorized
    case 403:
      return 9; // Forbidden
    case 404:
      return 9; // Not Found
    case 405:
      return 18; // Method Not Allowed
    case 407:
      return 29; // Proxy Authentication Required
    case 408:
      return 15; // Request Timeout
    case 409:
      return 8; // Conflict
    case 410:
      return 4; // Gone
    case 429:
      return 17; // Too Many Requests
    case 500:
      return 21; // Internal Server Error
    case 502:
      return 11; // Bad Gateway
    case 503:
      return 19; // Service Unavailable
    case 504:
      return 15; // Gateway Timeout
    default:
      return 0;
  }
}

/** Bytes that chunked framing adds to `size` bytes of body: the length in hexadecimal and two line ends. */
export function chunkFraming(size: i32): i32 {
  let digits: i32 = 1;
  while (digits < 8 && size >> (4 * digits) > 0) digits++;
  return digits + 4;
}

/** The last chunk, `0` and two line ends. */
export const LAST_CHUNK: i32 = 5;
