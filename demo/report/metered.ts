// SPDX-License-Identifier: Apache-2.0
/**
 * The filter's side of the report: the last raw counter values that Prometheus stored, summed by label.
 * Raw values on purpose: `increase()` extrapolates, and would not be exact.
 */
import * as contract from "../../filter/core/contract.ts";
import type { Sample } from "../prometheus/query.ts";
import { FIELDS, type Field, Tally } from "./tally.ts";

type Family = Record<Field, string>;

/** The families that money rests on. */
export const VENDOR_FAMILY: Family = {
  requests: contract.VENDOR_REQUESTS,
  sentBytes: contract.VENDOR_SENT_BYTES,
  receivedBytes: contract.VENDOR_RECEIVED_BYTES,
};

/** The same by pool, destination, protocol and, for requests, outcome. */
export const SPLIT_FAMILY: Family = {
  requests: contract.REQUESTS,
  sentBytes: contract.SENT_BYTES,
  receivedBytes: contract.RECEIVED_BYTES,
};

type ByteFamily = Omit<Family, "requests">;

/** The same by country; only vendors whose usernames name one have it. */
export const COUNTRY_FAMILY: ByteFamily = {
  sentBytes: contract.COUNTRY_SENT_BYTES,
  receivedBytes: contract.COUNTRY_RECEIVED_BYTES,
};

/** Parts of the vendor families, which cannot be larger than the whole. */
export const SUBSET_FAMILIES: Record<string, ByteFamily> = {
  failed: { sentBytes: contract.FAILED_SENT_BYTES, receivedBytes: contract.FAILED_RECEIVED_BYTES },
  overhead: { sentBytes: contract.OVERHEAD_SENT_BYTES, receivedBytes: contract.OVERHEAD_RECEIVED_BYTES },
};

const LABELS_BY_POD = ["pod", "namespace", contract.LABEL_VENDOR];
const FAMILIES = [VENDOR_FAMILY, SPLIT_FAMILY, COUNTRY_FAMILY, ...Object.values(SUBSET_FAMILIES)];
const METRICS = [...FAMILIES.flatMap((family) => Object.values(family)), contract.CONNECTIONS];

/** PromQL: every series that the report needs; one sample is a counter's last raw value, in requests, bytes or connections. */
export const METERED_SERIES = `{__name__=~"${METRICS.join("|")}"}`;

export function meteredByVendor(samples: readonly Sample[]): Tally {
  return tallyOf(samples, VENDOR_FAMILY, [contract.LABEL_VENDOR]);
}

export function meteredByPod(samples: readonly Sample[], family: Partial<Family> = VENDOR_FAMILY): Tally {
  return tallyOf(samples, family, LABELS_BY_POD);
}

export function meteredByDestination(samples: readonly Sample[]): Tally {
  return tallyOf(samples, SPLIT_FAMILY, [contract.LABEL_DESTINATION, contract.LABEL_VENDOR]);
}

/** Connections of one pod to one vendor that said something. */
export function meteredConnections(samples: readonly Sample[], key: readonly string[]): number {
  return samples
    .filter(({ labels }) => labels.__name__ === contract.CONNECTIONS)
    .filter(({ labels }) => LABELS_BY_POD.every((label, index) => labels[label] === key[index]))
    .reduce((sum, { value }) => sum + value, 0);
}

function tallyOf(samples: readonly Sample[], family: Partial<Family>, labels: readonly string[]): Tally {
  const tally = new Tally();
  for (const field of FIELDS) {
    for (const sample of samples.filter(({ labels: own }) => own.__name__ === family[field])) {
      tally.add(
        labels.map((label) => sample.labels[label] ?? ""),
        field,
        sample.value,
      );
    }
  }
  return tally;
}
