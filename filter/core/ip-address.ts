// SPDX-License-Identifier: Apache-2.0
/**
 * Reads IP addresses and prefixes out of text into 16 bytes; IPv4 in its mapped form `::ffff:a.b.c.d` (RFC 4291).
 * One form for both families lets one table hold both. Names are not resolved.
 */
import { COLON, DOT, indexOfByte, isDigit, lastIndexOfByte, lower, parseDecimal, SLASH } from "./bytes.ts";

export const ADDRESS_SIZE: i32 = 16;

/** Bits that stand before an IPv4 address in its mapped form. */
const MAPPED_BITS: i32 = 96;

/** Writes the address as 16 bytes; false when the text is none. */
export function parseAddress(out: i32, text: i32, length: i32): bool {
  memory.fill(out, 0, ADDRESS_SIZE);
  if (indexOfByte(text, length, COLON, 0) >= 0) return parseV6(out, text, length);
  i32.store8(out, 0xff, 10);
  i32.store8(out, 0xff, 11);
  return parseV4(out + 12, text, length);
}

/** Writes the masked address of `address/bits` or `address`; returns the bits counted in 128, or -1. */
export function parsePrefix(out: i32, text: i32, length: i32): i32 {
  const slash: i32 = lastIndexOfByte(text, length, SLASH);
  const end: i32 = slash < 0 ? length : slash;
  if (!parseAddress(out, text, end)) return -1;
  if (slash < 0) return 128;
  const v4: bool = indexOfByte(text, end, COLON, 0) < 0;
  const bits: f64 = parseDecimal(text + slash + 1, length - slash - 1);
  if (bits < 0 || bits > (v4 ? 32 : 128)) return -1;
  const all: i32 = v4 ? i32(bits) + MAPPED_BITS : i32(bits);
  maskAddress(out, all);
  return all;
}

/** Clears the bits after the first `bits` of a 16-byte address. */
export function maskAddress(address: i32, bits: i32): void {
  const whole: i32 = bits >> 3;
  if (whole >= ADDRESS_SIZE) return;
  i32.store8(address + whole, i32.load8_u(address + whole) & (0xff00 >> (bits & 7)));
  memory.fill(address + whole + 1, 0, ADDRESS_SIZE - whole - 1);
}

/**
 * Splits `ip:port` or `[v6]:port`, as Envoy writes addresses, and writes the address.
 *
 * @returns the port, 0 when there is none, -1 when the text is no address
 */
export function parseEndpoint(out: i32, text: i32, length: i32): i32 {
  const colon: i32 = lastIndexOfByte(text, length, COLON);
  const first: i32 = indexOfByte(text, length, COLON, 0);
  const bracketed: bool = length > 2 && i32.load8_u(text) === 0x5b;
  if (colon < 0 || (first !== colon && !bracketed)) return parseAddress(out, text, length) ? 0 : -1;
  const start: i32 = bracketed ? 1 : 0;
  const end: i32 = bracketed ? colon - 1 : colon;
  const port: f64 = parseDecimal(text + colon + 1, length - colon - 1);
  if (end <= start || port < 0 || port > 65535) return -1;
  return parseAddress(out, text + start, end - start) ? i32(port) : -1;
}

function parseV4(out: i32, text: i32, length: i32): bool {
  let part: i32 = 0;
  let start: i32 = 0;
  while (part < 4) {
    const dot: i32 = indexOfByte(text, length, DOT, start);
    const end: i32 = part === 3 ? length : dot;
    if (end < 0 || end - start > 3 || (part === 3 && dot >= 0)) return false;
    const value: f64 = parseDecimal(text + start, end - start);
    if (value < 0 || value > 255) return false;
    i32.store8(out + part, i32(value));
    start = end + 1;
    part++;
  }
  return true;
}

/** Groups before `::` are written from the front, groups after it are moved to the end. */
function parseV6(out: i32, text: i32, length: i32): bool {
  let n: i32 = 0;
  let gapAt: i32 = -1;
  let i: i32 = 0;
  if (startsWithColons(text, length, 0)) {
    gapAt = 0;
    i = 2;
  }
  while (i < length) {
    if (n >= ADDRESS_SIZE) return false;
    const colon: i32 = indexOfByte(text, length, COLON, i);
    const end: i32 = colon < 0 ? length : colon;
    if (colon < 0 && indexOfByte(text, length, DOT, i) >= 0) {
      if (n > ADDRESS_SIZE - 4 || !parseV4(out + n, text + i, length - i)) return false;
      n += 4;
      break;
    }
    if (!parseGroup(out + n, text + i, end - i)) return false;
    n += 2;
    i = end + 1;
    if (colon < 0) break;
    if (i === length) return false;
    if (i32.load8_u(text + i) !== COLON) continue;
    if (gapAt >= 0) return false;
    gapAt = n;
    i++;
  }
  return closeGap(out, n, gapAt);
}

function startsWithColons(text: i32, length: i32, at: i32): bool {
  return at + 1 < length && i32.load8_u(text + at) === COLON && i32.load8_u(text + at + 1) === COLON;
}

function closeGap(out: i32, n: i32, gapAt: i32): bool {
  if (gapAt < 0) return n === ADDRESS_SIZE;
  if (n >= ADDRESS_SIZE) return false;
  for (let i: i32 = 1; i <= n - gapAt; i++) {
    i32.store8(out + ADDRESS_SIZE - i, i32.load8_u(out + n - i));
    i32.store8(out + n - i, 0);
  }
  return true;
}

function parseGroup(out: i32, text: i32, length: i32): bool {
  if (length < 1 || length > 4) return false;
  let value: i32 = 0;
  for (let i: i32 = 0; i < length; i++) {
    const byte: i32 = lower(i32.load8_u(text + i));
    const digit: i32 = isDigit(byte) ? byte - 0x30 : byte >= 0x61 && byte <= 0x66 ? byte - 0x61 + 10 : -1;
    if (digit < 0) return false;
    value = (value << 4) | digit;
  }
  i32.store8(out, value >> 8);
  i32.store8(out + 1, value & 0xff);
  return true;
}
