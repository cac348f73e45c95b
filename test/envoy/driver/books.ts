// SPDX-License-Identifier: Apache-2.0
/**
 * What the filter's counters say about one vendor, as rows that a test can write down and compare.
 * Pure; reading the exposition is exposition.ts, waiting until the rows are as wanted is agreement.ts.
 */
import * as contract from "../../../filter/core/contract.ts";
import type { Sample } from "./exposition.ts";

/** Bytes towards the vendor, bytes towards the pod. */
export type Bytes = [sent: number, received: number];

export interface Books {
  requests: number;
  bytes: Bytes;
  /** By protocol. */
  connections: Record<string, number>;
  active: number;
  /** `pool protocol destination` to bytes. */
  destinations: Record<string, Bytes>;
  /** `pool protocol version destination code outcome` to number of requests. */
  exchanges: Record<string, number>;
  /** By outcome. */
  failed: Record<string, Bytes>;
  /** By country of the proxy username. */
  countries: Record<string, Bytes>;
  /** By kind. */
  overhead: Record<string, Bytes>;
}

const POOL = contract.LABEL_POOL;
const PROTOCOL = contract.LABEL_PROTOCOL;
const HOST = contract.LABEL_DESTINATION;
const DESTINATION_KEY = [POOL, PROTOCOL, HOST];
const EXCHANGE_KEY = [
  ...[POOL, PROTOCOL, contract.LABEL_PROTOCOL_VERSION, HOST, contract.LABEL_RESPONSE_CODE, contract.LABEL_OUTCOME],
];

/** Rows that are 0 are left out, but for the totals. */
export function vendorBooks(samples: readonly Sample[], vendor: string): Books {
  const own = samples.filter(({ labels }) => labels[contract.LABEL_VENDOR] === vendor);
  const total = (metric: string) => sum(own.filter(({ name }) => name === metric));
  const pairs = (sent: string, received: string, key: string[]) =>
    pairUp(rows(own, sent, key), rows(own, received, key));
  return {
    requests: total(contract.VENDOR_REQUESTS),
    bytes: [total(contract.VENDOR_SENT_BYTES), total(contract.VENDOR_RECEIVED_BYTES)],
    connections: rows(own, contract.CONNECTIONS, [PROTOCOL]),
    active: total(contract.ACTIVE_CONNECTIONS),
    destinations: pairs(contract.SENT_BYTES, contract.RECEIVED_BYTES, DESTINATION_KEY),
    exchanges: rows(own, contract.REQUESTS, EXCHANGE_KEY),
    failed: pairs(contract.FAILED_SENT_BYTES, contract.FAILED_RECEIVED_BYTES, [contract.LABEL_OUTCOME]),
    countries: pairs(contract.COUNTRY_SENT_BYTES, contract.COUNTRY_RECEIVED_BYTES, [contract.LABEL_COUNTRY]),
    overhead: pairs(contract.OVERHEAD_SENT_BYTES, contract.OVERHEAD_RECEIVED_BYTES, [contract.LABEL_KIND]),
  };
}

/** What does not add up within the books of a vendor, as sentences; none where every split is a share of its total. */
export function imbalances(books: Books): string[] {
  const [sent, received] = books.bytes;
  const found: string[] = [];
  const check = (holds: boolean, text: string) => void (holds || found.push(text));
  const requests = Object.values(books.exchanges).reduce((a, b) => a + b, 0);
  check(requests === books.requests, `requests by destination are ${requests}, the vendor's ${books.requests}`);
  const split = addUp(Object.values(books.destinations));
  check(split[0] === sent && split[1] === received, `bytes by destination are ${split}, the vendor's ${books.bytes}`);
  for (const part of ["failed", "countries", "overhead"] as const) {
    const [a, b] = addUp(Object.values(books[part]));
    check(a <= sent && b <= received, `${part} bytes are ${[a, b]}, more than the vendor's ${books.bytes}`);
  }
  return found;
}

/** Destination to bytes, whatever the pool and protocol. */
export function bytesByHost(books: Books): Record<string, Bytes> {
  const byHost: Record<string, Bytes> = {};
  for (const [key, bytes] of Object.entries(books.destinations)) {
    const host = key.split(" ")[2] ?? "";
    byHost[host] = addUp([byHost[host] ?? [0, 0], bytes]);
  }
  return byHost;
}

/** Destination to requests, whatever their outcome. */
export function requestsByHost(books: Books): Record<string, number> {
  const byHost: Record<string, number> = {};
  for (const [key, count] of Object.entries(books.exchanges)) {
    const host = key.split(" ")[3] ?? "";
    byHost[host] = (byHost[host] ?? 0) + count;
  }
  return byHost;
}

function rows(samples: readonly Sample[], metric: string, key: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { name, labels, value } of samples) {
    if (name === metric && value !== 0) found[key.map((label) => labels[label] ?? "-").join(" ")] = value;
  }
  return found;
}

function pairUp(sent: Record<string, number>, received: Record<string, number>): Record<string, Bytes> {
  const keys = new Set([...Object.keys(sent), ...Object.keys(received)]);
  return Object.fromEntries([...keys].map((key) => [key, [sent[key] ?? 0, received[key] ?? 0]]));
}

export function addUp(all: readonly Bytes[]): Bytes {
  return all.reduce<Bytes>(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
}

function sum(samples: readonly Sample[]): number {
  return samples.reduce((total, { value }) => total + value, 0);
}
