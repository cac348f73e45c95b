// SPDX-License-Identifier: Apache-2.0
/**
 * Growth of counters over one window, exact as far as samples reach: sums that Prometheus makes, and pods whose sidecar began anew
 * sample by sample. Every value counts from the last sample before the window; a series without one began at 0.
 */
import type { Period } from "../../time/period.ts";
import { growth, POD, restarted, samplesOf, type Scope } from "./promql.ts";

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

/** Pods of which raw samples are asked at once. */
const PODS_AT_ONCE = 20;

export interface Window extends Period {
  scope: Scope;
  /** Pods whose counters began anew, by `podKey`. */
  restarted: ReadonlyMap<string, Labels>;
}

/** Looks which pods began anew within a window. */
export async function openWindow(source: MetricsSource, scope: Scope, period: Period): Promise<Window> {
  const rows = await source.query(restarted(scope, period), period.to / 1000);
  return { ...period, scope, restarted: new Map(rows.map(({ labels }) => [podKey(labels), labels])) };
}

/** What a counter grew by in the window, summed by labels. */
export async function growthOf(
  source: MetricsSource,
  metric: string,
  labels: readonly string[],
  window: Window,
): Promise<Row[]> {
  const { scope, restarted: pods, to } = window;
  const without = pods.size === 0 ? undefined : restarted(scope, window);
  const rows = await source.query(growth(metric, labels, scope, window, without), to / 1000);
  return pods.size === 0 ? rows : [...rows, ...(await sampleBySample(source, metric, labels, window))];
}

async function sampleBySample(
  source: MetricsSource,
  metric: string,
  labels: readonly string[],
  window: Window,
): Promise<Row[]> {
  const names = [...new Set([...window.restarted.values()].map(({ pod = "" }) => pod))];
  const rows: Row[] = [];
  for (let first = 0; first < names.length; first += PODS_AT_ONCE) {
    const some = names.slice(first, first + PODS_AT_ONCE);
    const found = await source.raw(samplesOf(metric, window.scope, window, some), window.to / 1000);
    for (const series of found) {
      if (!window.restarted.has(podKey(series.labels))) continue;
      const kept = labels.map((name): [string, string] => [name, series.labels[name] ?? ""]);
      rows.push({ labels: Object.fromEntries(kept), value: grownBy(series.points, window) });
    }
  }
  return rows;
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

function podKey(labels: Labels): string {
  return POD.map((name) => labels[name] ?? "").join("/");
}
