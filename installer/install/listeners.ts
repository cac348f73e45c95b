// SPDX-License-Identifier: Apache-2.0
/**
 * What in our objects decides the listeners of sidecars: ports under match, addresses, filters. Reads objects as values. Pure.
 * Which tunnels a change of these cuts is `effects.ts`.
 */
import { isDeepStrictEqual } from "node:util";
import type { KubeObject, Reference } from "../objects/object.ts";

/** Same for the same object whatever version of its kind it was read in. */
export function keyOf({ apiVersion, kind, metadata: { name, namespace } }: Reference): string {
  const group = apiVersion.includes("/") ? apiVersion.replace(/\/.*$/, "") : "";
  return `${kind}.${group} ${namespace ?? ""}/${name}`;
}

const PLUGIN_KINDS = ["WasmPlugin", "TrafficExtension"];

/** Removing one of these kinds takes listeners or their filters from running sidecars. */
const LISTENER_KINDS = [...PLUGIN_KINDS, "ServiceEntry", "EnvoyFilter", "Telemetry"];

export function isPlugin({ kind }: Pick<Reference, "kind">): boolean {
  return PLUGIN_KINDS.includes(kind);
}

export function changesListeners({ kind }: Pick<Reference, "kind">): boolean {
  return LISTENER_KINDS.includes(kind);
}

interface PluginSpec {
  match?: { mode?: string; ports?: { number: number }[] }[];
  pluginConfig?: PluginConfig;
  wasm?: { pluginConfig?: PluginConfig };
  [field: string]: unknown;
}

interface PluginConfig {
  digest?: string;
  config_hash?: string;
  [member: string]: unknown;
}

interface EntrySpec {
  addresses?: string[];
  ports?: { number: number; name?: string }[];
  exportTo?: string[];
  [field: string]: unknown;
}

/** Ports of a plugin's listeners, in order; every port where none is named. */
export function pluginPorts(plugin: KubeObject): number[] | "every" {
  const match = specOf<PluginSpec>(plugin).match ?? [];
  if (match.length === 0 || match.some(({ ports }) => ports === undefined || ports.length === 0)) return "every";
  return sorted(match.flatMap(({ ports = [] }) => ports.map(({ number }) => number)));
}

/** What `proxymeter_info` shows once the plugin runs; undefined where the plugin does not say. */
export function pluginIdentity(plugin: KubeObject): { digest: string; configHash: string } | undefined {
  const spec = specOf<PluginSpec>(plugin);
  const { digest, config_hash: configHash } = spec.pluginConfig ?? spec.wasm?.pluginConfig ?? {};
  return digest === undefined || configHash === undefined ? undefined : { digest, configHash };
}

/** Whether two states of a plugin differ in more than what travels as extension configuration, and in its ports. */
export function hasOtherPlace(before: KubeObject, after: KubeObject): boolean {
  return !isDeepStrictEqual(placeOf(before), placeOf(after));
}

/** Everything about where a plugin runs, but its ports. */
function placeOf(plugin: KubeObject) {
  const { selector, targetRefs, phase, priority, type, match, wasm } = specOf<PluginSpec>(plugin);
  const modes = (match ?? []).map(({ mode }) => mode);
  return { selector, targetRefs, phase, priority, type: type ?? (wasm as { type?: string })?.type, modes };
}

export function entryPorts(entry: KubeObject): number[] {
  return sorted((specOf<EntrySpec>(entry).ports ?? []).map(({ number }) => number));
}

/** `203.0.113.10/32` and `203.0.113.10` are the same listener. */
export function entryAddresses(entry: KubeObject): string[] {
  return (specOf<EntrySpec>(entry).addresses ?? []).map((address) => address.replace(/\/32$|\/128$/, ""));
}

/** Whether sidecars of a namespace see a ServiceEntry or Service. */
export function isVisibleIn(namespace: string, object: KubeObject): boolean {
  const { exportTo = ["*"] } = specOf<EntrySpec>(object) as EntrySpec;
  const own = object.metadata.namespace === namespace;
  return exportTo.some((to) => to === "*" || to === namespace || (to === "." && own));
}

/** Whether two states of a ServiceEntry differ in what its listeners do, beyond addresses, ports and who sees it. */
export function hasOtherRoute(before: KubeObject, after: KubeObject): boolean {
  const routeOf = (entry: KubeObject) => {
    const { addresses: _a, ports = [], exportTo: _e, ...route } = specOf<EntrySpec>(entry);
    const shared = ports.filter(
      ({ number }) => entryPorts(before).includes(number) && entryPorts(after).includes(number),
    );
    return { ...route, shared: shared.toSorted((a, b) => a.number - b.number) };
  };
  return !isDeepStrictEqual(routeOf(before), routeOf(after));
}

interface ConfigPatch {
  applyTo?: string;
  match?: { listener?: { name?: string } };
  [field: string]: unknown;
}

/** Whether two states of an EnvoyFilter differ in more than extension configuration. */
export function hasOtherFilters(before: KubeObject, after: KubeObject): boolean {
  const filtersOf = (filter: KubeObject) => {
    const { configPatches = [], ...rest } = specOf<{ configPatches?: ConfigPatch[] }>(filter);
    return { ...rest, patches: configPatches.filter(({ applyTo }) => applyTo !== "EXTENSION_CONFIG") };
  };
  return !isDeepStrictEqual(filtersOf(before), filtersOf(after));
}

/** Whether an EnvoyFilter has a patch that names no listener. */
export function isOnEveryListener(filter: KubeObject | undefined): boolean {
  if (filter === undefined) return false;
  const { configPatches = [] } = specOf<{ configPatches?: ConfigPatch[] }>(filter);
  return configPatches.some(
    ({ applyTo, match }) => applyTo === "NETWORK_FILTER" && match?.listener?.name === undefined,
  );
}

export function specOf<T>(object: KubeObject): T {
  return (object.spec ?? {}) as T;
}

function sorted(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
