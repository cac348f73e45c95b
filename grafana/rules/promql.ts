// SPDX-License-Identifier: Apache-2.0
/**
 * The words that every rule is made of: our scrape job, the one counted target of a pod, rates and exact growths.
 * Which families are taken at which level is decided by the tables in `recording/`.
 */
import * as contract from "../../filter/core/contract.ts";
import { JOB } from "../recorded.ts";

export const POD = "cluster, namespace, pod";
export const TARGET = `${POD}, instance`;
/** Labels of the level vendor and pod. */
export const BY_POD = `cluster, namespace, workload, pod, ${contract.LABEL_VENDOR}`;
export const BY_NAMESPACE = `cluster, namespace, ${contract.LABEL_VENDOR}`;
export const BY_VENDOR = `cluster, ${contract.LABEL_VENDOR}`;
export const BY_POOL = `${BY_VENDOR}, ${contract.LABEL_POOL}`;
export const BY_COUNTRY = `${BY_VENDOR}, ${contract.LABEL_COUNTRY}`;
export const BY_DESTINATION = `${BY_VENDOR}, ${contract.LABEL_DESTINATION}`;
export const BY_OUTCOME = `${BY_VENDOR}, ${contract.LABEL_OUTCOME}, ${contract.LABEL_RESPONSE_CODE}`;

/** Series of the targets whose counters are counted, one a pod; see `recording/targets.ts`. */
export const COUNTED = "pod:proxymeter_counted:bool";
/**
 * Targets whose last value in a window of growth counts; of those the ones whose value at its start is taken off, and the ones that
 * answered no more at its start, whose last value before that is taken off.
 */
export const ENDED = "pod:proxymeter_growth_end:bool";
export const STARTED = "pod:proxymeter_growth_start:bool";
export const RESUMED = "pod:proxymeter_growth_resumed:bool";
/** Targets whose series break: they restarted in the window, or have other labels than before; see `recording/windows.ts`. */
export const BROKEN = "pod:proxymeter_growth_broken:bool";
/** A window of growth ended a minute ago, so that what a slow scrape brings is in. */
export const WITHIN = "[5m] offset 1m";
/** At its start. What a target shows no more is not there, such as series of a life before its restart. */
export const AT_START = "offset 6m";
/** Back through a scrape outage of up to ten minutes. */
export const BEFORE = "[10m] offset 6m";

/** Outcomes that are the vendor's fault, as a regular expression. */
export const VENDOR_FAULTS = [
  contract.OUTCOME_RATE_LIMITED,
  contract.OUTCOME_VENDOR_AUTH,
  contract.OUTCOME_VENDOR_ERROR,
  contract.OUTCOME_VENDOR_UNREACHABLE,
  contract.OUTCOME_RESET,
].join("|");

/** Codes that say so where a pod was not restarted and so has no outcomes. */
export const FAULT_CODES = "407|429|502|503|504";

/** A family as our own scrape job has it; matchers such as `outcome="ok"`. */
export function family(metric: string, ...matchers: string[]): string {
  return `${metric}{${[`job="${JOB}"`, ...matchers].join(",")}}`;
}

/** Only what comes from the counted target of a pod: a second target of the same pod adds nothing. */
export function counted(expression: string, window = "5m"): string {
  return `${expression} and on (${TARGET}) last_over_time(${COUNTED}[${window}])`;
}

/** Per second over five minutes, summed. */
export function rate(by: string, selector: string): string {
  return `sum by (${by}) (${counted(`rate(${selector}[5m])`)})`;
}

/**
 * Growth in the five minutes that ended a minute ago, not extrapolated, so that the windows of one series add up to its growth:
 * the last values in it less the values at its start, both summed. What was not there before began at 0, and the marks say of
 * which targets that is known. A target whose series break goes by `increase`.
 */
export function growth(by: string, selector: string): string {
  const summed = (values: string, mark: string) => `sum by (${by}) (${values} and on (${TARGET}) ${mark})`;
  const parts = [
    summed(`last_over_time(${selector}${WITHIN})`, ENDED),
    apart("start", `-${summed(`${selector} ${AT_START}`, STARTED)}`),
    apart("outage", `-${summed(`last_over_time(${selector}${BEFORE})`, RESUMED)}`),
    apart("broken", summed(`increase(${selector}${WITHIN})`, BROKEN)),
  ];
  return `sum by (${by}) (\n  ${parts.join("\n  or\n  ")}\n)`;
}

/** For a sum of several expressions whose series have the same labels: `or` would keep those of the first alone. */
function apart(name: string, expression: string): string {
  return `label_replace(${expression}, "part", "${name}", "", "")`;
}

/** A recorded level from a finer one. */
export function sum(by: string, recorded: string): string {
  return `sum by (${by}) (${recorded})`;
}

/** What ranks, from requests and bytes of both directions: a vendor that refuses every connection has requests and no bytes. */
export function weight(...recorded: readonly string[]): string {
  const parts = recorded.map((name, at) => apart(String(at), name));
  return `sum by (${BY_POD}) (\n  ${parts.join("\n  or\n  ")}\n) > 0`;
}

/** The value, or 0 for every vendor that is known at all. */
export function orZero(expression: string, known: string): string {
  return `${expression}\nor\n${known} * 0`;
}
