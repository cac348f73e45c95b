// SPDX-License-Identifier: Apache-2.0
/**
 * Requests and bytes of one vendor in one shape, read from the sidecar's counters or from the relay, so that they compare.
 */
import * as contract from "../../filter/core/contract.ts";
import type { RelaySnapshot } from "../../loadgen/relay/relay.ts";
import { type Labels, matching, type Sample, sum } from "./counters.ts";

export interface Totals {
  readonly requests: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export interface Books extends Totals {
  readonly destinations: Readonly<Record<string, Totals>>;
}

/** What really crossed the vendor's sockets. */
export function actualBooks(snapshot: RelaySnapshot): Books {
  const { requests, sentBytes, receivedBytes } = snapshot;
  const destinations = Object.fromEntries(snapshot.destinations.map(({ host, ...totals }) => [host, totals]));
  return { requests, sentBytes, receivedBytes, destinations };
}

/** What was added to the books since an earlier reading; destinations without any change are left out. */
export function since(books: Books, earlier: Books): Books {
  const destinations = Object.entries(books.destinations)
    .map(([host, totals]) => [host, subtract(totals, earlier.destinations[host] ?? NOTHING)] as const)
    .filter(([, { requests, sentBytes, receivedBytes }]) => requests + sentBytes + receivedBytes > 0);
  return { ...subtract(books, earlier), destinations: Object.fromEntries(destinations) };
}

const NOTHING: Totals = { requests: 0, sentBytes: 0, receivedBytes: 0 };

function subtract(from: Totals, what: Totals): Totals {
  return {
    requests: from.requests - what.requests,
    sentBytes: from.sentBytes - what.sentBytes,
    receivedBytes: from.receivedBytes - what.receivedBytes,
  };
}

/** What the sidecar's counters say. */
export function meteredBooks(samples: readonly Sample[], vendor: string): Books {
  const labels = { [contract.LABEL_VENDOR]: vendor };
  const hosts = [contract.REQUESTS, contract.SENT_BYTES, contract.RECEIVED_BYTES]
    .flatMap((metric) => matching(samples, metric, labels))
    .map((sample) => sample.labels[contract.LABEL_DESTINATION] ?? "");
  return {
    requests: sum(samples, contract.VENDOR_REQUESTS, labels),
    sentBytes: sum(samples, contract.VENDOR_SENT_BYTES, labels),
    receivedBytes: sum(samples, contract.VENDOR_RECEIVED_BYTES, labels),
    destinations: Object.fromEntries(
      [...new Set(hosts)].sort().map((host) => [host, ofDestination(samples, labels, host)]),
    ),
  };
}

function ofDestination(samples: readonly Sample[], vendor: Labels, host: string): Totals {
  const labels = { ...vendor, [contract.LABEL_DESTINATION]: host };
  return {
    requests: sum(samples, contract.REQUESTS, labels),
    sentBytes: sum(samples, contract.SENT_BYTES, labels),
    receivedBytes: sum(samples, contract.RECEIVED_BYTES, labels),
  };
}
