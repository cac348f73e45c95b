// SPDX-License-Identifier: Apache-2.0
/**
 * The expressions that usage is asked by. Growth of counters by their values at a window's ends, never `increase()` or `rate()`, which
 * extrapolate; a counter that appears within the window began at 0. Knows nothing of vendors' bills.
 */
import * as contract from "../../../filter/core/contract.ts";
import type { Period } from "../../time/period.ts";

/** The scrape job that everything is read of, so that a second one doubles nothing. */
export const JOB = contract.SCRAPE_JOB;

/** How far before a window the last value is looked for: a scrape may have failed for that long. */
export const LOOKBACK_MS = 24 * 3600 * 1000;

/** What tells pods apart. */
export const POD = ["cluster", "namespace", "pod"] as const;
/** Labels of targets that usage is told by. */
export const BOOKED: readonly string[] = [...POD, "workload"];
const PER_POD = POD.join(", ");
/** A label `cluster` may come and go with the scrape's configuration. */
const PER_NAME = "namespace, pod";

export interface Scope {
  job: string;
  /** Further matchers, such as `proxy_vendor="acme"`. */
  matchers: readonly string[];
}

export function selector(metric: string, { job, matchers }: Scope): string {
  return `${metric}{${[`job=${quoted(job)}`, ...matchers].join(",")}}`;
}

/**
 * What a counter grew by within a window, summed by labels; to be asked at the window's end.
 *
 * @param without  expressions for pods that are left out, because their counters began anew or are there several times
 */
export function growth(
  metric: string,
  labels: readonly string[],
  scope: Scope,
  window: Period,
  without: readonly Without[] = [],
): string {
  const series = selector(metric, scope);
  const grown = `${now(series, window)} - ${before(series, window)} or ${now(series, window)}`;
  const kept = without.reduce((vector, { on, pods }) => `(${vector}) unless on (${on}) ${pods}`, grown);
  return `sum by (${labels.join(", ")}) (${kept})`;
}

/** Pods to leave out, and the labels that they are told apart by. */
export interface Without {
  on: string;
  pods: string;
}

interface Plain {
  differing: readonly string[];
  apart: readonly { namespace: string; pod: string }[];
}

/**
 * The same of pods that are there several times, but for some: the largest of the values that a counter has at its targets, which
 * differ in some labels.
 */
export function growthOfPlain(
  metric: string,
  labels: readonly string[],
  scope: Scope,
  window: Period,
  { differing, apart }: Plain,
): string {
  const series = selector(metric, scope);
  const largest = (vector: string) => `max without (${differing.join(", ")}) (${vector})`;
  const grown = `clamp_min(${largest(now(series, window))} - ${largest(before(series, window))}, 0)`;
  const { on, pods } = several(scope, window);
  const kept = `(${grown} or ${largest(now(series, window))}) and on (${on}) ${pods}`;
  const names = Map.groupBy(apart, ({ namespace }) => namespace);
  const without = [...names].map(([namespace, ofNamespace]) => {
    const matchers = [`namespace=${quoted(namespace)}`];
    const found = ofNamespace.map(({ pod }) => pod);
    const beats = ofPods(contract.HEARTBEAT_SECONDS, { ...scope, matchers }, found);
    return ` unless on (${on}) last_over_time(${beats}[${reachBack(window)}])`;
  });
  return `sum by (${labels.join(", ")}) (${kept}${without.join("")})`;
}

/** Pods whose sidecar began anew within the window: their heartbeat fell. */
export function restarted(scope: Scope, window: Period): Without {
  const beats = selector(contract.HEARTBEAT_SECONDS, { ...scope, matchers: [] });
  const length = milliseconds(window);
  const fell = `resets(${beats}[${length}]) > 0`;
  const fellBetween = `min_over_time(${beats}[${length}]) < ${before(beats, window)}`;
  return { on: PER_POD, pods: `(group by (${PER_POD}) (${fell} or ${fellBetween}))` };
}

/** A heartbeat that begins so high was not born where it is seen first: it took a minute or more to get there. */
const OLD_BEAT = 300;

/**
 * Pods that may be there several times: scraped at two targets at once, or under labels that begin with the counters of a process
 * that had others before. More than there are; processes.ts decides.
 */
