// SPDX-License-Identifier: Apache-2.0
/**
 * The expressions that validate asks. Raw counters, never `increase()` or `rate()`, which extrapolate. Every label used here is
 * there in both encodings of the filter's stats, so pods that were not restarted yet are in the same sums.
 */
import * as contract from "../../filter/core/contract.ts";
import type { Field } from "./figures.ts";

/** Which pods are looked at; empty for all. */
export interface Scope {
  namespaces: readonly string[];
  pods: readonly string[];
}

export const TOTALS: Record<Field, string> = {
  requests: contract.VENDOR_REQUESTS,
  sentBytes: contract.VENDOR_SENT_BYTES,
  receivedBytes: contract.VENDOR_RECEIVED_BYTES,
};

/** The same figures, split by pool, destination and protocol. */
export const SPLITS: Record<Field, string> = {
  requests: contract.REQUESTS,
  sentBytes: contract.SENT_BYTES,
  receivedBytes: contract.RECEIVED_BYTES,
};

const BY_POD = ["namespace", "pod"];
const PER_POD = BY_POD.join(", ");
/** What one scrape is of. */
const TARGET = "job, instance";

/** A selector within the scope; `matchers` such as `outcome="ok"`. */
export function selector(metric: string, { namespaces, pods }: Scope, matchers: readonly string[] = []): string {
  const all = [...oneOf("namespace", namespaces), ...oneOf("pod", pods), ...matchers];
  return all.length === 0 ? metric : `${metric}{${all.join(",")}}`;
}

/** One sample for each value of the labels: the counters' raw values, summed. */
export function now(metric: string, labels: readonly string[]): string {
  return `sum by (${labels.join(", ")}) (${metric})`;
}

/** The same, with pods that ended within the window as they were last seen. */
export function nowOrLast(metric: string, labels: readonly string[], { scope, seconds }: Ending): string {
  const ended = `last_over_time(${metric}[${seconds}s]) unless on (${PER_POD}) ${heartbeat(scope)}`;
  return now(`${metric} or (${ended})`, labels);
}

/**
 * What counters had counted already when Prometheus saw them for the first time, where that was within the window: as far as the
 * pod is older than the window, this is no part of it. Not of a series that began later than its target was scraped: it began at 0.
 */
export function past(metric: string, labels: readonly string[], { scope, seconds }: Ending): string {
  const wholeTarget = `max by (${TARGET}) (sum_over_time(up[${seconds}s]))`;
  const sinceFirstScrape = `count_over_time(${metric}[${seconds}s]) >= on (${TARGET}) group_left () ${wholeTarget}`;
  const first = `min_over_time(${metric}[${seconds}s]) and (${sinceFirstScrape})`;
  const unseen = `(${first}) unless (${metric} offset ${seconds}s) unless on (${TARGET}) (up offset ${seconds}s)`;
  return now(`${unseen} unless on (${PER_POD}) (${young(scope, seconds)})`, labels);
}

/** One sample for each pod whose filter began within so many seconds: its VMs' ticks, by how many VMs tick at once. */
export function young(scope: Scope, seconds: number): string {
  const beats = heartbeat(scope);
  const vms = `clamp_min(deriv(${beats}[${seconds}s]), 1) or last_over_time(${beats}[${seconds}s]) * 0 + 1`;
  return `max by (${PER_POD}) (last_over_time(${beats}[${seconds}s]) / (${vms})) <= ${seconds}`;
}

/** Of sums for each job, the largest: a counter that several jobs scrape is no larger for it. */
export function once(expression: (labels: readonly string[]) => string, labels: readonly string[]): string {
  return `max by (${labels.join(", ")}) (${expression([...labels, "job"])})`;
}

export interface Ending {
  scope: Scope;
  /** Length of the window. */
  seconds: number;
}

/** One sample for each pod that is scraped: its VMs' heartbeat, in seconds. */
export function heartbeat(scope: Scope): string {
  return selector(contract.HEARTBEAT_SECONDS, scope);
}

/** One sample for each pod: when it was last scraped, in seconds of the epoch. */
export function lastScrapes(scope: Scope): string {
  return `max by (${PER_POD}) (timestamp(${heartbeat(scope)}))`;
}

/** One sample for each pod that more than one job scrapes: how many do. */
export function doubled(scope: Scope): string {
  return `count by (${PER_POD}) (${heartbeat(scope)}) > 1`;
}

/** One sample for each pod of which any counter began anew. */
export function resets(scope: Scope, seconds: number): string {
  // Joined by `or`: a pod may lack a family, and sums would leave it out.
  const families = Object.values(TOTALS).map(
    (metric) => `${now(`resets(${selector(metric, scope)}[${seconds}s])`, BY_POD)} > 0`,
  );
  return families.join(" or ");
}

/** One sample for each encoding: the pods that use it. */
export function encodings(scope: Scope): string {
  const running = `${selector(contract.INFO, scope)} == 1`;
  return `count by (${contract.LABEL_ENCODING}) (group by (${[...BY_POD, contract.LABEL_ENCODING].join(", ")}) (${running}))`;
}

export const BY_POD_AND_VENDOR: readonly string[] = [...BY_POD, contract.LABEL_VENDOR];
export const BY_DESTINATION: readonly string[] = [
  contract.LABEL_VENDOR,
  contract.LABEL_DESTINATION,
  contract.LABEL_PROTOCOL,
];
export const UNREACHABLE = `${contract.LABEL_OUTCOME}="${contract.OUTCOME_VENDOR_UNREACHABLE}"`;

function oneOf(label: string, values: readonly string[]): string[] {
  if (values.length === 0) return [];
  // Escaped twice: for the expression, and for the string that holds it.
  const escaped = values.map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, "\\\\$&").replace(/"/g, '\\"'));
  return [`${label}=~"${escaped.join("|")}"`];
}
