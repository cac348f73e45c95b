// SPDX-License-Identifier: Apache-2.0
/**
 * Growth of counters over one window, exact as far as samples reach: sums that Prometheus makes, and pods whose sidecar began anew
 * sample by sample. Every value counts from the last sample before the window; a series without one began at 0.
 */
import type { Period } from "../../time/period.ts";
import { type PlainTargets, plainTargets } from "./plain.ts";
import type { TargetLife } from "./processes.ts";
import { growth, growthOfPlain, POD, restarted, type Scope, several } from "./promql.ts";
import { samplesInBatches } from "./samples.ts";
import { findSeveral, growthOfSeveral, nameKey, type SeveralTargets } from "./targets.ts";

export type Labels = Record<string, string>;

export interface Row {
  labels: Labels;
  value: number;
}

export interface RawSeries {
  labels: Labels;
  /** Seconds of the epoch. */
  points: readonly (readonly [time: number, value: number])[];
}

/** Prometheus, as far as usage needs it. Times are seconds of the epoch. */
export interface MetricsSource {
  query(promql: string, time?: number): Promise<Row[]>;
  raw(selector: string, time?: number): Promise<RawSeries[]>;
}

export interface Window extends Period {
  scope: Scope;
  /** Pods whose counters began anew, by `podKey`. */
  restarted: ReadonlyMap<string, Labels>;
  /** Pods that are there several times, and whose counters did not begin anew. */
  several: SeveralTargets;
  /** Many pods of these that are asked for in one expression; undefined where there are few. */
  plain?: PlainTargets | undefined;
  /** Names of pods that began anew and whose labels changed too, by `nameKey`. */
  relabelled: ReadonlySet<string>;
  /** Told how far it is. */
  say?: ((line: string) => void) | undefined;
}

/** Looks which pods began anew within a window, and which are there several times. */
export async function openWindow(
  source: MetricsSource,
  scope: Scope,
  period: Period,
  fewPods?: number,
): Promise<Window> {
  const rows = await source.query(restarted(scope, period).pods, period.to / 1000);
  const pods = new Map(rows.map(({ labels }) => [podKey(labels), labels]));
  const found = await findSeveral(source, scope, period);
  const names = new Set(rows.map(({ labels }) => nameKey(labels)));
  const plain = plainTargets(found.processes, names, fewPods);
  const processes = new Map(found.processes);
  const relabelled = new Set<string>();
  for (const [name, ofName] of found.processes) {
    if (!names.has(name)) continue;
    // Sample by sample is how both are told apart.
    processes.delete(name);
    if (isOneAfterTheOther(ofName.flat())) relabelled.add(name);
    for (const { labels } of ofName.flat()) pods.set(podKey(labels), labels);
  }
  return { ...period, scope, restarted: pods, several: { ...found, processes }, plain, relabelled };
}

/** What a counter grew by in the window, summed by labels, but for pods that have to be looked at one by one. */
export async function growthOf(
  source: MetricsSource,
  metric: string,
  labels: readonly string[],
  window: Window,
): Promise<Row[]> {
  const { scope, to } = window;
  const without = [
    ...(window.restarted.size > 0 ? [restarted(scope, window)] : []),
    ...(window.several.targetLabels.length > 0 ? [several(scope, window)] : []),
  ];
  const rows = await source.query(growth(metric, labels, scope, window, without), to / 1000);
  if (window.plain === undefined) return rows;
  return [...rows, ...(await source.query(growthOfPlain(metric, labels, scope, window, window.plain), to / 1000))];
}

/** The same of those pods, with every label. */
export async function growthOneByOne(source: MetricsSource, metric: string, window: Window): Promise<Row[]> {
  const { scope, several: all, plain } = window;
  const targets = { ...all, processes: new Map([...all.processes].filter(([name]) => !plain?.names.has(name))) };
  const anew = window.restarted.size === 0 ? [] : await sampleBySample(source, metric, window);
  if (targets.processes.size === 0) return anew;
  return [...anew, ...(await growthOfSeveral(source, metric, { scope, window, targets, say: window.say }))];
}

async function sampleBySample(source: MetricsSource, metric: string, window: Window): Promise<Row[]> {
  const { scope, several: targets, say } = window;
  const pods = [...new Set([...window.restarted.values()].map(({ pod = "" }) => pod))];
  const rows: Row[] = [];
  for await (const found of samplesInBatches(source, { metric, scope, window, pods, say })) {
    const own = found.filter(({ labels }) => window.restarted.has(podKey(labels)));
    rows.push(...grownOnce(own, window, targets.targetLabels));
  }
  return rows;
}

/** Scrapes of two targets that are as near as this may have been answered in the other order. */
const NEAR_SECONDS = 5;

/**
 * Series of a pod that differ in labels of its targets alone and are beside each other are one counter at two targets: it counts
 * once, under the labels of the fullest of them.
 *
 * @param targetLabels  names of the labels that targets have; those that tell pods apart do so here too
 */
export function grownOnce(series: readonly RawSeries[], window: Period, targetLabels: readonly string[] = []): Row[] {
  const ofTargets = new Set(["instance", ...targetLabels]);
  for (const name of POD) ofTargets.delete(name);
  const counters = Map.groupBy(series, ({ labels }) =>
    JSON.stringify(
      Object.entries(labels)
        .filter(([name]) => !ofTargets.has(name))
        .sort(),
    ),
  );
  const joined = [...counters.values()].flatMap((members) => {
    const apart: RawSeries[] = [];
    for (const one of [...members].sort((a, b) => b.points.length - a.points.length)) {
      const index = apart.findIndex((other) => isBeside(one, other));
      const fullest = apart[index];
      if (fullest === undefined) apart.push(one);
      else apart[index] = joinedTo(fullest, one);
    }
    return apart;
  });
  return joined.map(({ labels, points }) => ({ labels, value: grownBy(points, window) }));
}

function endsOf({ points }: RawSeries): [first: number, last: number] {
  return [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
}

function isBeside(one: RawSeries, other: RawSeries): boolean {
  const [[first, last], [otherFirst, otherLast]] = [endsOf(one), endsOf(other)];
  return first <= otherLast && otherFirst <= last;
}

/** The points of the fullest series, and those of another one from before and after it. */
function joinedTo(fullest: RawSeries, other: RawSeries): RawSeries {
  const [first, last] = endsOf(fullest);
  const before = other.points.filter(([time]) => time < first - NEAR_SECONDS);
  const after = other.points.filter(([time]) => time > last + NEAR_SECONDS);
  return { labels: fullest.labels, points: [...before, ...fullest.points, ...after] };
}

/** What a counter grew by after the window's beginning; where it fell, it had begun at 0 again. Points are in order of time. */
export function grownBy(points: RawSeries["points"], { from, to }: Period): number {
  let last = 0;
  let grown = 0;
  for (const [time, value] of points) {
    if (time * 1000 > to) break;
    if (time * 1000 > from) grown += value < last ? value : value - last;
    last = value;
  }
  return grown;
}

/** Whether a target of a name was seen first after another one of it had been seen last. */
function isOneAfterTheOther(targets: readonly TargetLife[]): boolean {
  const firstEnd = Math.min(...targets.map(({ last }) => last));
  return targets.some(({ first }) => first > firstEnd);
}

function podKey(labels: Labels): string {
  return POD.map((name) => labels[name] ?? "").join("/");
}
