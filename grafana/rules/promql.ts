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
/** Of those, the ones whose new series began at 0. */
export const WHOLE = "pod:proxymeter_whole:bool";

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
 * Growth in the five minutes that ended a minute ago, summed and not extrapolated, so that the windows of one series add
 * up to its growth: last value less the last value before the window, found up to ten minutes back, so that an outage
 * of scraping loses nothing. A counter that began anew within the window goes by `increase`; a series that was not
 * there before counts whole where its pod's counters are known to have begun at 0.
 */
export function growth(by: string, selector: string): string {
  const last = `last_over_time(${selector}[5m] offset 1m)`;
  const before = `last_over_time(${selector}[10m] offset 6m)`;
  const began = `resets(${selector}[6m] offset 1m) > 0`;
  const parts = [
    `((${last} - ${before}) unless (${began}))`,
    `(increase(${selector}[5m] offset 1m) and (${began}))`,
    `(${last} and on (${TARGET}) ${WHOLE})`,
  ];
  return `sum by (${by}) (\n  ${counted(`(\n    ${parts.join("\n    or\n    ")}\n  )`, "7m")}\n)`;
}

/** A recorded level from a finer one. */
export function sum(by: string, recorded: string): string {
  return `sum by (${by}) (${recorded})`;
}

/** The value, or 0 for every vendor that is known at all. */
export function orZero(expression: string, known: string): string {
  return `${expression}\nor\n${known} * 0`;
}
