// SPDX-License-Identifier: Apache-2.0
/**
 * State of the TCP connections that the network plugin meters: found by context id, pooled, never traced or collected.
 * Lays the readers of `core/` out in plain memory. What is only needed while bytes are read is given back early.
 */
import { DESTINATION_CAPACITY } from "./core/authority.ts";
import { HelloReader, NAME_CAPACITY } from "./core/client-hello.ts";
import { Connection } from "./core/connection-state.ts";
import { TOKEN_CAPACITY, Token } from "./core/credentials.ts";
import { Body } from "./core/http-body.ts";
import { HeaderNames, RequestReader } from "./core/http-request.ts";
import { ResponseReader } from "./core/http-response.ts";
import { LINE_CAPACITY, Line } from "./core/line.ts";
import { SocksReader } from "./core/socks.ts";
import { TlsReader } from "./core/tls.ts";
import { Exchange } from "./exchange.ts";
import { obtain, release } from "./heap.ts";
import { Part, releaseParts } from "./ledger-part.ts";
import { Plugin } from "./plugin.ts";
import { VendorState } from "./vendors.ts";

export const FIRST: i32 = 1;
export const SECOND: i32 = 2;

@unmanaged
export class Stream {
  next: usize;
  id: i32;
  plugin: Plugin;
  connection: Connection;
  /** Memory of the readers, 0 once nothing is read any more. */
  readers: usize;
  /** Null until the first data, and for what is not metered. */
  vendor: VendorState | null;
  /** 1 once it was decided whether and for whom this connection is metered. */
  attributed: i32;
  unmetered: i32;
  /** Protocol that the connection was counted under, plus 1; 0 before. */
  announced: i32;
  /** Open requests in their order, and the one whose bytes are being sent. */
  first: Exchange | null;
  last: Exchange | null;
  sending: Exchange | null;
  /** Latest request that is over: bytes that belong to nothing else go with it. */
  finished: Exchange | null;
  /** Bytes that came before it was known what they belong to. */
  sentEarly: f64;
  receivedEarly: f64;
  /** Whether a side has sent its FIN: FIRST, or SECOND where the other side had done so before; else 0. */
  clientEnded: i32;
  vendorEnded: i32;
  /** 1 while the latest bytes inside the tunnel were received ones. */
  turned: i32;
  /** What the ledger has of requests that are over, and how many parts that is. */
  parts: Part | null;
  partCount: i32;
  /** Bytes that were published last, in both directions; -1 before. */
  publishedBytes: f64;
}

/** Number of lists that streams are in, by their id. */
export const STREAM_LISTS: u32 = 2048;
const buckets: usize = memory.data(8192);

/** The stream of a context, or null. */
export function findStream(id: i32): Stream | null {
  let stream: Stream | null = changetype<Stream | null>(load<usize>(bucketOf(id)));
  while (stream !== null && stream.id !== id) stream = changetype<Stream | null>(stream.next);
  return stream;
}

/** Makes the stream of a new context; null when memory is used up: it then passes unmetered, and is counted. */
export function openStream(id: i32, plugin: Plugin): Stream | null {
  const address: usize = obtain(offsetof<Stream>() + offsetof<Connection>());
  if (address === 0) return null;
  const stream: Stream = changetype<Stream>(address);
  stream.id = id;
  stream.plugin = plugin;
  stream.connection = changetype<Connection>(address + offsetof<Stream>());
  stream.connection.answering = -1;
  stream.publishedBytes = -1;
  const bucket: usize = bucketOf(id);
  stream.next = load<usize>(bucket);
  store<usize>(bucket, address);
  return stream;
}

/** The first of the streams in one of STREAM_LISTS lists, for who has to see all of them. */
export function firstStream(list: u32): Stream | null {
  return changetype<Stream | null>(load<usize>(buckets + 4 * list));
}

export function closeStream(stream: Stream): void {
  const address: usize = changetype<usize>(stream);
  let link: usize = bucketOf(stream.id);
  while (load<usize>(link) !== address && load<usize>(link) !== 0) link = load<usize>(link) + offsetof<Stream>("next");
  if (load<usize>(link) === address) store<usize>(link, stream.next);
  freeReaders(stream);
  releaseParts(stream.parts);
  release(address, offsetof<Stream>() + offsetof<Connection>());
}

function bucketOf(id: i32): usize {
  return buckets + 4 * (<u32>id & (STREAM_LISTS - 1));
}

const LINES: u32 = 2 * LINE_CAPACITY + 2 * DESTINATION_CAPACITY + NAME_CAPACITY + 4 * TOKEN_CAPACITY + 64;

function readersSize(): u32 {
  return (
    offsetof<RequestReader>() +
    offsetof<ResponseReader>() +
    offsetof<SocksReader>() +
    offsetof<TlsReader>() +
    offsetof<HelloReader>() +
    2 * offsetof<Body>() +
    2 * offsetof<Line>() +
    4 * offsetof<Token>() +
    64 +
    LINES
  );
}

let at: usize = 0;

function place(size: u32): usize {
  const address: usize = at;
  at += (size + 7) & ~7;
  return address;
}

/** Lays out the readers of a stream; false when memory is used up. */
export function bindReaders(stream: Stream, names: HeaderNames): bool {
  stream.readers = obtain(readersSize());
  if (stream.readers === 0) return false;
  at = stream.readers;
  const connection: Connection = stream.connection;
  connection.request = changetype<RequestReader>(place(offsetof<RequestReader>()));
  connection.response = changetype<ResponseReader>(place(offsetof<ResponseReader>()));
  connection.socks = changetype<SocksReader>(place(offsetof<SocksReader>()));
  connection.tls = changetype<TlsReader>(place(offsetof<TlsReader>()));
  connection.tls.hello = changetype<HelloReader>(place(offsetof<HelloReader>()));
  connection.tls.hello.name = <i32>place(NAME_CAPACITY);
  bindHttp(connection, names);
  bindSocks(connection);
  return true;
}

function bindHttp(connection: Connection, names: HeaderNames): void {
  const request: RequestReader = connection.request;
  request.line = placeLine();
  request.body = changetype<Body>(place(offsetof<Body>()));
  request.vendor = placeToken();
  request.pool = placeToken();
  request.country = placeToken();
  request.extra = placeToken();
  request.names = names;
  request.destination = <i32>place(DESTINATION_CAPACITY);
  connection.response.line = placeLine();
  connection.response.body = changetype<Body>(place(offsetof<Body>()));
}

/** A connection speaks HTTP or SOCKS, so both use the same lines and tokens. */
function bindSocks(connection: Connection): void {
  const socks: SocksReader = connection.socks;
  socks.request = connection.request.line;
  socks.answer = connection.response.line;
  socks.pool = connection.request.pool;
  socks.country = connection.request.country;
  socks.destination = <i32>place(DESTINATION_CAPACITY);
}

function placeLine(): Line {
  const line: Line = changetype<Line>(place(offsetof<Line>()));
  line.data = <i32>place(LINE_CAPACITY);
  return line;
}

function placeToken(): Token {
  const token: Token = changetype<Token>(place(offsetof<Token>()));
  token.data = <i32>place(TOKEN_CAPACITY);
  return token;
}

/** Gives the readers' memory back: from here on bytes are only counted. */
export function freeReaders(stream: Stream): void {
  release(stream.readers, readersSize());
  stream.readers = 0;
}
