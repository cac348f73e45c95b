// SPDX-License-Identifier: Apache-2.0
/**
 * One part of a connection's ledger: what its requests of one kind came to. A plain record in pooled memory.
 * Only where the configuration asks for a ledger has an exchange a part. What is done with parts is in `ledger.ts`.
 */
import { KIND_PROXY_HANDSHAKE } from "./core/families.ts";
import { obtain, release } from "./heap.ts";

@unmanaged
export class Part {
  next: usize;
  /** Name entries; 0 is none. */
  vendor: usize;
  pool: usize;
  destination: usize;
  country: usize;
  extra: usize;
  protocol: i32;
  version: i32;
  method: i32;
  code: i32;
  /** -1 while it is not known. */
  outcome: i32;
  /** Outcome under which its requests were counted: that of the answer, where a tunnel opened well and was cut later. */
  requestOutcome: i32;
  requests: i32;
  /** Milliseconds since the epoch, 0 where times are not taken. */
  startedAt: f64;
  /** Milliseconds, added up over the requests. */
  handshake: f64;
  firstByte: f64;
  duration: f64;
  sent: f64;
  received: f64;
  /** Of these, bytes of handshakes. */
  proxySent: f64;
  proxyReceived: f64;
  tlsSent: f64;
  tlsReceived: f64;
}

/** An empty part; null when memory is used up. */
export function obtainPart(): Part | null {
  return changetype<Part | null>(obtain(offsetof<Part>()));
}

export function releasePart(part: Part): void {
  release(changetype<usize>(part), offsetof<Part>());
}

/** Gives a whole list back. */
export function releaseParts(first: Part | null): void {
  let part: Part | null = first;
  while (part !== null) {
    const next: Part | null = changetype<Part | null>(part.next);
    releasePart(part);
    part = next;
  }
}

export function addHandshake(part: Part, kind: i32, sent: f64, received: f64): void {
  if (kind === KIND_PROXY_HANDSHAKE) {
    part.proxySent += sent;
    part.proxyReceived += received;
  } else {
    part.tlsSent += sent;
    part.tlsReceived += received;
  }
}

/** Its request stands in the request counters, with this outcome. */
export function countInPart(part: Part, outcome: i32): void {
  part.requests = 1;
  part.requestOutcome = outcome;
}

/** Whether two parts differ in numbers alone. */
export function isSameKind(a: Part, b: Part): bool {
  return (
    a.destination === b.destination &&
    a.outcome === b.outcome &&
    a.requestOutcome === b.requestOutcome &&
    a.code === b.code &&
    a.method === b.method &&
    a.protocol === b.protocol &&
    a.version === b.version &&
    a.pool === b.pool &&
    a.country === b.country &&
    a.extra === b.extra &&
    a.vendor === b.vendor
  );
}

/** Adds the numbers of one part to another. */
export function mergePart(into: Part, part: Part): void {
  into.requests += part.requests;
  into.handshake += part.handshake;
  into.firstByte += part.firstByte;
  into.duration += part.duration;
  into.sent += part.sent;
  into.received += part.received;
  into.proxySent += part.proxySent;
  into.proxyReceived += part.proxyReceived;
  into.tlsSent += part.tlsSent;
  into.tlsReceived += part.tlsReceived;
}
