// SPDX-License-Identifier: Apache-2.0
/**
 * Pods that Prometheus has several times in a window, at two targets at once or under labels that changed: what each of their
 * processes grew by, once. What is one process is decided in processes.ts.
 */
import type { Period } from "../../time/period.ts";
import type { Labels, MetricsSource, Row } from "./growth.ts";
import { doubledSeconds, type Process, processesOf, type TargetLife } from "./processes.ts";
import { type Scope, several, targetLives, valuesOf } from "./promql.ts";

/** What is known of such pods, by `nameKey`. */
export interface SeveralTargets {
  processes: ReadonlyMap<string, readonly Process[]>;
  /** Names of the labels that targets have, which metrics add theirs to. */
  targetLabels: readonly string[];
  /** Seconds of the window in which a process was scraped twice. */
  doubledSeconds: number;
}

export const NO_TARGETS: SeveralTargets = { processes: new Map(), targetLabels: [], doubledSeconds: 0 };
/** Pods of which series are asked at once. */
const PODS_AT_ONCE = 50;

/** Namespace and name of a pod. */
export function nameKey({ namespace = "", pod = "" }: Labels): string {
  return `${namespace}/${pod}`;
}

/** Looks which pods are there several times within a window. */
export async function findSeveral(source: MetricsSource, scope: Scope, window: Period): Promise<SeveralTargets> {
  const time = window.to / 1000;
  if ((await source.query(several(scope, window).pods, time)).length === 0) return NO_TARGETS;
  const lives = new Map<string, TargetLife>();
  for (const [member, promql] of Object.entries(targetLives(scope, window))) {
    for (const { labels, value } of await source.query(promql, time)) {
      const key = JSON.stringify(Object.entries(labels).sort());
      const life = lives.get(key) ?? { labels, first: 0, last: 0, firstBeat: 0, lastBeat: 0 };
      lives.set(key, { ...life, [member]: value });
    }
  }
  const all = [...lives.values()];
  const byName = Map.groupBy(all, ({ labels }) => nameKey(labels));
  const processes = new Map([...byName].map(([name, targets]) => [name, processesOf(targets)]));
  const doubled = [...processes.values()].flat().map((one) => doubledSeconds(one, window.from / 1000, time));
  return {
    processes,
    targetLabels: [...new Set(all.flatMap(({ labels }) => Object.keys(labels)))],
    doubledSeconds: doubled.reduce((sum, seconds) => sum + seconds, 0),
  };
}

/**
 * What a counter of such pods grew by in the window, under the labels that it had last. Of the targets of a process each has the
 * same counter, so the largest value at either end is the newest.
 */
export async function growthOfSeveral(
  source: MetricsSource,
  metric: string,
  { scope, window, targets }: { scope: Scope; window: Period; targets: SeveralTargets },
): Promise<Row[]> {
  const names = [...new Set([...targets.processes.keys()].map((key) => key.slice(key.indexOf("/") + 1)))];
  const rows: Row[] = [];
  for (let first = 0; first < names.length; first += PODS_AT_ONCE) {
    const asked = valuesOf(metric, scope, window, names.slice(first, first + PODS_AT_ONCE));
    const [now, before] = await Promise.all([
      source.query(asked.now, window.to / 1000),
      source.query(asked.before, window.to / 1000),
    ]);
    rows.push(...grownProcesses(now, before, targets));
  }
  return rows;
}

/** From each series' last value in the window and before it to the growth of each process' counters. Pure. */
export function grownProcesses(now: readonly Row[], before: readonly Row[], targets: SeveralTargets): Row[] {
  const counterOf = makeNames(targets);
  const bases = new Map<string, number>();
  for (const { labels, value } of before) {
    const { counter } = counterOf(labels) ?? {};
    if (counter !== undefined) bases.set(counter, Math.max(value, bases.get(counter) ?? 0));
  }
  const newest = new Map<string, { row: Row; last: number; most: number }>();
  for (const row of now) {
    const named = counterOf(row.labels);
    if (named === undefined) continue;
    const known = newest.get(named.counter);
    const most = Math.max(row.value, known?.most ?? 0);
    const isNewer = known === undefined || named.last > known.last;
    newest.set(named.counter, isNewer ? { row, last: named.last, most } : { ...known, most });
  }
  return [...newest].map(([counter, { row, most }]) => ({
    labels: row.labels,
    value: Math.max(0, most - (bases.get(counter) ?? 0)),
  }));
}

/** The name of a series' counter, which is the same for all targets of a process; undefined for other pods' series. */
function makeNames({ processes, targetLabels }: SeveralTargets) {
  const isTargets = new Set(targetLabels);
  const targetKey = (labels: Labels) => JSON.stringify(targetLabels.map((name) => labels[name] ?? ""));
  const found = new Map<string, { process: string; last: number }>();
  for (const [index, process] of [...processes.values()].flat().entries()) {
    for (const { labels, last } of process) found.set(targetKey(labels), { process: String(index), last });
  }
  return (labels: Labels) => {
    if (!processes.has(nameKey(labels))) return undefined;
    // A target without heartbeats is a process of its own.
    const target = found.get(targetKey(labels)) ?? { process: targetKey(labels), last: 0 };
    const own = Object.entries(labels).filter(([name]) => !isTargets.has(name) && name !== "__name__");
    return { counter: `${target.process} ${JSON.stringify(own.sort())}`, last: target.last };
  };
}
