// SPDX-License-Identifier: Apache-2.0
/**
 * Small objects of the kinds that decide listeners, for tests of plans.
 */
import type { KubeObject } from "../../../../installer/objects/object.ts";
import { keyOf } from "../../../../installer/install/listeners.ts";

const LABELS = { "app.kubernetes.io/managed-by": "proxymeter" };

export function plugin(
  ports: readonly number[],
  config: object = { digest: "sha256:1", config_hash: "a" },
): KubeObject {
  return {
    apiVersion: "extensions.istio.io/v1alpha1",
    kind: "WasmPlugin",
    metadata: { name: "proxymeter-network", namespace: "crawl", labels: LABELS },
    spec: {
      url: "oci://registry.example/proxymeter",
      phase: "STATS",
      type: "NETWORK",
      match: [{ mode: "CLIENT", ports: ports.map((number) => ({ number })) }],
      pluginConfig: config,
    },
  };
}

export function entry(host: string, spec: object = {}, namespace = "crawl"): KubeObject {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: `proxymeter-${host}`, namespace, labels: LABELS },
    spec: {
      hosts: [host],
      addresses: ["203.0.113.10"],
      exportTo: ["."],
      resolution: "NONE",
      ports: [{ number: 8080, name: "tcp-8080", protocol: "TCP" }],
      ...spec,
    },
  };
}

export function catchAll(configuration: string, filter = "proxymeter"): KubeObject {
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: { name: "proxymeter-catch-all", namespace: "crawl", labels: LABELS },
    spec: {
      configPatches: [
        {
          applyTo: "NETWORK_FILTER",
          match: { listener: { name: "virtualOutbound" } },
          patch: { value: { name: filter } },
        },
        { applyTo: "EXTENSION_CONFIG", patch: { value: { configuration } } },
      ],
    },
  };
}

export function ledger(interval = "60s"): KubeObject {
  const patch = { value: { typed_config: { access_log_options: { access_log_flush_interval: interval } } } };
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: { name: "proxymeter-ledger", namespace: "crawl", labels: LABELS },
    spec: { configPatches: [{ applyTo: "NETWORK_FILTER", match: { listener: { filterChain: {} } }, patch }] },
  };
}

export function telemetry(tag = "proxy_vendor"): KubeObject {
  return {
    apiVersion: "telemetry.istio.io/v1",
    kind: "Telemetry",
    metadata: { name: "proxymeter", namespace: "crawl", labels: LABELS },
    spec: { metrics: [{ overrides: [{ tagOverrides: { [tag]: { value: "x" } } }] }] },
  };
}

export function service(port: number, namespace = "shop"): KubeObject {
  return { apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace }, spec: { ports: [{ port }] } };
}

export function configMap(name: string, data: Record<string, string> = {}): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "proxymeter", labels: LABELS }, data };
}

export function byKey(...objects: readonly KubeObject[]): Map<string, KubeObject> {
  return new Map(objects.map((object) => [keyOf(object), object]));
}
