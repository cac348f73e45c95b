// SPDX-License-Identifier: Apache-2.0
/**
 * Writes binary IP addresses as text: dotted quads, and IPv6 as RFC 5952 wants it.
 * Reading addresses out of text is in `ip-address.ts`.
 */
import { COLON, DOT, writeDecimal } from "./bytes.ts";

/** Writes 4 bytes as `192.0.2.1`; returns the length (7..15). */
export function writeV4(out: i32, address: i32): i32 {
  let n: i32 = 0;
  for (let i: i32 = 0; i < 4; i++) {
    if (i > 0) {
      i32.store8(out + n, DOT);
      n++;
    }
    n += writeDecimal(out + n, i32.load8_u(address + i));
  }
  return n;
}

/** Writes 16 bytes as RFC 5952 text: lower case, the first longest run of two or more zero groups as `::`; 2..39 bytes. */
export function writeV6(out: i32, address: i32): i32 {
  const run: i32 = longestZeroRun(address);
  const runStart: i32 = run >> 4;
  const runEnd: i32 = runStart + (run & 15);
  let n: i32 = 0;
  for (let i: i32 = 0; i < 8; i++) {
    if (i >= runStart && i < runEnd) {
      if (i === runStart) n = writeColons(out, n, 2);
      continue;
    }
    if (i > 0 && i !== runEnd) n = writeColons(out, n, 1);
    n += writeHex(out + n, group(address, i));
  }
  return n;
}

function writeColons(out: i32, at: i32, count: i32): i32 {
  for (let i: i32 = 0; i < count; i++) i32.store8(out + at + i, COLON);
  return at + count;
}

function group(address: i32, index: i32): i32 {
  return (i32.load8_u(address + 2 * index) << 8) | i32.load8_u(address + 2 * index + 1);
}

/** First group and length of the longest run of zero groups, packed as `first << 4 | length`; length 0 when none. */
function longestZeroRun(address: i32): i32 {
  let best: i32 = 8 << 4;
  let i: i32 = 0;
  while (i < 8) {
    let end: i32 = i;
    while (end < 8 && group(address, end) === 0) end++;
    if (end - i >= 2 && end - i > (best & 15)) best = (i << 4) | (end - i);
    i = end > i ? end : i + 1;
  }
  return best;
}

function writeHex(out: i32, value: i32): i32 {
  let digits: i32 = 1;
  while (digits < 4 && value >> (4 * digits) > 0) digits++;
  for (let i: i32 = 0; i < digits; i++) {
    const digit: i32 = (value >> (4 * (digits - 1 - i))) & 15;
    i32.store8(out + i, digit < 10 ? 0x30 + digit : 0x61 + digit - 10);
  }
  return digits;
}
