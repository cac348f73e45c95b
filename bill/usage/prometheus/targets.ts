// SPDX-License-Identifier: Apache-2.0
/**
 * Pods that Prometheus has several times in a window, at two targets at once or under labels that changed: what each of their
 * processes grew by, once. What is one process is decided in processes.ts.
 */
import type { Period } from "../../time/period.ts";
import type { Labels, MetricsSource, Row } from "./growth.ts";
import { apartWhereFallen, doubledSeconds, type Process, processesOf, type TargetLife } from "./processes.ts";
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
  const found = await source.query(several(scope, window).pods, time);
  if (found.length === 0) return NO_TARGETS;
  const all = await livesOf(source, { scope, window, found });
  const byName = Map.groupBy(all, ({ labels }) => nameKey(labels));
  const processes = new Map([...byName].map(([name, targets]) => [name, processesOf(targets)]));
  const doubled = [...processes.values()].flat().map((one) => doubledSeconds(one, window.from / 1000, time));
  return {
    processes,
    targetLabels: [...new Set(all.flatMap(({ labels }) => Object.keys(labels)))],
    doubledSeconds: doubled.reduce((sum, seconds) => sum + seconds, 0),
  };
}

interface Found {
  scope: Scope;
  window: Period;
  /** Namespaces and names of pods. */
  found: readonly Row[];
}

/** Only the pods that were found are looked at, since looking at times by the minute is dear. */
async function livesOf(source: MetricsSource, { scope, window, found }: Found): Promise<TargetLife[]> {
  const keys = new Set(found.map(({ labels }) => nameKey(labels)));
  const names = [...new Set(found.map(({ labels: { pod = "" } }) => pod))];
  const lives = new Map<string, TargetLife>();
  for (let first = 0; first < names.length; first += PODS_AT_ONCE) {
    const asked = targetLives(scope, window, names.slice(first, first + PODS_AT_ONCE));
    for (const [member, promql] of Object.entries(asked)) {
      for (const { labels, value } of await source.query(promql, window.to / 1000)) {
        // A pod of the same name in another namespace is not meant.
        if (!keys.has(nameKey(labels))) continue;
        // Some of these functions keep the metric's name in some versions.
        const { __name__: _, ...own } = labels;
        const key = JSON.stringify(Object.entries(own).sort());
        const life = lives.get(key) ?? { labels: own, first: 0, last: 0, firstBeat: 0, lastBeat: 0 };
        lives.set(key, { ...life, [member]: value });
      }
    }
  }
  return [...lives.values()];
}

interface Asked {
  scope: Scope;
  window: Period;
  targets: SeveralTargets;
  /** Told how far it is. */
  say?: ((line: string) => void) | undefined;
}

/**
 * What a counter of such pods grew by in the window, under the labels that it had last. Of the targets of a process each has the
 * same counter, so the largest value at either end is the newest.
 */
export async function growthOfSeveral(
  source: MetricsSource,
  metric: string,
  { scope, window, targets, say }: Asked,
): Promise<Row[]> {
  const all = [...targets.processes];
  const rows: Row[] = [];
  for (let first = 0; first < all.length; first += PODS_AT_ONCE) {
    say?.(`asking for ${metric} of pods with several targets (${first + 1} of ${all.length})`);
    const some = { ...targets, processes: new Map(all.slice(first, first + PODS_AT_ONCE)) };
    const names = new Set([...some.processes.keys()].map((key) => key.slice(key.indexOf("/") + 1)));
    const asked = valuesOf(metric, scope, window, [...names]);
    const [now, before] = await Promise.all([
      source.query(asked.now, window.to / 1000),
      source.query(asked.before, window.to / 1000),
    ]);
    rows.push(...grownProcesses(now, before, some));
  }
  return rows;
}

/** From each series' last value in the window and before it to the growth of each process' counters. Pure. */
export function grownProcesses(now: readonly Row[], before: readonly Row[], targets: SeveralTargets): Row[] {
  const counterOf = makeNames(checked(targets, [...before, ...now]));
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

/** Processes as the values of their counters, in order of time, let them be. */
function checked(targets: SeveralTargets, rows: readonly Row[]): SeveralTargets {
  const values = new Map<string, Map<string, number>>();
  for (const { labels, value } of rows) {
    if (!targets.processes.has(nameKey(labels))) continue;
    const ofTarget = values.get(targetKey(labels, targets)) ?? new Map<string, number>();
    values.set(targetKey(labels, targets), ofTarget.set(ownKey(labels, targets), value));
  }
  const valuesOfTarget = ({ labels }: TargetLife) =>
    values.get(targetKey(labels, targets)) ?? new Map<string, number>();
  const processes = [...targets.processes].map(
    ([name, ofName]) => [name, ofName.flatMap((process) => apartWhereFallen(process, valuesOfTarget))] as const,
  );
  return { ...targets, processes: new Map(processes) };
}

function targetKey(labels: Labels, { targetLabels }: SeveralTargets): string {
  return JSON.stringify(targetLabels.map((name) => labels[name] ?? ""));
}

/** What a metric adds to the labels of its target. */
function ownKey(labels: Labels, { targetLabels }: SeveralTargets): string {
  const own = Object.entries(labels).filter(([name]) => !targetLabels.includes(name) && name !== "__name__");
  return JSON.stringify(own.sort());
}

/** The name of a series' counter, which is the same for all targets of a process; undefined for other pods' series. */
function makeNames(targets: SeveralTargets) {
  const { processes } = targets;
  const found = new Map<string, { process: string; last: number }>();
  for (const [index, process] of [...processes.values()].flat().entries()) {
    for (const { labels, last } of process) found.set(targetKey(labels, targets), { process: String(index), last });
  }
  return (labels: Labels) => {
    if (!processes.has(nameKey(labels))) return undefined;
    // A target without heartbeats is a process of its own.
    const key = targetKey(labels, targets);
    const target = found.get(key) ?? { process: key, last: 0 };
    return { counter: `${target.process} ${ownKey(labels, targets)}`, last: target.last };
  };
}
