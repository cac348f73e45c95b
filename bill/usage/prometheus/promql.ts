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
const PER_POD = POD.join(", ");

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
 * @param without  an expression for pods that are left out, because their counters began anew within the window
 */
export function growth(
  metric: string,
  labels: readonly string[],
  scope: Scope,
  window: Period,
  without?: string,
): string {
  const series = selector(metric, scope);
  const grown = `${now(series, window)} - ${before(series, window)} or ${now(series, window)}`;
  const kept = without === undefined ? grown : `(${grown}) unless on (${PER_POD}) ${without}`;
  return `sum by (${labels.join(", ")}) (${kept})`;
}

/** Pods whose sidecar began anew within the window: their heartbeat fell. */
export function restarted(scope: Scope, window: Period): string {
  const beats = selector(contract.HEARTBEAT_SECONDS, { ...scope, matchers: [] });
  const length = milliseconds(window);
  const fell = `resets(${beats}[${length}]) > 0`;
  const fellBetween = `min_over_time(${beats}[${length}]) < ${before(beats, window)}`;
  return `(group by (${PER_POD}) (${fell} or ${fellBetween}))`;
}

/** Raw samples of some pods from before the window to its end. */
export function samplesOf(metric: string, scope: Scope, window: Period, pods: readonly string[]): string {
  const matchers = [...scope.matchers, `pod=~${quoted(pods.map(escaped).join("|"))}`];
  return `${selector(metric, { ...scope, matchers })}[${window.to - window.from + LOOKBACK_MS}ms]`;
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
