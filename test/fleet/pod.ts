// SPDX-License-Identifier: Apache-2.0
/**
 * The series of one simulated pod: the names and labels that the filter gives them, and how fast each grows. Pure and seeded.
 * Text and time are `exposition.ts`'s.
 */
import * as contract from "../../filter/core/contract.ts";
import { generator } from "../bench/random.ts";
import {
  ENDINGS,
  HOSTS,
  HOSTS_OF_POD,
  NAMESPACES,
  RECEIVED_PER_REQUEST,
  REQUESTS_PER_SECOND,
  SENT_PER_REQUEST,
  VENDORS,
  type VendorShape,
  WORKLOADS_PER_NAMESPACE,
} from "./shape.ts";

export type Labels = readonly (readonly [string, string])[];

export interface Series {
  family: string;
  labels: Labels;
  type: "counter" | "gauge" | "histogram";
  /** Growth a second of a counter, of a histogram's count; the value of a gauge. */
  rate: number;
}

export interface SimulatedPod {
  namespace: string;
  workload: string;
  pod: string;
  series: readonly Series[];
}

/**
 * @param index  of the pod in the fleet
 * @param life   how many pods had this place before it
 */
export function makePod(index: number, life: number): SimulatedPod {
  const random = generator(index * 7919 + life * 104_729 + 1);
  const namespace = `crawl-${index % NAMESPACES}`;
  const workload = `crawler-${Math.floor(index / NAMESPACES) % WORKLOADS_PER_NAMESPACE}`;
  const pod = `${workload}-${index.toString(36).padStart(4, "0")}-${life.toString(36).padStart(3, "0")}`;
  const pace = REQUESTS_PER_SECOND * (0.5 + random());
  const series = [
    ...VENDORS.flatMap((vendor) => vendorSeries(vendor, pace * vendor.weight, random)),
    ...[contract.VALUE_OTHER, contract.VALUE_UNKNOWN].flatMap((name) => totals(name, 0)),
    ...ownSeries(),
  ];
  return { namespace, workload, pod, series };
}

/** A host of the fleet: few are asked for often, many now and then. */
function hostOf(random: () => number): string {
  const rank = Math.floor(HOSTS ** random());
  return `site-${String(rank).padStart(3, "0")}.example`;
}

function counter(family: string, rate: number, labels: Labels): Series {
  return { family, labels, type: "counter", rate };
}

function totals(vendor: string, pace: number): Series[] {
  const labels: Labels = [[contract.LABEL_VENDOR, vendor]];
  return [
    counter(contract.VENDOR_REQUESTS, pace, labels),
    counter(contract.VENDOR_SENT_BYTES, pace * SENT_PER_REQUEST, labels),
    counter(contract.VENDOR_RECEIVED_BYTES, pace * RECEIVED_PER_REQUEST, labels),
  ];
}

function vendorSeries(vendor: VendorShape, pace: number, random: () => number): Series[] {
  const hosts = new Set(Array.from({ length: HOSTS_OF_POD * 2 }, () => hostOf(random)));
  const chosen = [...hosts].slice(0, HOSTS_OF_POD);
  const by: Labels = [[contract.LABEL_VENDOR, vendor.name]];
  const withProtocol: Labels = [...by, [contract.LABEL_PROTOCOL, vendor.protocol]];
  return [
    ...totals(vendor.name, pace),
    ...chosen.flatMap((host, at) => destinationSeries(vendor, host, pace / chosen.length, at, random)),
    ...countrySeries(vendor, by, pace),
    ...partsOf(by, pace),
    ...timesOf(by, pace),
    counter(contract.CONNECTIONS, pace, withProtocol),
    { family: contract.ACTIVE_CONNECTIONS, labels: withProtocol, type: "gauge", rate: Math.ceil(pace) },
  ];
}

