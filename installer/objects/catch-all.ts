// SPDX-License-Identifier: Apache-2.0
/**
 * The EnvoyFilter that meters undeclared egress: the network plugin on the sidecar's passthrough chain.
 * It brings its own copy of the plugin's configuration; only where the module needs a pull secret does it share that of
 * the plugin, since istiod hands out secrets for plugins alone.
 */
import { ROOT_NETWORK } from "../../filter/core/contract.ts";
import { ProxymeterError } from "../errors.ts";
import type { VendorsFile } from "../vendors/model.ts";
import { baseOf } from "./base.ts";
import { portsOf } from "./declared-gateways.ts";
import { placed } from "./labels.ts";
import { CATCH_ALL, NETWORK_PLUGIN } from "./names.ts";
import type { KubeObject } from "./object.ts";
import { pluginConfigOf } from "./plugin-config.ts";
import type { Target } from "./target.ts";
import { TRAFFIC_EXTENSION_SINCE, usesTrafficExtension } from "./wasm-plugin.ts";

const CATCH_ALL_FILE = "30-catch-all.yaml";

interface Filter {
  name: string;
  [member: string]: unknown;
}

interface Extension {
  name: string;
  typed_config: {
    "@type": string;
    config: {
      name: string;
      root_id: string;
      configuration: { "@type": string; value: string };
      vm_config: { code: { remote: { http_uri: { uri: string }; sha256: string } } };
      [member: string]: unknown;
    };
  };
}

interface Patch<Value> {
  applyTo: string;
  match: object;
  patch: { operation: string; value: Value };
}

/** https://istio.io/latest/docs/reference/config/networking/envoy-filter/ */
export interface CatchAll extends KubeObject {
  spec: { priority: number; configPatches: [Patch<Filter>, Patch<Extension>] | [Patch<Filter>] };
}

/** @throws ProxymeterError E_CATCH_ALL where the module needs a pull secret and there is no network plugin to share it with */
export function catchAllOf(file: VendorsFile, namespace: string, target: Target): CatchAll {
  const base = baseOf<CatchAll>(CATCH_ALL_FILE, "EnvoyFilter");
  const [filter, extension] = base.spec.configPatches;
  if (extension === undefined) throw new Error(`cannot find the extension in istio/${CATCH_ALL_FILE}`);
  const isShared = target.module.pullSecret !== undefined;
  if (isShared && portsOf(file, "tcp").length === 0) throw noModule(target);
  const configPatches: CatchAll["spec"]["configPatches"] = isShared
    ? [named(filter, extensionNameOf(namespace, target))]
    : [named(filter, CATCH_ALL), withModule(extension, file, target)];
  const object: CatchAll = { ...base, spec: { ...base.spec, configPatches } };
  return placed(object, { name: CATCH_ALL, namespace, component: "catch-all" }, target);
}

function noModule({ module: { pullSecret } }: Target): ProxymeterError {
  return new ProxymeterError(
    "E_CATCH_ALL",
    `cannot meter undeclared egress: the image needs pull secret "${pullSecret}", which istiod gives to plugins only, and the ` +
      "vendors have no gateway of mode tcp (expected at least one, whose plugin fetches the image)",
    "declare a gateway of mode tcp, use an image that needs no pull secret, or leave the catch-all out by --without-catch-all",
    { exitCode: 2 },
  );
}

/** The name is also that of the extension configuration that the filter asks istiod for. */
function named(filter: Patch<Filter>, name: string): Patch<Filter> {
  return { ...filter, patch: { ...filter.patch, value: { ...filter.patch.value, name } } };
}

function withModule(extension: Patch<Extension>, file: VendorsFile, target: Target): Patch<Extension> {
  const value = structuredClone(extension.patch.value);
  const { config } = value.typed_config;
  config.root_id = ROOT_NETWORK;
  config.configuration.value = JSON.stringify(pluginConfigOf(file, target));
  const { remote } = config.vm_config.code;
  remote.http_uri.uri = target.module.url;
  // As pilot-agent names a pinned module in its cache: one download serves the plugins and this.
  remote.sha256 = target.module.digest.replace(/^sha256:/, "");
  return { ...extension, patch: { ...extension.patch, value } };
}

/** What istiod calls the extension configuration of the network plugin; from 1.30 on a WasmPlugin is translated first. */
function extensionNameOf(namespace: string, target: Target): string {
  const plugin = `${namespace}.${NETWORK_PLUGIN}`;
  if (usesTrafficExtension(target)) return `extensions.istio.io/trafficextension/${plugin}`;
  if (target.istio.minor < TRAFFIC_EXTENSION_SINCE) return `extensions.istio.io/wasmplugin/${plugin}`;
  return `extensions.istio.io/trafficextension/${plugin}~istio-translated-wasmplugin`;
}
