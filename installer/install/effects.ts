// SPDX-License-Identifier: Apache-2.0
/**
 * Which open connections a plan cuts, by the rules that docs/install-effects.md measured. Pure.
 * Extension configuration (module, vendors) cuts nothing; a filter that comes to a listener or leaves it, and a listener
 * that goes, cut what is open there after the drain time.
 */
import { usesAccessLog } from "../objects/access-log.ts";
import { type KubeObject, nameOf } from "../objects/object.ts";
import {
  entryAddresses,
  entryPorts,
  hasOtherFilters,
  hasOtherPlace,
  hasOtherRoute,
  isOnEveryListener,
  isPlugin,
  isVisibleIn,
  pluginPorts,
  specOf,
} from "./listeners.ts";

export interface Effect {
  namespace: string;
  /** Running pods of the namespace that have a sidecar. */
  pods: number;
  /** `ports`: what is open on these ports; `undeclared`: to addresses without ServiceEntry or Service; `all`: everything. */
  scope: "ports" | "undeclared" | "all";
  ports: readonly number[];
  /** Why, one sentence for each object. */
  causes: readonly string[];
}

/** An object before and after the plan. */
export interface Transition {
  before?: KubeObject | undefined;
  after?: KubeObject | undefined;
}

export interface Surroundings {
  /** ServiceEntries and Services on the server before the plan, ours too: what listeners exist. */
  declared: readonly KubeObject[];
  /** Running pods with a sidecar, by namespace. */
  pods: ReadonlyMap<string, number>;
  /** Whether the mesh configuration gets, loses or changes the provider of our access log. */
  hasOtherAccessLog?: boolean;
}

interface Cut {
  namespace: string;
  scope: Effect["scope"];
  ports: readonly number[];
  cause: string;
}

/** Namespaces without running pods have nothing to cut. */
export function effectsOf(transitions: readonly Transition[], surroundings: Surroundings): Effect[] {
  const cuts = transitions
    .flatMap((transition) => cutsOf(transition, surroundings))
    .filter(
      ({ namespace, scope, ports }) => isReal(namespace, surroundings) && (scope !== "ports" || ports.length > 0),
    );
  const groups = Map.groupBy(cuts, ({ namespace, scope }) => `${namespace} ${scope}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { namespace, scope } = first;
    const ports = [...new Set(group.flatMap((cut) => cut.ports))].sort((a, b) => a - b);
    return [
      { namespace, pods: surroundings.pods.get(namespace) ?? 0, scope, ports, causes: group.map((cut) => cut.cause) },
    ];
  });
}

function isReal(namespace: string, { pods }: Surroundings): boolean {
  return (pods.get(namespace) ?? 0) > 0;
}

function cutsOf(transition: Transition, surroundings: Surroundings): Cut[] {
  const object = transition.after ?? transition.before;
  if (object === undefined) return [];
  if (isPlugin(object)) return pluginCuts(transition, surroundings);
  return CUTS[object.kind]?.(transition, surroundings) ?? [];
}

const CUTS: Readonly<Record<string, (transition: Transition, surroundings: Surroundings) => Cut[]>> = {
  ServiceEntry: entryCuts,
  EnvoyFilter: filterCuts,
  Telemetry: telemetryCuts,
};

/** A plugin that comes to a listener, or leaves one, in the sidecars of its own namespace. */
function pluginCuts({ before, after }: Transition, surroundings: Surroundings): Cut[] {
  const plugin = after ?? before;
  if (plugin === undefined) return [];
  const namespace = plugin.metadata.namespace ?? "";
  const open = listeningPorts(namespace, surroundings);
  const portsOf = (state: KubeObject | undefined) => {
    if (state === undefined) return [];
    const ports = pluginPorts(state);
    return ports === "every" ? open : ports;
  };
  const [old, now] = [portsOf(before), portsOf(after)];
  const isMoved = before !== undefined && after !== undefined && hasOtherPlace(before, after);
  const come = now.filter((port) => !old.includes(port));
  const gone = old.filter((port) => !now.includes(port));
  const cut = (ports: readonly number[], how: string): Cut => ({
    namespace,
    scope: "ports",
    ports: ports.filter((port) => open.includes(port)),
    cause: `${nameOf(plugin)} ${how}`,
  });
  if (isMoved) return [cut([...new Set([...old, ...now])], "changes its place in the filter chain")];
  return [cut(come, "comes to listeners that exist"), cut(gone, "leaves listeners")].filter(
    ({ ports }) => ports.length > 0,
  );
}

/** A listener that goes or leads elsewhere. A new one cuts nothing: open connections stay on the chain they began on. */
function entryCuts({ before, after }: Transition, { pods }: Surroundings): Cut[] {
  if (before === undefined) return [];
  const seenBy = [...pods.keys()].filter((namespace) => isVisibleIn(namespace, before));
  const cut = (namespace: string, ports: readonly number[], how: string): Cut => ({
    namespace,
    scope: "ports",
    ports,
    cause: `${nameOf(before)} ${how}`,
  });
  if (after === undefined) return seenBy.map((namespace) => cut(namespace, entryPorts(before), "is removed"));
  const hasLostAddress = entryAddresses(before).some((address) => !entryAddresses(after).includes(address));
  const isOther = hasLostAddress || hasOtherRoute(before, after);
  const gone = entryPorts(before).filter((port) => isOther || !entryPorts(after).includes(port));
  return seenBy.flatMap((namespace) => {
    if (!isVisibleIn(namespace, after)) return [cut(namespace, entryPorts(before), "is no longer seen there")];
    return gone.length > 0 ? [cut(namespace, gone, "loses ports or addresses, or leads elsewhere")] : [];
  });
}

/** The catch-all on the sidecar's passthrough chain, or the ledger on every outbound listener. */
function filterCuts({ before, after }: Transition): Cut[] {
  const filter = after ?? before;
  if (filter === undefined) return [];
  if (before !== undefined && after !== undefined && !hasOtherFilters(before, after)) return [];
  const how = before === undefined ? "comes to" : after === undefined ? "leaves" : "changes on";
  const isOnAll = isOnEveryListener(before) || isOnEveryListener(after);
  const cause = `${nameOf(filter)} ${how} ${isOnAll ? "every listener" : "the passthrough chain"}`;
  return [{ namespace: filter.metadata.namespace ?? "", scope: isOnAll ? "all" : "undeclared", ports: [], cause }];
}

/** Istio writes it into the filters and access logs of every listener. */
function telemetryCuts({ before, after }: Transition, { hasOtherAccessLog = false }: Surroundings): Cut[] {
  const telemetry = after ?? before;
  if (telemetry === undefined) return [];
  const isSame = before && after && JSON.stringify(before.spec) === JSON.stringify(after.spec);
  if (isSame && !(hasOtherAccessLog && usesAccessLog(after))) return [];
  const what = isSame ? "names an access log that changes on" : "changes metrics and access log of";
  const cause = `${nameOf(telemetry)} ${what} every listener`;
  return [{ namespace: telemetry.metadata.namespace ?? "", scope: "all", ports: [], cause }];
}

/** Ports on which sidecars of a namespace had a listener of their own before the plan. */
function listeningPorts(namespace: string, { declared }: Surroundings): number[] {
  return declared.filter((object) => isVisibleIn(namespace, object)).flatMap(portsOf);
}

function portsOf(object: KubeObject): number[] {
  if (object.kind === "ServiceEntry") return entryPorts(object);
  return (specOf<{ ports?: { port: number }[] }>(object).ports ?? []).map(({ port }) => port);
}
