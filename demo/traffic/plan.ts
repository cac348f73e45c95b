// SPDX-License-Identifier: Apache-2.0
/**
 * Turns the ways of travelling into loads for the load generator. One load has one mean number of requests on a connection,
 * so ways that differ in it become loads of their own; together they have the rate that was asked for. Pure.
 */
import type { LoadOptions, LoadVendor } from "../../loadgen/run.ts";
import type { Pod } from "../pod.ts";
import { proxyUrl, usernameFor, type Vendor } from "../vendors.ts";
import type { Way } from "./ways.ts";

/** A vendor as a client in a pod reaches it: a listener of the pod's Envoy on 127.0.0.1. */
export interface Entrance {
  pod: Pod;
  vendor: Vendor;
  port: number;
}

export interface TrafficOptions {
  entrances: readonly Entrance[];
  ways: readonly Way[];
  hosts: readonly string[];
  /** PEM of the root that the sites' certificates are verified with. */
  ca: string;
  /** Requests a second for each pod. */
  ratePerSecond: number;
  seed: number;
  /** No body is bigger; the load generator's own limit unless told. */
  maxBodyBytes?: number;
}

// Longer than a crawler would wait: on a busy machine slow answers are no failures.
const TIMEOUT_MS = 30_000;

/** Options of the loads that make the traffic together. */
export function planLoads(options: TrafficOptions): LoadOptions[] {
  const { entrances, ways, hosts, ca, ratePerSecond, seed, maxBodyBytes } = options;
  const total = weightOf(ways);
  return [...Map.groupBy(ways, ({ requestsPerConnection }) => requestsPerConnection)].map(([perConnection, group]) => ({
    pods: planPods(entrances, group),
    ratePerSecond: (ratePerSecond * weightOf(group)) / total,
    hosts: [...hosts],
    ca,
    seed: seed + perConnection,
    timeoutMs: TIMEOUT_MS,
    workload: { requestsPerConnection: perConnection, ...(maxBodyBytes && { maxBodyBytes }) },
  }));
}

function planPods(entrances: readonly Entrance[], ways: readonly Way[]): LoadOptions["pods"] {
  const byPod = Map.groupBy(entrances, ({ pod }) => pod.name);
  return [...byPod].map(([pod, doors]) => ({
    pod,
    vendors: ways.flatMap((way) =>
      doors.filter(({ vendor }) => vendor.name === way.vendor).map((door) => plan(way, door)),
    ),
  }));
}

function plan({ protocol, pool, country, weight }: Way, { vendor, port }: Entrance): LoadVendor {
  if (protocol !== "headers") {
    const proxy = proxyUrl(vendor, port, usernameFor(vendor, pool, country));
    return { vendor: vendor.name, weight, protocol, proxyUrl: proxy };
  }
  // The names that the filter looks for unless its configuration says otherwise.
  const headers = { "x-proxy-vendor": vendor.name, "x-proxy-pool": pool };
  return { vendor: vendor.name, weight, protocol, proxyUrl: proxyUrl(vendor, port, ""), headers };
}

function weightOf(ways: readonly Way[]): number {
  return ways.reduce((sum, { weight }) => sum + weight, 0);
}
