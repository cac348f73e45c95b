// SPDX-License-Identifier: Apache-2.0
/**
 * Sums of one vendor as the families give them, window by window, until they become usage. Only the vendor families are totals; all
 * others are parts of them. Asks nothing.
 */
import type { Bytes } from "../../prices/billable.ts";

/** By namespace and workload, as the vendor families have it. */
export interface PlaceBook {
  namespace: string;
  workload: string;
  requests: number;
  succeeded: number;
  sent: number;
  received: number;
  handshakeBytes: number;
  failedBytes: number;
}

/** By pool, destination or country. */
export interface ShareBook {
  requests: number;
  succeeded: number;
  sent: number;
  received: number;
}

export interface VendorBook {
  requests: number;
  all: Bytes;
  /** By outcome. */
  failed: Map<string, Bytes>;
  /** By kind of handshake. */
  overhead: Map<string, Bytes>;
  /** Requests by outcome, and those of them that were answered before any tunnel. */
  outcomes: Map<string, { requests: number; tunnelled: number }>;
  /** Of TLS to the gateway itself. */
  opaque: Bytes;
  places: Map<string, PlaceBook>;
  pools: Map<string, ShareBook>;
  destinations: Map<string, ShareBook>;
  countries: Map<string, ShareBook>;
}

export function emptyBook(): VendorBook {
  return {
    requests: 0,
    all: { sent: 0, received: 0 },
    failed: new Map(),
    overhead: new Map(),
    outcomes: new Map(),
    opaque: { sent: 0, received: 0 },
    places: new Map(),
    pools: new Map(),
    destinations: new Map(),
    countries: new Map(),
  };
}

export function bytesIn(map: Map<string, Bytes>, key: string): Bytes {
  return entry(map, key, () => ({ sent: 0, received: 0 }));
}

export function shareIn(map: Map<string, ShareBook>, key: string): ShareBook {
  return entry(map, key, () => ({ requests: 0, succeeded: 0, sent: 0, received: 0 }));
}

export function placeIn(book: VendorBook, namespace: string, workload: string): PlaceBook {
  const counts = { requests: 0, succeeded: 0, sent: 0, received: 0, handshakeBytes: 0, failedBytes: 0 };
  return entry(book.places, `${namespace}/${workload}`, () => ({ namespace, workload, ...counts }));
}

/** The entry of a key, made where it is not there yet. */
export function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const added = make();
  map.set(key, added);
  return added;
}
