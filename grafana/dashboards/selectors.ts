// SPDX-License-Identifier: Apache-2.0
/**
 * PromQL selectors that are narrowed to what the dashboard's variables chose, and the few forms of questions that
 * panels share. Which variable can narrow a series follows from the labels that the series has.
 */
import * as contract from "../../filter/core/contract.ts";
import { JOB } from "../recorded.ts";

/** Every selector of a scraped metric names the job, so that a second scrape of the same pod can't double a sum. */
export const JOB_MATCHER = `job="${JOB}"`;

export const IN_CLUSTER = 'cluster=~"$cluster"';
const IN_NAMESPACE = 'namespace=~"$namespace"';
const OF_VENDOR = `${contract.LABEL_VENDOR}=~"$vendor"`;
const OF_POOL = `${contract.LABEL_POOL}=~"$pool"`;
const OF_DESTINATION = `${contract.LABEL_DESTINATION}=~"$destination"`;

/** What narrows a recorded series beside the cluster, by its level: the part of its name before the first colon. */
const LEVELS: Readonly<Record<string, readonly string[]>> = {
  vendor: [OF_VENDOR],
  vendor_namespace: [IN_NAMESPACE, OF_VENDOR],
  vendor_pod: [IN_NAMESPACE, OF_VENDOR],
  vendor_pool: [OF_VENDOR, OF_POOL],
  vendor_pool_outcome: [OF_VENDOR, OF_POOL],
  vendor_destination: [OF_VENDOR, OF_DESTINATION],
  vendor_destination_outcome: [OF_VENDOR, OF_DESTINATION],
  vendor_country: [OF_VENDOR],
  vendor_outcome: [OF_VENDOR],
  vendor_kind: [OF_VENDOR],
  namespace: [IN_NAMESPACE],
  fleet: [],
};

const OF_TRAFFIC = [OF_VENDOR, OF_POOL, OF_DESTINATION];

/** What narrows a scraped metric beside cluster and namespace; the filter's metrics about itself are not here. */
const SCRAPED: Readonly<Record<string, readonly string[]>> = {
  [contract.VENDOR_REQUESTS]: [OF_VENDOR],
  [contract.VENDOR_SENT_BYTES]: [OF_VENDOR],
  [contract.VENDOR_RECEIVED_BYTES]: [OF_VENDOR],
  [contract.REQUESTS]: OF_TRAFFIC,
  [contract.SENT_BYTES]: OF_TRAFFIC,
  [contract.RECEIVED_BYTES]: OF_TRAFFIC,
  [contract.CONNECTIONS]: [OF_VENDOR],
  [contract.TUNNEL_TURNS]: [OF_VENDOR, OF_DESTINATION],
  [contract.CONTRADICTIONS]: [OF_VENDOR],
};

/** A recorded series as the variables narrow it. @param more further matchers */
export function recorded(name: string, ...more: string[]): string {
  return `${name}{${[matchersOf(name), ...more].join(", ")}}`;
}

/** What narrows a recorded series. */
export function matchersOf(name: string): string {
  const matchers = LEVELS[name.slice(0, name.indexOf(":"))];
  if (matchers === undefined) throw new Error(`no level is known for the recorded series "${name}"`);
  return [IN_CLUSTER, ...matchers].join(", ");
}

/** A metric as it was scraped, narrowed by the variables. @param more further matchers */
export function scraped(metric: string, ...more: string[]): string {
  return `${metric}{${[JOB_MATCHER, IN_CLUSTER, IN_NAMESPACE, ...(SCRAPED[metric] ?? []), ...more].join(", ")}}`;
}

/** Of somebody else's metric with a namespace, such as cAdvisor's. */
export function foreign(metric: string, ...more: string[]): string {
  return `${metric}{${[IN_CLUSTER, IN_NAMESPACE, ...more].join(", ")}}`;
}

/** Per second, over a window that always has enough samples. */
export function rate(selector: string): string {
  return `rate(${selector}[$__rate_interval])`;
}

export function sum(expression: string, ...labels: string[]): string {
  return labels.length === 0 ? `sum(${expression})` : `sum by (${labels.join(", ")}) (${expression})`;
}

/** Both directions of bytes together, by the same labels. */
export function both(sent: string, received: string, ...labels: string[]): string {
  return `(${sum(sent, ...labels)} + ${sum(received, ...labels)})`;
}

/** A share of 0 to 1 whose parts may be absent where there were none; no answer where the whole is 0. */
export function share(part: string, whole: string): string {
  return `(${part} or ${whole} * 0) / (${whole} > 0)`;
}

export function top(count: number, expression: string): string {
  return `topk(${count}, ${expression})`;
}

/** Quantile of recorded rates of a histogram's buckets. */
export function quantile(level: number, buckets: string, ...labels: string[]): string {
  return `histogram_quantile(${level}, ${sum(recorded(buckets), "le", ...labels)})`;
}

/** A growth as it was recorded, and the rate of the same. */
export interface Growth {
  increase: string;
  rate: string;
}

/** How far back an installation is young: growths are written every five minutes and lag one. */
const YOUNG = "[15m:15s]";
const YOUNG_STEP_SECONDS = 15;

/**
 * What came together over a window such as `30d`. Before the first growth was written, what the rates add up to.
 *
 * @param offset  how much earlier the window ends, such as `7d`
 */
export function total({ increase, rate: perSecond }: Growth, window: string, offset?: string): string {
  if (offset !== undefined) return `sum_over_time(${recorded(increase)}[${window}] offset ${offset})`;
  const young = `sum_over_time(${recorded(perSecond)}${YOUNG}) * ${YOUNG_STEP_SECONDS}`;
  return `(sum_over_time(${recorded(increase)}[${window}]) or ${young})`;
}
