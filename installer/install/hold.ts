// SPDX-License-Identifier: Apache-2.0
/**
 * Pruning in two steps: keeps on listeners what a new vendors.yaml no longer names, until the user asks to drain it. Pure.
 * A vendor leaves the filters' configuration at once, which cuts nothing; listeners, and filters on them, go with the second step.
 */
import { isDeepStrictEqual } from "node:util";
import { type AccessLogging, usesAccessLog } from "../objects/access-log.ts";
import type { KubeObject } from "../objects/object.ts";
import { changesListeners, isPlugin, keyOf, pluginPorts, specOf } from "./listeners.ts";

export interface Pruning {
  /** What to apply: the desired objects, widened by what is held. */
  objects: readonly KubeObject[];
  /** Live objects that are no longer desired, and may go now. */
  removable: readonly KubeObject[];
  /** Live objects that are no longer desired but stay as they are until the user drains. */
  held: readonly KubeObject[];
  /** Keys of objects that stay, or keep ports, addresses, namespaces or an access log, though they are no longer desired. */
  widened: ReadonlySet<string>;
}

/**
 * @param live         our objects on the server, by `keyOf`
 * @param shouldDrain  whether listeners may go now, and so cut what is open on them
 * @param held         what a live object that stays is to be meanwhile; undefined where it stays as it is
 */
export function pruningOf(
  desired: readonly KubeObject[],
  live: ReadonlyMap<string, KubeObject>,
  shouldDrain: boolean,
  held: (live: KubeObject) => KubeObject | undefined = () => undefined,
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
  const staying = superfluous.filter(changesListeners).map((object) => ({ object, renewed: held(object) }));
  const renewed = staying.flatMap((one) => one.renewed ?? []);
  for (const object of renewed) widened.add(keyOf(object));
  return {
    objects: [...objects, ...renewed],
    removable: superfluous.filter((object) => !changesListeners(object)),
    held: staying.filter((one) => one.renewed === undefined).map(({ object }) => object),
    widened,
  };
}

/** The object itself where nothing has to be held. */
function widen(object: KubeObject, live: KubeObject | undefined): KubeObject {
  if (live === undefined) return object;
  if (isPlugin(object)) return widenPlugin(object, live);
  if (object.kind === "Telemetry") return widenTelemetry(object, live);
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

/** Its access log is in the listeners. */
function widenTelemetry(object: KubeObject, live: KubeObject): KubeObject {
  if (usesAccessLog(object) || !usesAccessLog(live)) return object;
  const { accessLogging } = specOf<{ accessLogging?: AccessLogging[] }>(live);
  return { ...object, spec: { ...specOf<object>(object), accessLogging } };
}

const LISTS = ["addresses", "exportTo", "ports"] as const;

interface Entry {
  addresses?: unknown[];
  exportTo?: unknown[];
  ports?: unknown[];
  resolution?: string;
}

/** One that finds its endpoints in another way has another listener: with addresses or without, it keeps the one it has. */
function widenEntry(object: KubeObject, live: KubeObject): KubeObject {
  const [spec, before] = [specOf<Entry>(object), specOf<Entry>(live)];
  const wide = Object.fromEntries(
    LISTS.filter((list) => spec[list] !== undefined).map((list) => [list, union(spec[list] ?? [], before[list] ?? [])]),
  );
  const { addresses, resolution } = before;
  const { addresses: _new, ...others } = { ...spec, ...wide };
  const isOther = resolution !== undefined && spec.resolution !== undefined && resolution !== spec.resolution;
  const result = isOther ? { ...others, ...(addresses && { addresses }), resolution } : { ...spec, ...wide };
  return isDeepStrictEqual(result, spec) ? object : { ...object, spec: result };
}

/** Ports are the same by number, everything else by value. */
function union(wanted: readonly unknown[], before: readonly unknown[]): unknown[] {
  const identity = (item: unknown) => (item as { number?: number })?.number ?? item;
  const known = new Set(wanted.map(identity));
  return [...wanted, ...before.filter((item) => !known.has(identity(item)))];
}
