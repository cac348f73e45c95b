// SPDX-License-Identifier: Apache-2.0
/**
 * Who is connected to whom: a recording relay between each pod's Envoy and each vendor's gateway.
 * The gateways and what is behind them are in outside/; the Envoys are the rig's.
 */
import { type Relay, startRelay } from "../loadgen/relay/relay.ts";
import { startOutsideThread } from "./outside/thread.ts";
import type { Pod } from "./pod.ts";
import type { RelayRecord } from "./report/actual.ts";
import type { Teardown } from "./teardown.ts";
import type { Vendor } from "./vendors.ts";

export interface TopologyOptions {
  pods: readonly Pod[];
  vendors: readonly Vendor[];
  hosts: readonly string[];
  teardown: Teardown;
  /** Told of the error that ends the sites and gateways, if one does. */
  onError: (error: Error) => void;
}

/** The way from a pod to a vendor: what its Envoy must connect to. */
export interface Link {
  pod: Pod;
  vendor: Vendor;
  relay: Relay;
}

export interface Topology {
  /** PEM of the root certificate of all sites. */
  ca: string;
  links: Link[];
}

export async function startTopology({ pods, vendors, hosts, teardown, onError }: TopologyOptions): Promise<Topology> {
  const outside = await startOutsideThread({ vendors, hosts, onError });
  teardown.add(() => outside.close());
  const pairs = pods.flatMap((pod) => vendors.map((vendor, index) => ({ pod, vendor, index })));
  const links = pairs.map(async ({ pod, vendor, index }) => {
    const upstream = { host: "127.0.0.1", port: outside.gatewayPorts[index] ?? 0 };
    const relay = await startRelay({ pod: pod.name, vendor: vendor.name, upstream });
    teardown.add(() => relay.close());
    return { pod, vendor, relay };
  });
  return { ca: outside.ca, links: await Promise.all(links) };
}

/** What the relays have on record now. */
export function relayRecords(links: readonly Link[]): RelayRecord[] {
  return links.map(({ pod, vendor, relay }) => ({
    pod: pod.name,
    namespace: pod.namespace,
    vendor: vendor.name,
    snapshot: relay.snapshot(),
  }));
}
