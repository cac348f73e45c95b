// SPDX-License-Identifier: Apache-2.0
/**
 * What a way of travelling is to the tests: the bytes both ends say, and what must stand in the filter's books for it.
 * The ways themselves are the other files of this folder.
 */

/** From the crawler (">") or from the gateway ("<"), in order; the next begins when this one has arrived whole. */
export type Turn = [direction: ">" | "<", bytes: Buffer];

/** What is carried: so many bytes of noise in each direction. */
export interface Payload {
  up: Buffer;
  down: Buffer;
}

export interface Script {
  /** Up to where the payload can flow. */
  open: Turn[];
  up: Turn[];
  down: Turn[];
  /** `pool protocol` of the bytes, one or more. */
  labels: string[];
  /** `pool protocol version destination code outcome` to number of requests, but for the last where its end decides. */
  exchanges: Record<string, number>;
  /** Bytes of the proxy handshake: CONNECT and SOCKS messages with their answers. */
  proxyHandshake?: [sent: number, received: number];
  /** Bytes of the TLS handshake that the crawler's end can be seen to make. */
  tlsHandshake?: [sent: number, received: number];
  /** Bytes of exchanges that have failed before the last one. */
  failed?: Record<string, [sent: number, received: number]>;
  /** Bytes by the country in the proxy username. */
  country?: string;
}

/**
 * What the end of the connection means for the last exchange.
 * `open`: it lasts until then, and a reset makes it fail. `whole`: it has ended before. `until-close`: its answer ends with the
 * connection, so only then is it counted, as the row.
 */
export type Lasting = { kind: "open" } | { kind: "whole" } | { kind: "until-close"; row: string };

export interface Way {
  name: string;
  lasting: Lasting;
  /** The relay has other requests than the filter: it reads no destination there. */
  isCountedApart?: boolean;
  /** Why its bytes have no destination. */
  unattributed?: "opaque_tls" | "no_destination";
  script(payload: Payload): Script;
}

/** Bytes of a text whose characters are bytes. */
export function bytes(...texts: string[]): Buffer {
  return Buffer.from(texts.join(""), "latin1");
}

/** A head of HTTP/1: its lines, and the empty one. */
export function head(...lines: string[]): Buffer {
  return bytes(...lines.map((line) => `${line}\r\n`), "\r\n");
}

/** Bytes that went each way. */
export function volume(turns: readonly Turn[]): [sent: number, received: number] {
  const size = (wanted: string) =>
    turns.reduce((sum, [direction, part]) => sum + (direction === wanted ? part.length : 0), 0);
  return [size(">"), size("<")];
}
