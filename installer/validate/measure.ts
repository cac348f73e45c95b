// SPDX-License-Identifier: Apache-2.0
/**
 * Reads what the checks decide on from Prometheus: the filter's counters at both ends of a window, per pod and vendor, and by
 * destination. Judges nothing.
 */
import { LABEL_DESTINATION, LABEL_ENCODING, LABEL_PROTOCOL, LABEL_VENDOR } from "../../filter/core/contract.ts";
import type { Sample } from "../prometheus/answer.ts";
import type { Prometheus } from "../prometheus/client.ts";
import { type Counter, FIELDS, type Field, keysOf, keyText, podOf, type Reading } from "./figures.ts";
import * as promql from "./promql.ts";

export interface Window {
  /** Seconds of the epoch. */
  start: number;
  end: number;
  /** Within so many seconds all that went over a socket has reached Prometheus. */
  lagSeconds: number;
}

export interface Measured {
  window: Window;
  totals: Record<Field, Counter>;
  splits: Record<Field, Counter>;
  /** Requests within the window that found no gateway, which have no bytes. */
  unreachable: Counter;
  destinations: DestinationRow[];
  /** `namespace/name` of pods whose counters began anew within the window. */
  resetPods: ReadonlySet<string>;
  /** Pods whose metering began within the window. */
  youngPods: ReadonlySet<string>;
  /** Pods that were metered before the window, and that Prometheus saw first within it. */
  latePods: ReadonlySet<string>;
  /** Pods that several jobs scrape, whose every sum is too large. */
  doubledPods: string[];
  /** Pods by the encoding of their stats. */
  encodings: Record<string, number>;
}

/** What one vendor's destination got within the window, all pods together. */
export interface DestinationRow {
  vendor: string;
  destination: string;
  protocol: string;
  requests: number;
}

const DEFAULT_INTERVAL_SECONDS = 15;
/** The filter holds counts back for a tick of one second, and a busy machine ticks late. */
export const FILTER_HOLD_SECONDS = 1.5;
const INTERVAL_LOOKBACK = "5m";

/** Seconds between two scrapes of a pod: the median of those that Prometheus has, else what it was told. */
export async function scrapeInterval(prometheus: Prometheus, scope: promql.Scope): Promise<number> {
  const [one] = await prometheus.query(`topk(1, ${promql.heartbeat(scope)})`);
  if (one === undefined) return DEFAULT_INTERVAL_SECONDS;
  const { namespace = "", pod = "" } = one.labels;
  const only = promql.heartbeat({ namespaces: [namespace], pods: [pod] });
  const [series] = await prometheus.raw(`${only}[${INTERVAL_LOOKBACK}]`);
  const times = series?.points.map(([time]) => time) ?? [];
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return (
    gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ??
    (await configuredInterval(prometheus, { namespace, pod }))
  );
}

/** Stores without scraping of their own, such as Thanos, know no targets. */
async function configuredInterval(prometheus: Prometheus, { namespace, pod }: Record<string, string>): Promise<number> {
  const targets = await prometheus.targets().catch(() => []);
  const own = targets.find(({ labels }) => labels.namespace === namespace && labels.pod === pod);
  const [, amount = "", unit] = /^(\d+)(ms|s|m)$/.exec(own?.scrapeInterval ?? "") ?? [];
  if (unit === undefined) return DEFAULT_INTERVAL_SECONDS;
  return Number(amount) * { ms: 0.001, s: 1, m: 60 }[unit as "ms" | "s" | "m"];
}

/** Everything that the checks need of the filter's own series. */
export async function measure(prometheus: Prometheus, scope: promql.Scope, window: Window): Promise<Measured> {
  const read = (metric: string, matchers?: string[]) =>
    readCounter(prometheus, { metric: promql.selector(metric, scope, matchers), window, scope });
  const families = async (names: Record<Field, string>) => {
    const counters = await Promise.all(FIELDS.map(async (field) => [field, await read(names[field])] as const));
    return Object.fromEntries(counters) as Record<Field, Counter>;
  };
  const seconds = Math.ceil(window.end - window.start);
  const [totals, splits, unreachable, destinations, resets, young, doubled, encodings] = await Promise.all([
    families(promql.TOTALS),
    families(promql.SPLITS),
    read(promql.SPLITS.requests, [promql.UNREACHABLE]),
    readDestinations(prometheus, scope, window),
    prometheus.query(promql.resets(scope, seconds), window.end),
    prometheus.query(promql.young(scope, seconds), window.end),
    prometheus.query(promql.doubled(scope), window.end),
    prometheus.query(promql.encodings(scope), window.end),
  ]);
  return {
    ...{ window, totals, splits, unreachable, destinations },
    resetPods: new Set(resets.map(podName)),
    youngPods: new Set(young.map(podName)),
    latePods: new Set(FIELDS.flatMap((field) => latePodsOf(totals[field]))),
    doubledPods: doubled.map(podName).sort(),
    encodings: Object.fromEntries(encodings.map(({ labels, value }) => [labels[LABEL_ENCODING] || "unknown", value])),
  };
}

