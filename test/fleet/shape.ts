// SPDX-License-Identifier: Apache-2.0
/**
 * What a simulated pod is like: its vendors, pools, countries, destinations and how often what happens. Constants only.
 * From these `pod.ts` makes series; the families and labels are those of the filter.
 */
import * as contract from "../../filter/core/contract.ts";

export interface VendorShape {
  name: string;
  /** Share of a pod's requests. */
  weight: number;
  protocol: string;
  pools: readonly string[];
  countries: readonly string[];
}

export const VENDORS: readonly VendorShape[] = [
  {
    name: "acme",
    weight: 0.4,
    protocol: contract.PROTOCOL_CONNECT,
    pools: ["residential", "mobile"],
    countries: ["de", "us"],
  },
  { name: "globex", weight: 0.35, protocol: contract.PROTOCOL_CONNECT, pools: ["mobile"], countries: ["fr", "us"] },
  { name: "initech", weight: 0.25, protocol: contract.PROTOCOL_SOCKS5, pools: ["residential"], countries: ["jp"] },
];

/** Hosts of the whole fleet, and how many of them a pod talks to through each vendor. */
export const HOSTS = 200;
export const HOSTS_OF_POD = 8;
/** The source designs have 25,000 requests a second from 2,500 pods. */
export const REQUESTS_PER_SECOND = 10;
export const NAMESPACES = 10;
export const WORKLOADS_PER_NAMESPACE = 5;
export const SENT_PER_REQUEST = 2_500;
export const RECEIVED_PER_REQUEST = 60_000;

export interface Ending {
  outcome: string;
  result: string;
  code: string;
  share: number;
}

/** How requests end. Each is a series of `requests` only for a part of a pod's destinations: faults are rare. */
export const ENDINGS: readonly Ending[] = [
  { outcome: contract.OUTCOME_OK, result: contract.RESULT_OK, code: "200", share: 0.96 },
  { outcome: contract.OUTCOME_VENDOR_ERROR, result: contract.RESULT_VENDOR_FAULT, code: "502", share: 0.025 },
  { outcome: contract.OUTCOME_TARGET_UNREACHABLE, result: contract.RESULT_TARGET_FAULT, code: "502", share: 0.01 },
  { outcome: contract.OUTCOME_CLIENT_ABORT, result: contract.RESULT_CLIENT_ABORT, code: "200", share: 0.005 },
];

/** Upper bounds of Envoy's buckets in milliseconds, as it prints them. */
export const BOUNDS = [
  ..."0.5 1 5 10 25 50 100 250 500 1000 2500 5000 10000 30000 60000 300000 600000 1800000 3600000 +Inf".split(" "),
] as const;

/** Shares of a histogram's samples at or below each bound: a median near 100 ms with a long tail. */
export const CUMULATIVE = [
  0, 0, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.96, 0.985, 0.995, 0.999, 1, 1, 1, 1, 1, 1, 1,
] as const;
/** Mean of such a sample in milliseconds. */
export const MEAN_MILLISECONDS = 230;
