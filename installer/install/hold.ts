// SPDX-License-Identifier: Apache-2.0
/**
 * Pruning in two steps: keeps on listeners what a new vendors.yaml no longer names, until the user asks to drain it. Pure.
 * A vendor leaves the plugin's configuration at once, which cuts nothing; its listeners go with the second step.
 */
import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../objects/object.ts";
import { changesListeners, isPlugin, keyOf, pluginPorts, specOf } from "./listeners.ts";

export interface Pruning {
  /** What to apply: the desired objects, widened by what is held. */
  objects: readonly KubeObject[];
  /** Live objects that are no longer desired, and may go now. */
  removable: readonly KubeObject[];
  /** Live objects that are no longer desired but stay until the user drains. */
  held: readonly KubeObject[];
  /** Keys of objects that keep ports, addresses or namespaces that are no longer desired. */
  widened: ReadonlySet<string>;
}

/**
 * @param live         our objects on the server, by `keyOf`
 * @param shouldDrain  whether listeners may go now, and so cut what is open on them
 */
export function pruningOf(
  desired: readonly KubeObject[],
  live: ReadonlyMap<string, KubeObject>,
  shouldDrain: boolean,
): Pruning {
  const wanted = new Set(desired.map(keyOf));
  const superfluous = [...live].filter(([key]) => !wanted.has(key)).map(([, object]) => object);
  if (shouldDrain) return { objects: desired, removable: superfluous, held: [], widened: new Set() };
  const widened = new Set<string>();
  const objects = desired.map((object) => {
    const wide = widen(object, live.get(keyOf(object)));
    if (wide !== object) widened.add(keyOf(object));
    return wide;
  });
  return {
    objects,
    removable: superfluous.filter((object) => !changesListeners(object)),
    held: superfluous.filter(changesListeners),
    widened,
  };
}

/** The object itself where nothing has to be held. */
function widen(object: KubeObject, live: KubeObject | undefined): KubeObject {
  if (live === undefined) return object;
  if (isPlugin(object)) return widenPlugin(object, live);
  return object.kind === "ServiceEntry" ? widenEntry(object, live) : object;
}

type Match = { mode?: string; ports?: { number: number }[] };

/** Ports that the live plugin has beyond the desired ones go under the first match. */
function widenPlugin(object: KubeObject, live: KubeObject): KubeObject {
  const [ports, before] = [pluginPorts(object), pluginPorts(live)];
  if (ports === "every" || before === "every") return object;
  const extra = before.filter((port) => !ports.includes(port));
  const [first, ...others] = specOf<{ match?: Match[] }>(object).match ?? [];
  if (extra.length === 0 || first === undefined) return object;
  const wide = { ...first, ports: [...(first.ports ?? []), ...extra.map((number) => ({ number }))] };
  return { ...object, spec: { ...specOf<object>(object), match: [wide, ...others] } };
}

const LISTS = ["addresses", "exportTo", "ports"] as const;

function widenEntry(object: KubeObject, live: KubeObject): KubeObject {
  const [spec, before] = [specOf<Record<string, unknown[]>>(object), specOf<Record<string, unknown[]>>(live)];
  const wide = Object.fromEntries(
    LISTS.filter((list) => spec[list] !== undefined).map((list) => [list, union(spec[list] ?? [], before[list] ?? [])]),
  );
  const result = { ...spec, ...wide };
  return isDeepStrictEqual(result, spec) ? object : { ...object, spec: result };
}

/** Ports are the same by number, everything else by value. */
function union(wanted: readonly unknown[], before: readonly unknown[]): unknown[] {
  const identity = (item: unknown) => (item as { number?: number })?.number ?? item;
  const known = new Set(wanted.map(identity));
  return [...wanted, ...before.filter((item) => !known.has(identity(item)))];
}
