// SPDX-License-Identifier: Apache-2.0
/**
 * Reading and comparing bytes in linear memory: character classes, case, decimal numbers, hashes.
 * Knows no protocol. Every function stays inside `length` and never throws.
 */

export const TAB: i32 = 0x09;
export const LF: i32 = 0x0a;
export const CR: i32 = 0x0d;
export const SPACE: i32 = 0x20;
export const DASH: i32 = 0x2d;
export const DOT: i32 = 0x2e;
export const SLASH: i32 = 0x2f;
export const ZERO: i32 = 0x30;
export const NINE: i32 = 0x39;
export const COLON: i32 = 0x3a;
export const AT: i32 = 0x40;
export const BRACKET_OPEN: i32 = 0x5b;
export const BRACKET_CLOSE: i32 = 0x5d;
export const UNDERSCORE: i32 = 0x5f;

/** ASCII lower case of one byte. */
export function lower(byte: i32): i32 {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

export function isDigit(byte: i32): bool {
  return byte >= ZERO && byte <= NINE;
}

export function isLetter(byte: i32): bool {
  const low: i32 = lower(byte);
  return low >= 0x61 && low <= 0x7a;
}

/** A byte of an HTTP token (RFC 9110 section 5.6.2), without the rarer punctuation that no method uses. */
export function isTokenByte(byte: i32): bool {
  return isLetter(byte) || isDigit(byte) || byte === DASH || byte === UNDERSCORE;
}

/** Whether the bytes are `text` (ASCII, given in lower case), ignoring case. */
export function equalsText(address: i32, length: i32, text: string): bool {
  return length === text.length && startsWithText(address, length, text);
}

/** Whether the bytes begin with `text` (ASCII, given in lower case), ignoring case. */
export function startsWithText(address: i32, length: i32, text: string): bool {
  if (length < text.length) return false;
  for (let i: i32 = 0; i < text.length; i++) {
    const byte: i32 = i32.load8_u(address + i);
    if (byte !== text.charCodeAt(i) && lower(byte) !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** Whether two runs of bytes are equal. */
export function equalsBytes(a: i32, aLength: i32, b: i32, bLength: i32): bool {
  if (aLength !== bLength) return false;
  for (let i: i32 = 0; i < aLength; i++) {
    if (i32.load8_u(a + i) !== i32.load8_u(b + i)) return false;
  }
  return true;
}

/** Whether two runs of bytes are equal, ignoring ASCII case. */
export function equalsIgnoringCase(a: i32, aLength: i32, b: i32, bLength: i32): bool {
  if (aLength !== bLength) return false;
  for (let i: i32 = 0; i < aLength; i++) {
    const byte: i32 = i32.load8_u(a + i);
    const other: i32 = i32.load8_u(b + i);
    if (byte !== other && lower(byte) !== lower(other)) return false;
  }
  return true;
}

/** Writes ASCII `text` and returns its length. */
export function writeText(address: i32, text: string): i32 {
  for (let i: i32 = 0; i < text.length; i++) i32.store8(address + i, text.charCodeAt(i));
  return text.length;
}

/** Writes a number from 0 to 2^31 - 1 in decimal and returns how many bytes that took (1 to 10). */
export function writeDecimal(address: i32, value: i32): i32 {
  let digits: i32 = 1;
  for (let rest: i32 = i32(value / 10); rest > 0; rest = i32(rest / 10)) digits++;
  let rest: i32 = value;
  for (let i: i32 = digits - 1; i >= 0; i--) {
    const quotient: i32 = i32(rest / 10);
    i32.store8(address + i, ZERO + (rest - quotient * 10));
    rest = quotient;
  }
  return digits;
}

/** Decimal digits as a number; -1 when empty, longer than 15 digits, or anything but digits. */
export function parseDecimal(address: i32, length: i32): f64 {
  if (length < 1 || length > 15) return -1;
  let value: f64 = 0;
  for (let i: i32 = 0; i < length; i++) {
    const byte: i32 = i32.load8_u(address + i);
    if (!isDigit(byte)) return -1;
    value = value * 10 + f64(byte - ZERO);
  }
  return value;
}

/** Index of the first `byte` from `from` on, or -1. */
export function indexOfByte(address: i32, length: i32, byte: i32, from: i32): i32 {
  for (let i: i32 = from; i < length; i++) {
    if (i32.load8_u(address + i) === byte) return i;
  }
  return -1;
}

/** Index of the last `byte`, or -1. */
export function lastIndexOfByte(address: i32, length: i32, byte: i32): i32 {
  for (let i: i32 = length - 1; i >= 0; i--) {
    if (i32.load8_u(address + i) === byte) return i;
  }
  return -1;
}

/** Number of leading spaces and tabs. */
export function leadingBlanks(address: i32, length: i32): i32 {
  let i: i32 = 0;
  while (i < length && isBlank(i32.load8_u(address + i))) i++;
  return i;
}

/** Length without trailing spaces and tabs. */
export function trimmedLength(address: i32, length: i32): i32 {
  let n: i32 = length;
  while (n > 0 && isBlank(i32.load8_u(address + n - 1))) n--;
  return n;
}

function isBlank(byte: i32): bool {
  return byte === SPACE || byte === TAB;
}

/** FNV-1a over the bytes, continuing from `seed` (start with `HASH_SEED`). */
export function hashBytes(seed: i32, address: i32, length: i32): i32 {
  let hash: i32 = seed;
  for (let i: i32 = 0; i < length; i++) hash = i32.mul(hash ^ i32.load8_u(address + i), 0x01000193);
  return hash;
}

export const HASH_SEED: i32 = -2128831035;
