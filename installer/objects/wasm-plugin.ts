// SPDX-License-Identifier: Apache-2.0
/**
 * The two plugins of an opted-in namespace as WasmPlugin, or as TrafficExtension where a cluster has only that.
 * Both take the ports of the gateways: a plugin without ports would sit on every listener.
 */
import { ROOT_HTTP, ROOT_NETWORK } from "../../filter/core/contract.ts";
import type { VendorsFile } from "../vendors/model.ts";
import { baseOf } from "./base.ts";
import { portsOf } from "./declared-gateways.ts";
import { placed } from "./labels.ts";
import { HTTP_PLUGIN, NETWORK_PLUGIN } from "./names.ts";
import type { KubeObject } from "./object.ts";
import { type PluginConfig, pluginConfigOf } from "./plugin-config.ts";
import type { Target } from "./target.ts";

const PLUGIN_FILE = "20-wasm-plugin.yaml";
export const WASM_PLUGIN_KIND = "extensions.istio.io/v1alpha1/WasmPlugin";
export const TRAFFIC_EXTENSION_KIND = "extensions.istio.io/v1alpha1/TrafficExtension";
/** The minor version of Istio that brought TrafficExtension. */
export const TRAFFIC_EXTENSION_SINCE = 30;

const PLUGINS = [
  { name: NETWORK_PLUGIN, root: ROOT_NETWORK, mode: "tcp" },
  { name: HTTP_PLUGIN, root: ROOT_HTTP, mode: "http" },
] as const;

interface Module {
  url: string;
  type: "NETWORK" | "HTTP";
  failStrategy: "FAIL_OPEN";
  pluginName: string;
  pluginConfig: PluginConfig;
  imagePullSecret?: string;
}

interface Placement {
  phase: "STATS";
  match: { mode: "CLIENT"; ports: { number: number }[] }[];
}

/** https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/ */
export interface WasmPlugin extends KubeObject {
  spec: Placement & Module;
}

/** The plugins that have a port to be on: the network one for TCP gateways, the HTTP one for `mode: http`. */
export function pluginsOf(file: VendorsFile, namespace: string, target: Target): KubeObject[] {
  return PLUGINS.flatMap(({ name, mode }) => {
    const ports = portsOf(file, mode);
    return ports.length === 0 ? [] : (pluginOn(ports, { name, namespace }, file, target) ?? []);
  });
}

/** The plugin of that name on these ports; undefined where none of ours has the name. */
export function pluginOn(
  ports: readonly number[],
  { name, namespace }: { name: string; namespace: string },
  file: VendorsFile,
  target: Target,
): KubeObject | undefined {
  const root = PLUGINS.find((plugin) => plugin.name === name)?.root;
  if (root === undefined) return undefined;
  const base = baseOf<WasmPlugin>(PLUGIN_FILE, "WasmPlugin", name);
  const { url, pullSecret } = target.module;
  const spec: WasmPlugin["spec"] = {
    ...base.spec,
    url,
    ...(pullSecret !== undefined && { imagePullSecret: pullSecret }),
    pluginName: root,
    match: [{ mode: "CLIENT", ports: ports.map((number) => ({ number })) }],
    pluginConfig: pluginConfigOf(file, target),
  };
  const plugin = placed({ ...base, spec }, { name, namespace, component: "filter" }, target);
  return usesTrafficExtension(target) ? asTrafficExtension(plugin) : plugin;
}

export function usesTrafficExtension({ istio, optionalKinds }: Target): boolean {
  const isServed = optionalKinds.has(TRAFFIC_EXTENSION_KIND) && !optionalKinds.has(WASM_PLUGIN_KIND);
  return isServed && istio.minor >= TRAFFIC_EXTENSION_SINCE;
}

/** The same plugin in the newer form: what concerns the module moves below `wasm`. */
function asTrafficExtension({ spec: { phase, match, ...wasm }, ...plugin }: WasmPlugin): KubeObject {
  return { ...plugin, kind: "TrafficExtension", spec: { phase, match, wasm } } as KubeObject;
}
