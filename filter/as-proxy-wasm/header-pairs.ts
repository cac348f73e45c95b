// SPDX-License-Identifier: Apache-2.0
/**
 * Whole header maps as the ABI carries them: a count (4), then length of name (4) and value (4) for each pair, then the names
 * and values, each ended by a NUL. Numbers are little-endian. What is malformed is read as far as it makes sense.
 * See github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1.
 */
import { decode, encode } from "./answer.ts";

/** Name and value of one header as bytes. */
export class HeaderPair {
  key: ArrayBuffer;
  value: ArrayBuffer;

  constructor(key: ArrayBuffer, value: ArrayBuffer) {
    this.key = key;
    this.value = value;
  }

  toString(): string {
    return decode(this.key) + ":" + decode(this.value);
  }
}

export type Headers = Array<HeaderPair>;

export function makeHeaderPair(key: string, value: string): HeaderPair {
  return new HeaderPair(encode(key), encode(value));
}

export function serializeHeaders(headers: Headers): ArrayBuffer {
  const count: i32 = headers.length;
  let size: i32 = 4 + 8 * count;
  for (let i: i32 = 0; i < count; i++) size += headers[i].key.byteLength + headers[i].value.byteLength + 2;
  const bytes: ArrayBuffer = new ArrayBuffer(size);
  const at: usize = changetype<usize>(bytes);
  store<i32>(at, count);
  let text: usize = at + 4 + 8 * count;
  for (let i: i32 = 0; i < count; i++) {
    const pair: HeaderPair = headers[i];
    store<i32>(at + 8 * i, pair.key.byteLength, 4);
    store<i32>(at + 8 * i, pair.value.byteLength, 8);
    text = append(append(text, pair.key), pair.value);
  }
  return bytes;
}

/** Copies a text and leaves the NUL behind it, which is there already; returns where the next one goes. */
function append(at: usize, text: ArrayBuffer): usize {
  memory.copy(at, changetype<usize>(text), text.byteLength);
  return at + text.byteLength + 1;
}

export function deserializeHeaders(bytes: ArrayBuffer): Headers {
  const headers: Headers = [] as HeaderPair[];
  const size: i64 = bytes.byteLength;
  if (size < 4) return headers;
  const at: usize = changetype<usize>(bytes);
  const count: i64 = load<u32>(at);
  let text: i64 = 4 + 8 * count;
  if (text > size) return headers;
  for (let i: usize = 0; i < <usize>count; i++) {
    const keyEnd: i64 = text + load<u32>(at + 8 * i, 4);
    const valueEnd: i64 = keyEnd + 1 + load<u32>(at + 8 * i, 8);
    if (valueEnd > size) break;
    headers.push(new HeaderPair(bytes.slice(<i32>text, <i32>keyEnd), bytes.slice(<i32>keyEnd + 1, <i32>valueEnd)));
    text = valueEnd + 1;
  }
  return headers;
}
