// SPDX-License-Identifier: Apache-2.0
/**
 * Pods that are nothing but scraped twice, by targets that differ in labels nobody books by. Where there are many of them Prometheus
 * itself takes the largest value of each counter, which is what targets.ts would come to one by one. Pure.
 */
import type { Process } from "./processes.ts";
import { BOOKED } from "./promql.ts";
import { nameKey } from "./targets.ts";

export interface PlainTargets {
  /** By `nameKey`. */
  names: ReadonlySet<string>;
  /** The other pods that are there several times. */
  apart: readonly { namespace: string; pod: string }[];
  /** Names of the labels in which targets of a pod differ. */
  differing: readonly string[];
}

/** So many pods are rather asked for one by one. */
const FEW_PODS = 200;
/** So many names an expression can leave out, which is sent as part of an address. */
const MOST_APART = 50;

/**
 * Undefined where there are few such pods, or too many others.
 *
 * @param processes  of all pods that are there several times
 * @param restarted  those of them whose sidecar began anew
 */
export function plainTargets(
  processes: ReadonlyMap<string, readonly Process[]>,
  restarted: ReadonlySet<string>,
  few = FEW_PODS,
): PlainTargets | undefined {
  const differing = new Set<string>();
  const names = new Set<string>();
  const apart = new Map<string, { namespace: string; pod: string }>();
  for (const [name, ofName] of processes) {
    const labels = restarted.has(name) ? undefined : differingOf(ofName);
    if (labels !== undefined) {
      names.add(name);
      for (const label of labels) differing.add(label);
      continue;
    }
    for (const { labels: own } of ofName.flat())
      apart.set(nameKey(own), { namespace: own.namespace ?? "", pod: own.pod ?? "" });
  }
  if (names.size <= few || differing.size === 0 || apart.size > MOST_APART) return undefined;
  return { names, apart: [...apart.values()], differing: [...differing] };
}

/** Labels in which the targets of one process differ; undefined where there is more to it than two scrapes at once. */
function differingOf(processes: readonly Process[]): string[] | undefined {
  const [process, ...others] = processes;
  if (process === undefined || others.length > 0) return undefined;
  const begin = Math.max(...process.map(({ first }) => first));
  if (process.some(({ last }) => last < begin)) return undefined;
  const names = new Set(process.flatMap(({ labels }) => Object.keys(labels)));
  const differing = [...names].filter((name) => new Set(process.map(({ labels }) => labels[name] ?? "")).size > 1);
  return differing.some((name) => BOOKED.includes(name)) ? undefined : differing;
}
