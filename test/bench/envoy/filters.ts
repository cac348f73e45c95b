// SPDX-License-Identifier: Apache-2.0
/**
 * What is put into an Envoy to be measured: our filter as either plugin, any other module, and Envoy's own stats access logger.
 * Says how each is configured, not where it stands.
 */
import { ROOT_HTTP, ROOT_NETWORK } from "../../../filter/core/contract.ts";

const TYPES = "type.googleapis.com/envoy";

/** Header that names the vendor on HTTP chains, as the filter and its peers are configured. */
export const VENDOR_HEADER = "x-proxy-vendor";
export const VENDORS = ["acme", "globex"] as const;

/** Prefix of the native logger's stats: one that a sidecar lets through. */
const NATIVE_PREFIX = "istio";

export interface Module {
  file: string;
  rootId: string;
  /** Keeps VMs of one module apart. */
  vmId?: string;
  configuration?: object;
}

const GATEWAYS = VENDORS.map((name) => ({
  name,
  gateways: [{ host: `gw.${name}.example`, port: 8080 }],
  username: { separator: "-", pool: "zone", country: "country" },
}));

/** Configuration of our filter: two vendors with a gateway each, the rest as it is unless told. */
export function settings(more: object = {}) {
  return { release: "0.1.0", digest: "sha256:0", config_hash: "0", vendors: GATEWAYS, ...more };
}

export function ourNetworkPlugin(file: string, configuration: object = settings()): object {
  return networkModule({ file, rootId: ROOT_NETWORK, configuration });
}

export function ourHttpPlugin(file: string, vmId: string, configuration: object = settings()): object {
  return httpModule({ file, vmId, rootId: ROOT_HTTP, configuration });
}

export function networkModule(module: Module): object {
  return filter("network", module);
}

export function httpModule(module: Module): object {
  return filter("http", module);
}

function filter(kind: "network" | "http", { file, rootId, vmId = "", configuration = {} }: Module) {
  return {
    name: `bench.${kind}`,
    typed_config: {
      "@type": `${TYPES}.extensions.filters.${kind}.wasm.v3.Wasm`,
      config: {
        name: `bench.${rootId}.${vmId}`,
        root_id: rootId,
        failure_policy: "FAIL_OPEN",
        configuration: {
          "@type": "type.googleapis.com/google.protobuf.StringValue",
          value: JSON.stringify(configuration),
        },
        vm_config: { vm_id: vmId, runtime: "envoy.wasm.runtime.v8", code: { local: { filename: file } } },
      },
    },
  };
}

/**
 * Requests, bytes sent and received by vendor and host, counted by Envoy itself.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/access_loggers/stats/v3/stats.proto
 */
export function nativeLogger(): object {
  const tags = [
    { name: "proxy_vendor", value_format: `%REQ(${VENDOR_HEADER})%` },
    { name: "destination_host", value_format: "%REQ(:AUTHORITY)%" },
  ];
  return {
    name: "envoy.access_loggers.stats",
    typed_config: {
      "@type": `${TYPES}.extensions.access_loggers.stats.v3.Config`,
      stat_prefix: NATIVE_PREFIX,
      counters: [
        { stat: { name: "native_requests_total", tags }, value_fixed: 1 },
        { stat: { name: "native_sent_bytes_total", tags }, value_format: "%DOWNSTREAM_WIRE_BYTES_RECEIVED%" },
        { stat: { name: "native_received_bytes_total", tags }, value_format: "%DOWNSTREAM_WIRE_BYTES_SENT%" },
      ],
    },
  };
}
