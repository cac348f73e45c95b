// SPDX-License-Identifier: Apache-2.0
/**
 * Configuration for an Envoy that is reconfigured while it runs: listeners and Wasm filters as objects, each from a file or in line.
 * Pure; `reconfigurable.ts` writes the files.
 */
import { sidecarBootstrap } from "../../../demo/envoy/bootstrap.ts";

export interface Upstream {
  /** Name of the cluster. */
  name: string;
  port: number;
}

export interface WasmPlugin {
  kind: "network" | "http";
  module: string;
  rootId: string;
  configuration: string;
}

const POD = { name: "crawler-0", namespace: "crawl", labels: { app: "crawler" } };
const TYPES = "type.googleapis.com/envoy.extensions.filters";

/** Bootstrap with fixed clusters, and listeners from a file. */
export function reconfigurableBootstrap(upstreams: readonly Upstream[], listenersFile: string): object {
  const routes = upstreams.map(({ name, port }) => ({ cluster: name, upstream: { host: "127.0.0.1", port } }));
  const bootstrap = sidecarBootstrap({ pod: POD, routes });
  const { patterns } = bootstrap.stats_config.stats_matcher.inclusion_list;
  return {
    ...bootstrap,
    stats_config: {
      ...bootstrap.stats_config,
      stats_matcher: { inclusion_list: { patterns: [...patterns, { prefix: "extension_config_discovery" }] } },
    },
    static_resources: { clusters: bootstrap.static_resources.clusters },
    dynamic_resources: { lds_config: { path_config_source: { path: listenersFile } } },
  };
}

/** The content of a file of listeners. */
export function listenerResources(listeners: readonly object[]): object {
  return {
    resources: listeners.map((listener) => ({
      "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
      ...listener,
    })),
  };
}

/** The content of a file with one filter. */
export function filterResource(name: string, plugin: WasmPlugin): object {
  return {
    resources: [
      {
        "@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
        name,
        typed_config: wasmConfig(plugin),
      },
    ],
  };
}

export function listener(name: string, filters: readonly object[]): object {
  return {
    name,
    address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
    traffic_direction: "OUTBOUND",
    filter_chains: [{ filters }],
  };
}

export function wasmFilter(name: string, plugin: WasmPlugin): object {
  return { name, typed_config: wasmConfig(plugin) };
}

/** A filter whose configuration is in a file. */
export function discoveredFilter(name: string, kind: WasmPlugin["kind"], file: string): object {
  return {
    name,
    config_discovery: {
      config_source: { path_config_source: { path: file } },
      type_urls: [`${TYPES}.${kind}.wasm.v3.Wasm`],
    },
  };
}

function wasmConfig({ kind, module, rootId, configuration }: WasmPlugin): object {
  return {
    "@type": `${TYPES}.${kind}.wasm.v3.Wasm`,
    config: {
      name: `crawl.${rootId}`,
      root_id: rootId,
      failure_policy: "FAIL_OPEN",
      configuration: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: configuration },
      vm_config: { runtime: "envoy.wasm.runtime.v8", code: { local: { filename: module } } },
    },
  };
}

export function tcpProxy(cluster: string): object {
  const type = `${TYPES}.network.tcp_proxy.v3.TcpProxy`;
  return { name: "tcp", typed_config: { "@type": type, stat_prefix: cluster, cluster } };
}

/** An HTTP connection manager that leads everything to one cluster. */
export function httpManager(cluster: string, filters: readonly object[]): object {
  const router = { name: "router", typed_config: { "@type": `${TYPES}.http.router.v3.Router` } };
  return {
    name: "http",
    typed_config: {
      "@type": `${TYPES}.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: cluster,
      http_filters: [...filters, router],
      route_config: {
        virtual_hosts: [{ name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster } }] }],
      },
    },
  };
}