export interface CounterSource {
  /** Selector of a counter. */
  metric: string;
  /** Labels of a sample's sum, and the key that they make; by pod and vendor unless told. */
  labels?: readonly string[];
  key?: (labels: Record<string, string>) => string | undefined;
  /** Whether several jobs may scrape it. */
  isShared?: boolean;
  window: Window;
  scope: promql.Scope;
}

/** A counter at both ends of the window, each read twice. Samples without a key are left out. */
export async function readCounter(prometheus: Prometheus, source: CounterSource): Promise<Counter> {
  const { metric, labels = promql.BY_POD_AND_VENDOR, key = podAndVendor, isShared = false, window, scope } = source;
  const { start, end, lagSeconds } = window;
  const ending = { scope, seconds: Math.ceil(end - start) };
  const whole = (expression: (by: readonly string[]) => string) =>
    isShared ? promql.once(expression, labels) : expression(labels);
  const atStart = whole((by) => promql.now(metric, by));
  const atEnd = whole((by) => promql.nowOrLast(metric, by, ending));
  const seenLate = whole((by) => promql.past(metric, by, ending));
  const at = async (expression: string, time: number) => readingOf(await prometheus.query(expression, time), key);
  const [startBefore, first, endBefore, last, past] = await Promise.all([
    at(atStart, start - lagSeconds),
    at(atStart, start),
    at(atEnd, end - lagSeconds),
    at(atEnd, end),
    at(seenLate, end),
  ]);
  return { startBefore: sumOf(startBefore, past), start: sumOf(first, past), endBefore, end: last, past };
}

function sumOf(one: Reading, other: Reading): Reading {
  return new Map(keysOf(one, other).map((key) => [key, (one.get(key) ?? 0) + (other.get(key) ?? 0)]));
}

/** Pods of which something had been counted already when they were seen for the first time. */
export function latePodsOf({ past }: Counter): string[] {
  return [...past].filter(([, value]) => value > 0).map(([key]) => podOf(key));
}

/** One value for each key; samples of one key are added. */
export function readingOf(samples: readonly Sample[], key: (labels: Sample["labels"]) => string | undefined): Reading {
  const reading = new Map<string, number>();
  for (const { labels, value } of samples) {
    const name = key(labels);
    if (name !== undefined) reading.set(name, (reading.get(name) ?? 0) + value);
  }
  return reading;
}

function podAndVendor({ namespace = "", pod = "", [LABEL_VENDOR]: vendor = "" }: Record<string, string>): string {
  return keyText({ namespace, pod, vendor });
}

async function readDestinations(prometheus: Prometheus, scope: promql.Scope, { start, end }: Window) {
  const metric = promql.selector(promql.SPLITS.requests, scope);
  const ending = promql.nowOrLast(metric, promql.BY_DESTINATION, { scope, seconds: Math.ceil(end - start) });
  const key = (labels: Record<string, string>) =>
    JSON.stringify(promql.BY_DESTINATION.map((name) => labels[name] ?? ""));
  const seconds = Math.ceil(end - start);
  const [before, past, after] = await Promise.all([
    prometheus.query(promql.now(metric, promql.BY_DESTINATION), start),
    prometheus.query(promql.past(metric, promql.BY_DESTINATION, { scope, seconds }), end),
    prometheus.query(ending, end),
  ]);
  const old = readingOf([...before, ...past], key);
  return after
    .map(({ labels, value }): DestinationRow => {
      const first = old.get(key(labels)) ?? 0;
      return {
        vendor: labels[LABEL_VENDOR] ?? "",
        destination: labels[LABEL_DESTINATION] ?? "",
        protocol: labels[LABEL_PROTOCOL] ?? "",
        requests: value >= first ? value - first : value,
      };
    })
    .filter(({ requests }) => requests > 0)
    .sort((a, b) => b.requests - a.requests);
}

function podName({ labels: { namespace = "", pod = "" } }: Sample): string {
  return `${namespace}/${pod}`;
}
