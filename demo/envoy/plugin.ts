// SPDX-License-Identifier: Apache-2.0
/**
 * The configuration of the filter as the local rig gives it, and the two Envoy filters that carry it: one module, two plugins.
 * The fields are those that a WasmPlugin object would have; what they do is the filter's business.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ROOT_HTTP, ROOT_NETWORK } from "../../filter/core/contract.ts";
import { USERNAME_PATTERN, type Vendor } from "../vendors.ts";

/** The filter holds counts back for at most one tick before they reach Envoy's stats. */
export const TICK_MILLISECONDS = 1000;

// More than the defaults, so that whatever a client asks for is reported by name, in every way of travelling.
const LIMITS = { series: 4000, destinations: 100 };

export interface Plugin {
  /** Path of the compiled module. */
  module: string;
  /** JSON text. */
  configuration: string;
}

/** Both plugins' configuration for a module file and a set of vendors. */
export function makePlugin(module: string, vendors: readonly Vendor[], { ledger = false } = {}): Plugin {
  const settings = {
    ...{ vendors: vendors.map(vendorSettings), limits: LIMITS, tick_milliseconds: TICK_MILLISECONDS },
    ...(ledger && { ledger }),
  };
  const configuration = {
    release: "0.1.0",
    digest: `sha256:${sha256(readFileSync(module))}`,
    config_hash: sha256(JSON.stringify(settings)).slice(0, 8),
    ...settings,
  };
  return { module, configuration: JSON.stringify(configuration) };
}

/** A vendor without a gateway is known by the header alone. */
function vendorSettings({ name, protocol, gateway }: Vendor) {
  return protocol === "headers" ? { name } : { name, gateways: [gateway], username: USERNAME_PATTERN };
}

/** The network filter, as istiod configures it for a WasmPlugin of type NETWORK with failStrategy FAIL_OPEN. */
export function pluginFilter(plugin: Plugin) {
  return wasmFilter(plugin, { name: "proxymeter-network", kind: "network", rootId: ROOT_NETWORK });
}

/** The HTTP filter, as istiod configures it for a WasmPlugin of type HTTP with failStrategy FAIL_OPEN. */
export function httpPluginFilter(plugin: Plugin) {
  return wasmFilter(plugin, { name: "proxymeter-http", kind: "http", rootId: ROOT_HTTP });
}

interface Carrier {
  name: string;
  kind: "network" | "http";
  rootId: string;
}

function wasmFilter({ module, configuration }: Plugin, { name, kind, rootId }: Carrier) {
  return {
    name,
    typed_config: {
      "@type": `type.googleapis.com/envoy.extensions.filters.${kind}.wasm.v3.Wasm`,
      config: {
        name: `crawl.${name}`,
        root_id: rootId,
        failure_policy: "FAIL_OPEN",
        configuration: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: configuration },
        vm_config: { runtime: "envoy.wasm.runtime.v8", code: { local: { filename: module } } },
      },
    },
  };
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
