// SPDX-License-Identifier: Apache-2.0
/**
 * The bootstrap of one pod's Envoy as a plain object: one listener for each way out of the pod, all ports chosen by the system.
 * Follows what Istio gives a sidecar (node metadata, stats, cluster names, filter chains); pure, the driver writes it to a file.
 */
import { EXTRA_STAT_TAGS } from "../../filter/core/stat-tags.ts";
import type { Pod } from "../pod.ts";
import { httpChain, tcpChain } from "./chain.ts";
import { accessLogOf, type LedgerSettings } from "./ledger.ts";
import type { Plugin } from "./plugin.ts";
import { statsConfig } from "./stats.ts";

/** A way out of the pod: what connects to the listener of this cluster is led to the upstream. */
export interface Route {
  /** Name of the cluster and of its listener. */
  cluster: string;
  upstream: { host: string; port: number };
  /** How the mesh declares the port: as TCP unless told. */
  chain?: keyof typeof CHAINS;
}

const CHAINS = { tcp: tcpChain, http: httpChain };

export interface SidecarSettings {
  pod: Pod;
  routes: readonly Route[];
  /** Absent for an Envoy that does not meter. */
  plugin?: Plugin;
  /** Empty as in pods that were not restarted since the installation. */
  extraStatTags?: readonly string[];
  /** Absent for an Envoy that keeps no ledger. */
  ledger?: LedgerSettings;
}

/** Bootstrap of a pod's Envoy, to be written as JSON. */
export function sidecarBootstrap({ pod, routes, plugin, extraStatTags = EXTRA_STAT_TAGS, ledger }: SidecarSettings) {
  const accessLog = accessLogOf(pod, ledger);
  return {
    node: {
      id: `sidecar~127.0.0.1~${pod.name}.${pod.namespace}~${pod.namespace}.svc.cluster.local`,
      cluster: `${pod.labels.app ?? pod.name}.${pod.namespace}`,
      metadata: {
        NAME: pod.name,
        NAMESPACE: pod.namespace,
        LABELS: pod.labels,
        PROXY_CONFIG: { extraStatTags: [...extraStatTags] },
      },
    },
    admin: { address: socketAddress("127.0.0.1", 0) },
    stats_config: statsConfig(extraStatTags),
    static_resources: {
      listeners: routes.map((route) => listener(route, plugin, accessLog)),
      clusters: routes.map(cluster),
    },
  };
}

function listener({ cluster, chain = "tcp" }: Route, plugin: Plugin | undefined, accessLog: object) {
  return {
    name: cluster,
    address: socketAddress("127.0.0.1", 0),
    traffic_direction: "OUTBOUND",
    filter_chains: [{ filters: CHAINS[chain](cluster, plugin, accessLog) }],
  };
}

function cluster({ cluster: name, upstream }: Route) {
  return {
    name,
    type: "STATIC",
    connect_timeout: "10s",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress(upstream.host, upstream.port) } }] }],
    },
  };
}

function socketAddress(address: string, port: number) {
  return { socket_address: { address, port_value: port } };
}
