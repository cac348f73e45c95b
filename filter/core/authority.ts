// SPDX-License-Identifier: Apache-2.0
/**
 * From an authority as a client wrote it to the value of `destination_host`.
 * Lower-cases, drops the default port, caps the length and replaces every byte outside a safe alphabet, so that the
 * value can stand in a stat's name. Does not resolve, fold or count anything.
 */
import {
  AT,
  BRACKET_CLOSE,
  BRACKET_OPEN,
  COLON,
  DASH,
  DOT,
  indexOfByte,
  isDigit,
  isLetter,
  lastIndexOfByte,
  lower,
  parseDecimal,
  UNDERSCORE,
  writeDecimal,
} from "./bytes.ts";

/** Longest `destination_host` in bytes: a DNS name, brackets and a port. */
export const DESTINATION_CAPACITY: i32 = 264;
const HOST_CAPACITY: i32 = 253;
/** Lower case, as most of a host's bytes are. */
const LETTER_A: i32 = 0x61;
const LETTER_Z: i32 = 0x7a;

/**
 * Writes the destination of an authority (`host`, `host:port`, `[v6]:port`, `user@host`; RFC 3986 section 3.2).
 *
 * @param out          room for DESTINATION_CAPACITY bytes
 * @param defaultPort  the port that is left out
 * @returns            length written; 0 when there is no host
 */
export function writeDestination(out: i32, address: i32, length: i32, defaultPort: i32): i32 {
  const at: i32 = lastIndexOfByte(address, length, AT);
  const start: i32 = address + at + 1;
  const size: i32 = length - at - 1;
  if (size > 0 && i32.load8_u(start) === BRACKET_OPEN) return writeBracketed(out, start, size, defaultPort);
  const colon: i32 = lastIndexOfByte(start, size, COLON);
  const bareV6: bool = colon > 0 && indexOfByte(start, size, COLON, 0) !== colon;
  if (colon < 0 || bareV6) return writeHost(out, start, size);
  const port: f64 = parseDecimal(start + colon + 1, size - colon - 1);
  return writeHostPort(out, start, colon, port, defaultPort);
}

/** Writes host and port, the port only where it is not the default; `port` of -1 means none. */
export function writeHostPort(out: i32, host: i32, length: i32, port: f64, defaultPort: i32): i32 {
  const v6: bool = indexOfByte(host, length, COLON, 0) >= 0;
  const withPort: bool = port > 0 && port <= 65535 && port !== f64(defaultPort);
  if (!withPort) return writeHost(out, host, length);
  let n: i32 = 0;
  if (v6) {
    i32.store8(out, BRACKET_OPEN);
    n = 1;
  }
  const written: i32 = writeHost(out + n, host, length);
  if (written === 0) return 0;
  n += written;
  if (v6) {
    i32.store8(out + n, BRACKET_CLOSE);
    n++;
  }
  i32.store8(out + n, COLON);
  return n + 1 + writeDecimal(out + n + 1, i32(port));
}

function writeBracketed(out: i32, start: i32, size: i32, defaultPort: i32): i32 {
  const close: i32 = indexOfByte(start, size, BRACKET_CLOSE, 1);
  if (close < 0) return writeHost(out, start + 1, size - 1);
  let port: f64 = -1;
  if (close + 1 < size && i32.load8_u(start + close + 1) === COLON) {
    port = parseDecimal(start + close + 2, size - close - 2);
  }
  return writeHostPort(out, start + 1, close - 1, port, defaultPort);
}

/** Writes a host or any other label value in the safe alphabet, without a trailing dot; returns its length (0..253). */
export function writeHost(out: i32, host: i32, length: i32): i32 {
  let n: i32 = length > HOST_CAPACITY ? HOST_CAPACITY : length;
  while (n > 0 && i32.load8_u(host + n - 1) === DOT) n--;
  for (let i: i32 = 0; i < n; i++) {
    const given: i32 = i32.load8_u(host + i);
    if (given >= LETTER_A && given <= LETTER_Z) {
      i32.store8(out + i, given);
      continue;
    }
    const byte: i32 = lower(given);
    // An empty part between dots would break the stat's name, so the second dot of a pair is replaced.
    const emptyPart: bool = byte === DOT && (i === 0 || i32.load8_u(out + i - 1) === DOT);
    i32.store8(out + i, isSafe(byte) && !emptyPart ? byte : UNDERSCORE);
  }
  return n;
}

function isSafe(byte: i32): bool {
  return isLetter(byte) || isDigit(byte) || byte === DOT || byte === DASH || byte === UNDERSCORE || byte === COLON;
}
