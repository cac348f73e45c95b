// SPDX-License-Identifier: Apache-2.0
/**
 * The configuration of the network plugin as the local rig gives it, and the Envoy filter that carries it.
 * The fields are those that a WasmPlugin object would have; what they do is the filter's business.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ROOT_NETWORK } from "../../filter/core/contract.ts";
import { USERNAME_PATTERN, type Vendor } from "../vendors.ts";

/** The filter holds counts back for at most one tick before they reach Envoy's stats. */
export const TICK_MILLISECONDS = 1000;

export interface Plugin {
  /** Path of the compiled module. */
  module: string;
  /** JSON text. */
  configuration: string;
}

/** The plugin for a module file and a set of vendors. */
export function networkPlugin(module: string, vendors: readonly Vendor[]): Plugin {
  const settings = {
    vendors: vendors.map(({ name, gateway }) => ({ name, gateways: [gateway], username: USERNAME_PATTERN })),
    tick_milliseconds: TICK_MILLISECONDS,
  };
  const configuration = {
    release: "0.1.0",
    digest: `sha256:${sha256(readFileSync(module))}`,
    config_hash: sha256(JSON.stringify(settings)).slice(0, 8),
    ...settings,
  };
  return { module, configuration: JSON.stringify(configuration) };
}

/** The network filter, as istiod configures it for a WasmPlugin of type NETWORK with failStrategy FAIL_OPEN. */
export function pluginFilter({ module, configuration }: Plugin) {
  return {
    name: "proxymeter-network",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.network.wasm.v3.Wasm",
      config: {
        name: "crawl.proxymeter-network",
        root_id: ROOT_NETWORK,
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