/** Every destination has its good requests; each kind of failure shows at some of them. */
function destinationSeries(
  vendor: VendorShape,
  host: string,
  pace: number,
  at: number,
  random: () => number,
): Series[] {
  const pool = vendor.pools[Math.floor(random() * vendor.pools.length)] ?? contract.VALUE_NONE;
  const bytes: Labels = [
    [contract.LABEL_VENDOR, vendor.name],
    [contract.LABEL_POOL, pool],
    [contract.LABEL_DESTINATION, host],
    [contract.LABEL_PROTOCOL, vendor.protocol],
  ];
  const site: Labels = [
    [contract.LABEL_VENDOR, vendor.name],
    [contract.LABEL_DESTINATION, host],
  ];
  const version = vendor.protocol === contract.PROTOCOL_CONNECT ? "1.1" : contract.VALUE_NONE;
  const requests = ENDINGS.filter((_, kind) => kind === 0 || (at + kind) % 4 === 0).map(({ outcome, code, share }) =>
    counter(contract.REQUESTS, pace * share, [
      ...bytes,
      [contract.LABEL_PROTOCOL_VERSION, version],
      [contract.LABEL_RESPONSE_CODE, version === "1.1" ? code : "0"],
      [contract.LABEL_OUTCOME, outcome],
    ]),
  );
  return [
    ...requests,
    counter(contract.SENT_BYTES, pace * SENT_PER_REQUEST, bytes),
    counter(contract.RECEIVED_BYTES, pace * RECEIVED_PER_REQUEST, bytes),
    counter(contract.TUNNEL_TURNS, pace * 2, site),
    counter(contract.DESTINATION_FIRST_BYTE_SUM, pace * 180, site),
    counter(contract.DESTINATION_FIRST_BYTE_COUNT, pace, site),
  ];
}

function countrySeries({ countries }: VendorShape, by: Labels, pace: number): Series[] {
  return countries.flatMap((country) => {
    const labels: Labels = [...by, [contract.LABEL_COUNTRY, country]];
    const share = pace / countries.length;
    return [
      counter(contract.COUNTRY_SENT_BYTES, share * SENT_PER_REQUEST, labels),
      counter(contract.COUNTRY_RECEIVED_BYTES, share * RECEIVED_PER_REQUEST, labels),
    ];
  });
}

function partsOf(by: Labels, pace: number): Series[] {
  const failed = ENDINGS.filter(({ result }) => result !== contract.RESULT_OK).flatMap(({ outcome, share }) => [
    counter(contract.FAILED_SENT_BYTES, pace * share * 600, [...by, [contract.LABEL_OUTCOME, outcome]]),
    counter(contract.FAILED_RECEIVED_BYTES, pace * share * 400, [...by, [contract.LABEL_OUTCOME, outcome]]),
  ]);
  const overhead = [contract.KIND_PROXY_HANDSHAKE, contract.KIND_TLS_HANDSHAKE].flatMap((kind) => [
    counter(contract.OVERHEAD_SENT_BYTES, pace * 600, [...by, [contract.LABEL_KIND, kind]]),
    counter(contract.OVERHEAD_RECEIVED_BYTES, pace * 2_200, [...by, [contract.LABEL_KIND, kind]]),
  ]);
  return [...failed, ...overhead];
}

/** The first byte is known of good requests only, the other two of all. */
function timesOf(by: Labels, pace: number): Series[] {
  const families = [contract.HANDSHAKE_MILLISECONDS, contract.DURATION_MILLISECONDS];
  const good = ENDINGS.slice(0, 1).map((ending) => [contract.FIRST_BYTE_MILLISECONDS, ending] as const);
  const all = families.flatMap((family) => ENDINGS.slice(0, 3).map((ending) => [family, ending] as const));
  return [...good, ...all].map(([family, { result, share }]) => ({
    family,
    labels: [...by, [contract.LABEL_RESULT, result]],
    type: "histogram",
    rate: pace * share,
  }));
}

function ownSeries(): Series[] {
  const info: Labels = [
    [contract.LABEL_RELEASE, "0.1.0"],
    [contract.LABEL_DIGEST, `sha256:${"0".repeat(64)}`],
    [contract.LABEL_ENCODING, contract.ENCODING_FULL],
    [contract.LABEL_CONFIG_HASH, "00000000"],
  ];
  const gauge = (family: string, rate: number, labels: Labels = []): Series => ({
    family,
    labels,
    type: "gauge",
    rate,
  });
  return [
    counter(contract.HEARTBEAT_SECONDS, 1, []),
    counter(contract.REFUSED_STREAMS, 0, []),
    gauge(contract.CONFIG_ERRORS, 0),
    gauge(contract.MEMORY_BYTES, 196_608),
    gauge(contract.SERIES, 220),
    gauge(contract.INFO, 1, info),
  ];
}
