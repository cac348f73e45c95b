// SPDX-License-Identifier: Apache-2.0
/**
 * The order in which objects are applied; removing takes it backwards.
 * First what others need, then one crawler namespace after the other. There a gateway comes last: its listener then
 * starts with all its filters, where a filter that came later would cut the connections opened meanwhile.
 */
import type { Reference } from "./object.ts";

const SHARED = [
  "Namespace",
  "ServiceAccount",
  "ClusterRole",
  "Role",
  "ClusterRoleBinding",
  "RoleBinding",
  "NetworkPolicy",
  "ConfigMap",
  "PodMonitor",
  "PrometheusRule",
];
const OF_CRAWLERS = ["WasmPlugin", "TrafficExtension", "EnvoyFilter", "Telemetry", "ServiceEntry"];

/** A sorted copy; equal objects keep their order, kinds that are not ours come last. */
export function inApplyOrder<T extends Reference>(objects: readonly T[]): T[] {
  const keyed = objects.map((object) => ({ object, key: keyOf(object) }));
  return keyed.sort((a, b) => compare(a.key, b.key)).map(({ object }) => object);
}

function keyOf({ kind, metadata: { name, namespace = "" } }: Reference): (string | number)[] {
  // It would install again what is being removed before it.
  if (kind === "CronJob") return [2, namespace, name];
  const shared = SHARED.indexOf(kind);
  if (shared >= 0) return [0, shared, namespace, name];
  const crawlers = OF_CRAWLERS.indexOf(kind);
  return [1, namespace, crawlers >= 0 ? crawlers : OF_CRAWLERS.length, kind, name];
}

function compare(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  const [x, y] = [a[at], b[at]];
  if (x === undefined || y === undefined) return 0;
  return x < y ? -1 : 1;
}
