// SPDX-License-Identifier: Apache-2.0
/**
 * Who is connected to whom: a recording relay between each pod's Envoy and each vendor's gateway, and a direct way to the sites
 * where Envoy itself speaks HTTP. The gateways and what is behind them are in outside/; the Envoys are the rig's.
 */
import { type Relay, startRelay } from "../loadgen/relay/relay.ts";
import type { OutsideOptions } from "./outside/outside.ts";
import { startOutsideThread } from "./outside/thread.ts";
import type { Pod } from "./pod.ts";
import type { Teardown } from "./teardown.ts";
import type { Vendor } from "./vendors.ts";

export interface TopologyOptions extends OutsideOptions {
  pods: readonly Pod[];
  teardown: Teardown;
  /** Told of the error that ends the sites and gateways, if one does. */
  onError: (error: Error) => void;
}

/** The way from a pod to a vendor. */
export interface Link {
  pod: Pod;
  vendor: Vendor;
  /** What the pod's Envoy must connect to, on 127.0.0.1. */
  port: number;
  /** Null where there is no gateway, and so nothing to stand in front of. */
  relay: Relay | null;
}

export interface Topology {
  /** PEM of the root certificate of all sites. */
  ca: string;
  links: Link[];
}

export async function startTopology({ pods, teardown, ...rest }: TopologyOptions): Promise<Topology> {
  const { vendors, hosts, resetShare, seed, onError } = rest;
  const outside = await startOutsideThread({ vendors, hosts, resetShare, seed, onError });
  teardown.add(() => outside.close());
  const pairs = pods.flatMap((pod) =>
    vendors.map((vendor, index) => ({ pod, vendor, port: outside.ports[index] ?? 0 })),
  );
  const links = pairs.map(async ({ pod, vendor, port }) => {
    if (vendor.protocol === "headers") return { pod, vendor, port, relay: null };
    const relay = await startRelay({ pod: pod.name, vendor: vendor.name, upstream: { host: "127.0.0.1", port } });
    teardown.add(() => relay.close());
    return { pod, vendor, port: relay.port, relay };
  });
  return { ca: outside.ca, links: await Promise.all(links) };
}
