// SPDX-License-Identifier: Apache-2.0
/**
 * Which family feeds which sums of a vendor's book, as rows of one table: what is asked of Prometheus, and where an answer goes.
 */
import * as contract from "../../../filter/core/contract.ts";
import { bytesIn, entry, placeIn, shareIn, type VendorBook } from "./books.ts";
import type { Labels } from "./growth.ts";
import { workloadOf } from "./workload.ts";

export interface Feed {
  metric: string;
  /** Labels besides the vendor's. */
  labels: readonly string[];
  /** Whether days before the period need it too. */
  isTotal: boolean;
  take(book: VendorBook, labels: Labels, value: number): void;
}

/** Labels of the scrape that say where a pod belongs; the pod's name stands in where there is no workload. */
const PLACE = ["namespace", "workload", "pod"];
const SHARE = [contract.LABEL_POOL, contract.LABEL_DESTINATION];
const ANSWER = [contract.LABEL_OUTCOME, contract.LABEL_RESPONSE_CODE, contract.LABEL_PROTOCOL];

type Direction = "sent" | "received";

export const FEEDS: readonly Feed[] = [
  {
    metric: contract.VENDOR_REQUESTS,
    labels: PLACE,
    isTotal: true,
    take(book, labels, value) {
      book.requests += value;
      place(book, labels).requests += value;
    },
  },
  totalBytes(contract.VENDOR_SENT_BYTES, "sent"),
  totalBytes(contract.VENDOR_RECEIVED_BYTES, "received"),
  failedBytes(contract.FAILED_SENT_BYTES, "sent"),
  failedBytes(contract.FAILED_RECEIVED_BYTES, "received"),
  overheadBytes(contract.OVERHEAD_SENT_BYTES, "sent"),
  overheadBytes(contract.OVERHEAD_RECEIVED_BYTES, "received"),
  {
    metric: contract.REQUESTS,
    labels: [...PLACE, ...ANSWER],
    isTotal: true,
    take(book, labels, value) {
      const outcome = outcomeOf(labels);
      const counts = entry(book.outcomes, outcome, () => ({ requests: 0, tunnelled: 0 }));
      counts.requests += value;
      if (labels[contract.LABEL_PROTOCOL] !== contract.PROTOCOL_HTTP) counts.tunnelled += value;
      if (outcome === contract.OUTCOME_OK) place(book, labels).succeeded += value;
    },
  },
  {
    metric: contract.REQUESTS,
    labels: [...SHARE, ...ANSWER],
    isTotal: false,
    take(book, labels, value) {
      for (const share of sharesOf(book, labels)) {
        share.requests += value;
        if (outcomeOf(labels) === contract.OUTCOME_OK) share.succeeded += value;
      }
    },
  },
  splitBytes(contract.SENT_BYTES, "sent"),
  splitBytes(contract.RECEIVED_BYTES, "received"),
  countryBytes(contract.COUNTRY_SENT_BYTES, "sent"),
  countryBytes(contract.COUNTRY_RECEIVED_BYTES, "received"),
];

function totalBytes(metric: string, direction: Direction): Feed {
  return {
    ...{ metric, labels: PLACE, isTotal: true },
    take(book, labels, value) {
      book.all[direction] += value;
      place(book, labels)[direction] += value;
    },
  };
}

function failedBytes(metric: string, direction: Direction): Feed {
  return {
    ...{ metric, labels: [...PLACE, contract.LABEL_OUTCOME], isTotal: true },
    take(book, labels, value) {
      bytesIn(book.failed, labels[contract.LABEL_OUTCOME] ?? "")[direction] += value;
      place(book, labels).failedBytes += value;
    },
  };
}

function overheadBytes(metric: string, direction: Direction): Feed {
  return {
    ...{ metric, labels: [...PLACE, contract.LABEL_KIND], isTotal: true },
    take(book, labels, value) {
      bytesIn(book.overhead, labels[contract.LABEL_KIND] ?? "")[direction] += value;
      place(book, labels).handshakeBytes += value;
    },
  };
}

function splitBytes(metric: string, direction: Direction): Feed {
  return {
    ...{ metric, labels: [...SHARE, contract.LABEL_PROTOCOL], isTotal: true },
    take(book, labels, value) {
      for (const share of sharesOf(book, labels)) share[direction] += value;
      if (labels[contract.LABEL_PROTOCOL] === contract.PROTOCOL_TLS) book.opaque[direction] += value;
    },
  };
}

function countryBytes(metric: string, direction: Direction): Feed {
  return {
    ...{ metric, labels: [contract.LABEL_COUNTRY], isTotal: false },
    take(book, labels, value) {
      shareIn(book.countries, labels[contract.LABEL_COUNTRY] || contract.VALUE_NONE)[direction] += value;
    },
  };
}

function place(book: VendorBook, labels: Labels) {
  return placeIn(book, labels.namespace || contract.VALUE_UNKNOWN, workloadOf(labels));
}

function sharesOf({ pools, destinations }: VendorBook, labels: Labels) {
  return [
    shareIn(pools, labels[contract.LABEL_POOL] || contract.VALUE_NONE),
    shareIn(destinations, labels[contract.LABEL_DESTINATION] || contract.VALUE_UNKNOWN),
  ];
}

/** Statuses that say whose fault it was, for pods that were not restarted and have no outcome. */
const BY_STATUS: Readonly<Record<string, string>> = {
  "407": contract.OUTCOME_VENDOR_AUTH,
  "429": contract.OUTCOME_RATE_LIMITED,
  "502": contract.OUTCOME_VENDOR_ERROR,
  "503": contract.OUTCOME_VENDOR_ERROR,
  "504": contract.OUTCOME_VENDOR_ERROR,
};

export function outcomeOf(labels: Labels): string {
  const { [contract.LABEL_OUTCOME]: outcome, [contract.LABEL_RESPONSE_CODE]: status = "" } = labels;
  if (outcome) return outcome;
  if (Number(status) < 400) return contract.OUTCOME_OK;
  const isRefusal = labels[contract.LABEL_PROTOCOL] === contract.PROTOCOL_CONNECT;
  return BY_STATUS[status] ?? (isRefusal ? contract.OUTCOME_VENDOR_ERROR : contract.OUTCOME_TARGET_ERROR);
}
