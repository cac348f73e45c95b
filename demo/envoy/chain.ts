// SPDX-License-Identifier: Apache-2.0
/**
 * The filter chains of a sidecar's listeners, as Istio builds them: a TCP chain for what the mesh declares as TCP, an HTTP chain
 * where Envoy itself speaks HTTP. Which listener gets which is decided in bootstrap.ts.
 */
import { httpPluginFilter, type Plugin, pluginFilter } from "./plugin.ts";

const FILTERS = "type.googleapis.com/envoy.extensions.filters";

/** Bytes pass as they come, to one cluster; `accessLog` are further members of the last filter. */
export function tcpChain(cluster: string, plugin: Plugin | undefined, accessLog: object = {}) {
  const tcpProxy = {
    name: "envoy.filters.network.tcp_proxy",
    typed_config: {
      "@type": `${FILTERS}.network.tcp_proxy.v3.TcpProxy`,
      stat_prefix: cluster,
      cluster,
      ...accessLog,
    },
  };
  return [...networkPlugin(plugin), tcpProxy];
}

/** Requests to any host go to one cluster; nothing but the destination limits how long they take. */
export function httpChain(cluster: string, plugin: Plugin | undefined, accessLog: object = {}) {
  const router = {
    name: "envoy.filters.http.router",
    typed_config: { "@type": `${FILTERS}.http.router.v3.Router` },
  };
  const connectionManager = {
    name: "envoy.filters.network.http_connection_manager",
    typed_config: {
      "@type": `${FILTERS}.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: cluster,
      use_remote_address: false,
      stream_idle_timeout: "0s",
      normalize_path: true,
      path_with_escaped_slashes_action: "KEEP_UNCHANGED",
      upgrade_configs: [{ upgrade_type: "websocket" }],
      route_config: {
        name: cluster,
        virtual_hosts: [
          {
            name: "allow_any",
            domains: ["*"],
            routes: [{ match: { prefix: "/" }, route: { cluster, timeout: "0s" } }],
          },
        ],
      },
      http_filters: plugin === undefined ? [router] : [httpPluginFilter(plugin), router],
      ...accessLog,
    },
  };
  return [...networkPlugin(plugin), connectionManager];
}

// Istio puts a NETWORK plugin in front of every outbound chain; on HTTP chains the filter leaves the counting to its HTTP plugin.
function networkPlugin(plugin: Plugin | undefined) {
  return plugin === undefined ? [] : [pluginFilter(plugin)];
}
