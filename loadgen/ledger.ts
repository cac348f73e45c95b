// SPDX-License-Identifier: Apache-2.0
/**
 * What the load generator itself sent and got: requests, failures by reason and bytes of its own sockets, by pod,
 * vendor and destination. The client's view; the truth about a gateway is the relay's.
 */
import type { TravelError } from "./client/connection.ts";
import { Latency, type LatencySummary } from "./latency.ts";

export interface Counts {
  /** Connections opened, or tried. */
  connections: number;
  /** Requests begun; a connection that fails to open counts as one. */
  requests: number;
  ok: number;
  failed: number;
  /** Failed requests by reason; their sum is `failed`. */
  reasons: Record<string, number>;
  /** Written to and read from the proxy, TLS and handshakes included; counted when a request or connection is over. */
  sentBytes: number;
  receivedBytes: number;
}

export interface VendorCounts extends Counts {
  pod: string;
  vendor: string;
  latencyMs: LatencySummary;
}

export interface DestinationCounts extends Counts {
  pod: string;
  vendor: string;
  /** As asked for, without the usual port. */
  host: string;
}

/** One pod's and vendor's page. */
export class Page {
  readonly pod: string;
  readonly vendor: string;
  readonly latency = new Latency();
  readonly #hosts = new Map<string, Counts>();

  constructor(pod: string, vendor: string) {
    this.pod = pod;
    this.vendor = vendor;
  }

  /** The running counts of a destination: the caller adds to them. */
  of(host: string): Counts {
    const known = this.#hosts.get(host);
    if (known) return known;
    const counts = emptyCounts();
    this.#hosts.set(host, counts);
    return counts;
  }

  ok(host: string, latencyMs: number): void {
    this.of(host).ok += 1;
    this.latency.record(latencyMs);
  }

  failed(host: string, { reason }: TravelError): void {
    const counts = this.of(host);
    counts.failed += 1;
    counts.reasons[reason] = (counts.reasons[reason] ?? 0) + 1;
  }

  destinations(): DestinationCounts[] {
    const { pod, vendor } = this;
    return [...this.#hosts].map(([host, counts]) => ({ pod, vendor, host, ...counts, reasons: { ...counts.reasons } }));
  }

  total(): VendorCounts {
    const sum = emptyCounts();
    for (const counts of this.#hosts.values()) addCounts(sum, counts);
    return { pod: this.pod, vendor: this.vendor, ...sum, latencyMs: this.latency.summary() };
  }
}

function emptyCounts(): Counts {
  return { connections: 0, requests: 0, ok: 0, failed: 0, reasons: {}, sentBytes: 0, receivedBytes: 0 };
}

function addCounts(sum: Counts, counts: Counts): void {
  sum.connections += counts.connections;
  sum.requests += counts.requests;
  sum.ok += counts.ok;
  sum.failed += counts.failed;
  sum.sentBytes += counts.sentBytes;
  sum.receivedBytes += counts.receivedBytes;
  for (const [reason, count] of Object.entries(counts.reasons))
    sum.reasons[reason] = (sum.reasons[reason] ?? 0) + count;
}
