// SPDX-License-Identifier: Apache-2.0
/**
 * Bootstraps of the Envoys that are measured: minimal, with the stats and the node metadata of a sidecar, any listeners and clusters.
 * Pure. Which filters a listener has is decided in `filters.ts` and by each measure.
 */
import { statsConfig } from "../../../demo/envoy/stats.ts";
import { EXTRA_STAT_TAGS } from "../../../filter/core/stat-tags.ts";

const TYPES = "type.googleapis.com/envoy";

export interface Endpoint {
  host: string;
  port: number;
}

/** @param clusters  endpoints of each upstream by its name */
export function bootstrap(listeners: readonly object[], clusters: Readonly<Record<string, readonly Endpoint[]>>) {
  return {
    node: {
      id: "sidecar~127.0.0.1~crawler-0.crawl~crawl.svc.cluster.local",
      cluster: "crawler.crawl",
      metadata: {
        NAME: "crawler-0",
        NAMESPACE: "crawl",
        LABELS: { app: "crawler" },
        PROXY_CONFIG: { extraStatTags: [...EXTRA_STAT_TAGS] },
      },
    },
    admin: { address: address("127.0.0.1", 0) },
    stats_config: statsConfig(EXTRA_STAT_TAGS),
    static_resources: {
      listeners,
      clusters: Object.entries(clusters).map(([name, endpoints]) => cluster(name, endpoints)),
    },
  };
}

/** A listener on any free port, found by its name. */
export function listener(name: string, filters: readonly object[]) {
  return {
    name,
    address: address("127.0.0.1", 0),
    traffic_direction: "OUTBOUND",
    filter_chains: [{ filters }],
  };
}

/** Bytes pass as they come, after the given network filters; `more` are further members of the last one. */
export function tcpFilters(cluster: string, before: readonly object[] = [], more: object = {}) {
  const proxy = {
    name: "envoy.filters.network.tcp_proxy",
    typed_config: {
      "@type": `${TYPES}.extensions.filters.network.tcp_proxy.v3.TcpProxy`,
      stat_prefix: "tunnel",
      cluster,
      ...more,
    },
  };
  return [...before, proxy];
}

/** What stands around the router of an HTTP chain. */
export interface HttpParts {
  filters?: readonly object[];
  accessLog?: readonly object[];
}

/** Every request goes to one cluster, or gets one answer. */
export function httpFilters(route: object, { filters = [], accessLog = [] }: HttpParts = {}) {
  const manager = {
    "@type": `${TYPES}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "requests",
    stream_idle_timeout: "0s",
    access_log: accessLog,
    route_config: {
      virtual_hosts: [{ name: "any", domains: ["*"], routes: [{ match: { prefix: "/" }, ...route }] }],
    },
    http_filters: [
      ...filters,
      {
        name: "envoy.filters.http.router",
        typed_config: { "@type": `${TYPES}.extensions.filters.http.router.v3.Router` },
      },
    ],
  };
  return [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }];
}

/** Answers every request with a fixed text, as the cheapest site there is. */
export function siteFilters(body: string) {
  return httpFilters({ direct_response: { status: 200, body: { inline_string: body } } });
}

function cluster(name: string, endpoints: readonly Endpoint[]) {
  return {
    name,
    type: "STATIC",
    connect_timeout: "5s",
    circuit_breakers: {
      thresholds: [{ max_connections: 100_000, max_pending_requests: 100_000, max_requests: 100_000 }],
    },
    load_assignment: {
      cluster_name: name,
      endpoints: [
        { lb_endpoints: endpoints.map(({ host, port }) => ({ endpoint: { address: address(host, port) } })) },
      ],
    },
  };
}

function address(host: string, port: number) {
  return { socket_address: { address: host, port_value: port } };
}