export function several(scope: Scope, window: Period): Without {
  const beats = selector(contract.HEARTBEAT_SECONDS, { ...scope, matchers: [] });
  const length = milliseconds(window);
  const beside = `group by (${PER_POD}) (max_over_time((count by (${PER_POD}) (${beats}))[${length}:5m]) > 1)`;
  const begins = `min_over_time(${beats}[${length}]) > ${OLD_BEAT} unless ${before(beats, window)}`;
  const names = `count by (${PER_NAME}) (last_over_time(${beats}[${reachBack(window)}])) > 1`;
  const goesOn = `(${begins}) and on (${PER_NAME}) (${names})`;
  return { on: PER_NAME, pods: `(group by (${PER_NAME}) (${beside} or ${goesOn}))` };
}

/** A pod whose workers had worked for so long, all together, was there before Prometheus saw it, whatever the interval is. */
const SEEN_LATE = 900;

/** Pods that Prometheus sees for the first time in the window, though their sidecars are older. */
export function seenLate(scope: Scope, window: Period): string {
  const beats = selector(contract.HEARTBEAT_SECONDS, { ...scope, matchers: [] });
  const begins = `min_over_time(${beats}[${milliseconds(window)}]) > ${SEEN_LATE}`;
  return `group by (${PER_POD}) (${begins} unless ${before(beats, window)})`;
}

/** When targets of pods of some names were seen first and last, from before the window to its end, and their heartbeats. */
export function targetLives(scope: Scope, window: Period, pods: readonly string[]) {
  const beats = ofPods(contract.HEARTBEAT_SECONDS, { ...scope, matchers: [] }, pods);
  const range = reachBack(window);
  return {
    first: `min_over_time(timestamp(${beats})[${range}:1m])`,
    last: `max_over_time(timestamp(${beats})[${range}:1m])`,
    firstBeat: `min_over_time(${beats}[${range}])`,
    lastBeat: `max_over_time(${beats}[${range}])`,
  };
}

/** Each series of some pods with its last value in the window, and before it. */
export function valuesOf(metric: string, scope: Scope, window: Period, pods: readonly string[]) {
  const series = ofPods(metric, scope, pods);
  return { now: now(series, window), before: before(series, window) };
}

/** Raw samples of some pods from a moment to the one at which it is asked. */
export function samplesOf(metric: string, scope: Scope, span: Period, pods: readonly string[]): string {
  return `${ofPods(metric, scope, pods)}[${milliseconds(span)}]`;
}

function ofPods(metric: string, scope: Scope, pods: readonly string[]): string {
  return selector(metric, { ...scope, matchers: [...scope.matchers, `pod=~${quoted(pods.map(escaped).join("|"))}`] });
}

export const vendorIs = (names: readonly string[]) =>
  `${contract.LABEL_VENDOR}=~${quoted(names.map(escaped).join("|"))}`;
export const vendorIsNot = (names: readonly string[]) =>
  `${contract.LABEL_VENDOR}!~${quoted(names.map(escaped).join("|"))}`;

/** What the loss is reckoned from: pods that were seen, that live at the end, and their samples. */
export function lives(scope: Scope, window: Period) {
  const beats = selector(contract.HEARTBEAT_SECONDS, { ...scope, matchers: [] });
  const length = milliseconds(window);
  const pods = (vector: string) => `count(group by (${PER_POD}) (${vector}))`;
  return {
    seen: pods(`last_over_time(${beats}[${length}])`),
    alive: pods(beats),
    samples: `sum(count_over_time(${beats}[${length}]))`,
    before: pods(`last_over_time(${beats}[${LOOKBACK_MS}ms] offset ${length})`),
    /** Most samples that a pod has in ten minutes of the window. */
    density: `max_over_time(max(count_over_time(${beats}[10m]))[${length}:10m])`,
  };
}

function now(series: string, window: Period): string {
  return `last_over_time(${series}[${milliseconds(window)}])`;
}

function before(series: string, window: Period): string {
  return `last_over_time(${series}[${LOOKBACK_MS}ms] offset ${milliseconds(window)})`;
}

/** From before the window to its end. */
function reachBack({ from, to }: Period): string {
  return `${to - from + LOOKBACK_MS}ms`;
}

function milliseconds({ from, to }: Period): string {
  return `${to - from}ms`;
}

/** A text as PromQL writes it. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
