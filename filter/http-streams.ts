// SPDX-License-Identifier: Apache-2.0
/**
 * State of the HTTP streams that the HTTP plugin meters: found by context id, pooled.
 * What a stream costs is in its exchange. TCP connections have a table of their own in `streams.ts`.
 */
import { Exchange } from "./exchange.ts";
import { obtain, release } from "./heap.ts";
import { Plugin } from "./plugin.ts";

@unmanaged
export class HttpStream {
  next: usize;
  id: i32;
  plugin: Plugin;
  /** Null for what is not metered. */
  exchange: Exchange | null;
  /** 1 where a body without a length is framed in chunks. */
  requestChunked: i32;
  responseChunked: i32;
  /** 1 where Envoy answered itself. */
  local: i32;
  /** 1 once the last byte of the answer went by. */
  ended: i32;
}

const BUCKETS: u32 = 1024;
const buckets: usize = memory.data(4096);

/** The stream of a context, or null. */
export function findHttpStream(id: i32): HttpStream | null {
  let stream: HttpStream | null = changetype<HttpStream | null>(load<usize>(bucketOf(id)));
  while (stream !== null && stream.id !== id) stream = changetype<HttpStream | null>(stream.next);
  return stream;
}

/** Makes the stream of a new context; null when memory is used up. */
export function openHttpStream(id: i32, plugin: Plugin): HttpStream | null {
  const address: usize = obtain(offsetof<HttpStream>());
  if (address === 0) return null;
  const stream: HttpStream = changetype<HttpStream>(address);
  stream.id = id;
  stream.plugin = plugin;
  const bucket: usize = bucketOf(id);
  stream.next = load<usize>(bucket);
  store<usize>(bucket, address);
  return stream;
}

export function closeHttpStream(stream: HttpStream): void {
  const address: usize = changetype<usize>(stream);
  let link: usize = bucketOf(stream.id);
  while (load<usize>(link) !== address && load<usize>(link) !== 0)
    link = load<usize>(link) + offsetof<HttpStream>("next");
  if (load<usize>(link) === address) store<usize>(link, stream.next);
  release(address, offsetof<HttpStream>());
}

function bucketOf(id: i32): usize {
  return buckets + 4 * (<u32>id & (BUCKETS - 1));
}
