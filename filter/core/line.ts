// SPDX-License-Identifier: Apache-2.0
/**
 * Collects one text line out of bytes that arrive in any cut. Keeps the first LINE_CAPACITY bytes of it and the last
 * one; the rest is counted and forgotten. Does not know what the line means.
 */
import { CR, LF } from "./bytes.ts";

/** Bytes of a line that are kept: enough for an authority, a credential or a length. */
export const LINE_CAPACITY: i32 = 640;

export class Line {
  /** Address of LINE_CAPACITY bytes. */
  data: i32 = 0;
  /** Bytes kept so far, without CR LF. */
  length: i32 = 0;
  /** Last byte that was neither CR nor LF; 0 at the start. */
  last: i32 = 0;
  /** 1 once the LF was seen. */
  complete: i32 = 0;
}

export function clearLine(line: Line): void {
  line.length = 0;
  line.last = 0;
  line.complete = 0;
}

/** Takes bytes up to and including the next LF; returns how many. `line.complete` tells whether the LF was there. */
export function takeLine(line: Line, address: i32, length: i32): i32 {
  for (let i: i32 = 0; i < length; i++) {
    const byte: i32 = i32.load8_u(address + i);
    if (byte === LF) {
      line.complete = 1;
      return i + 1;
    }
    if (byte === CR) continue;
    line.last = byte;
    if (line.length < LINE_CAPACITY) {
      i32.store8(line.data + line.length, byte);
      line.length++;
    }
  }
  return length;
}
