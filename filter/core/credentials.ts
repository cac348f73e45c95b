// SPDX-License-Identifier: Apache-2.0
/**
 * What may be taken from proxy credentials: pool and country, by the vendor's way of writing usernames.
 * The username itself is decoded into scratch memory that is wiped before the function returns; the password is never
 * decoded. Does not check credentials.
 */
import { writeHost } from "./authority.ts";
import { COLON, equalsBytes, indexOfByte, isDigit, isLetter, startsWithText } from "./bytes.ts";

/** Longest pool or country in bytes. */
export const TOKEN_CAPACITY: i32 = 48;
const USERNAME_CAPACITY: i32 = 480;

/**
 * How a vendor writes usernames: tokens between separators; the token after a key is its value.
 * A pattern is PATTERN_SIZE bytes: the separator, then address and length of the pool's key and of the country's key.
 * Its address is 0 where a vendor has none.
 */
export const PATTERN_SIZE: i32 = 20;
export const PATTERN_SEPARATOR: i32 = 0;
export const PATTERN_POOL: i32 = 4;
export const PATTERN_COUNTRY: i32 = 12;

/** A short label value with room for TOKEN_CAPACITY bytes. */
export class Token {
  data: i32 = 0;
  length: i32 = 0;
}

const username: i32 = i32(memory.data(USERNAME_CAPACITY));

/** Reads `Basic <base64 of user:password>` (RFC 7617) into pool and country; leaves them as they are when absent. */
export function readBasic(address: i32, length: i32, pattern: i32, pool: Token, country: Token): void {
  if (pattern === 0 || !startsWithText(address, length, "basic ")) return;
  let from: i32 = 6;
  while (from < length && i32.load8_u(address + from) === 0x20) from++;
  const size: i32 = decodeUsername(address + from, length - from);
  readUsername(username, size, pattern, pool, country);
  memory.fill(username, 0, USERNAME_CAPACITY);
}

/** Reads a plain username, as SOCKS carries it (RFC 1929). */
export function readUsername(address: i32, length: i32, pattern: i32, pool: Token, country: Token): void {
  if (pattern === 0) return;
  readValue(address, length, pattern, PATTERN_POOL, pool);
  readValue(address, length, pattern, PATTERN_COUNTRY, country);
}

/** Copies a label value into a token in the safe alphabet, cut to TOKEN_CAPACITY. */
export function setToken(token: Token, address: i32, length: i32): void {
  token.length = writeHost(token.data, address, length < TOKEN_CAPACITY ? length : TOKEN_CAPACITY);
}

function readValue(address: i32, length: i32, pattern: i32, field: i32, into: Token): void {
  const separator: i32 = i32.load(pattern + PATTERN_SEPARATOR);
  const key: i32 = i32.load(pattern + field);
  const keyLength: i32 = i32.load(pattern + field, 4);
  if (keyLength === 0) return;
  let start: i32 = 0;
  let previousIsKey: bool = false;
  while (start <= length) {
    const cut: i32 = indexOfByte(address, length, separator, start);
    const end: i32 = cut < 0 ? length : cut;
    if (previousIsKey) {
      if (end > start) setToken(into, address + start, end - start);
      return;
    }
    previousIsKey = equalsBytes(address + start, end - start, key, keyLength);
    start = end + 1;
  }
}

/** Decodes base64 up to the colon after the username; returns the bytes of the username. */
function decodeUsername(address: i32, length: i32): i32 {
  let bits: i32 = 0;
  let held: i32 = 0;
  let n: i32 = 0;
  for (let i: i32 = 0; i < length; i++) {
    const value: i32 = sextet(i32.load8_u(address + i));
    if (value < 0) return n;
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    const byte: i32 = (bits >> held) & 0xff;
    if (byte === COLON || n >= USERNAME_CAPACITY) return n;
    i32.store8(username + n, byte);
    n++;
  }
  return n;
}

/** Value of a base64 character (RFC 4648 section 4), -1 for any other byte. */
function sextet(byte: i32): i32 {
  if (isLetter(byte)) return byte < 0x61 ? byte - 0x41 : byte - 0x61 + 26;
  if (isDigit(byte)) return byte - 0x30 + 52;
  if (byte === 0x2b) return 62;
  return byte === 0x2f ? 63 : -1;
}
