// SPDX-License-Identifier: Apache-2.0
/**
 * Whether every pod is metered, what the filter holds and costs, and how our own scrape does. What cAdvisor and
 * kube-state-metrics say of crawlers and sidecars is containers.ts.
 */
import * as contract from "../../filter/core/contract.ts";
import * as series from "../recorded.ts";
import { containers } from "./containers.ts";
import { dashboard } from "./dashboard.ts";
import { NONE, WHOLE } from "./limits.ts";
import { bars, figure, lines, POINTS_OVER_PODS } from "./panels.ts";
import { rate, recorded, scraped, sum, top } from "./selectors.ts";
import { table } from "./tables.ts";

const POD = ["namespace", "pod"];
const BY_POD = POD.join(", ");
const POD_LEGEND = "{{namespace}}/{{pod}}";
const MOST = 10;
const MOST_ROWS = 100;

const heartbeat = scraped(contract.HEARTBEAT_SECONDS);
const up = scraped("up");
const failures = recorded(series.SCRAPE_FAILURES["5m"]);
/** Pods that were scraped and whose filter did not tick in five minutes. */
const stale = `count(sum by (${BY_POD}) (increase(${heartbeat}[5m])) == 0) or vector(0)`;

const coverage = {
  title: "Coverage",
  panels: [
    figure({
      title: "Metered pods",
      description: "Crawler pods whose metrics Prometheus gets.",
      unit: "short",
      width: 4,
      queries: [{ expr: sum(recorded(series.NAMESPACE_PODS)), legend: "metered" }],
    }),
    figure({
      title: "Coverage",
      description:
        "Targets that answer with the filter's metrics over targets that answer. Below 1 some sidecars run without the filter.",
      unit: "percentunit",
      width: 4,
      max: 1,
      limits: WHOLE,
      queries: [{ expr: recorded(series.COVERAGE), legend: "coverage" }],
    }),
    figure({
      title: "Scrape success",
      description: "Scrapes of crawler pods that succeeded in the past five minutes; the objective is 99 %.",
      unit: "percentunit",
      width: 4,
      max: 1,
      limits: WHOLE,
      queries: [{ expr: `1 - ${failures}`, legend: "success" }],
    }),
    figure({
      title: "Stale heartbeats",
      points: POINTS_OVER_PODS,
      description: "Pods whose filter did not tick for five minutes although they were scraped.",
      unit: "short",
      width: 4,
      limits: NONE,
      queries: [{ expr: stale, legend: "stale" }],
    }),
    figure({
      title: "Configuration errors",
      description: "Members of filter configurations that were left out, over all pods; each should be 0.",
      unit: "short",
      width: 4,
      limits: NONE,
      queries: [{ expr: sum(scraped(contract.CONFIG_ERRORS)), legend: "errors" }],
    }),
    figure({
      title: "Fewer labels",
      description: "Pods that are metered without all labels until they restart (`proxymeter restart`).",
      unit: "short",
      width: 4,
      limits: NONE,
      queries: [
        {
          expr: `count(group by (${BY_POD}) (${scraped(contract.INFO, `${contract.LABEL_ENCODING}="${contract.ENCODING_BUILTIN}"`)} == 1)) or vector(0)`,
          legend: "pods",
        },
      ],
    }),
    lines({
      title: "Metered and active pods",
      description: "Pods whose metrics come, and those of them with traffic in the past five minutes.",
      unit: "short",
      width: 12,
      queries: [
        { expr: sum(recorded(series.NAMESPACE_PODS)), legend: "metered" },
        { expr: sum(recorded(series.NAMESPACE_ACTIVE_PODS)), legend: "active" },
      ],
    }),
    table({
      title: "What runs",
      description:
        "Pods by release, module and configuration of the filter: more than one row while a change rolls out.",
      width: 12,
      labels: { release: "Release", digest: "Module", encoding: "Encoding", config_hash: "Configuration" },
      columns: [
        {
          name: "Pods",
          unit: "short",
          expr: `count by (release, digest, encoding, config_hash) (${scraped(contract.INFO)} == 1)`,
        },
      ],
    }),
  ],
};

const filter = {
  title: "The filter itself",
  panels: [
    lines({
      title: "Series per pod",
      description:
        "Series that the filter has defined: the fullest pod, and the mean. The limit is limits.series, 600 unless told.",
      unit: "short",
      width: 8,
      queries: [
        { expr: `max(${scraped(contract.SERIES)})`, legend: "most" },
        { expr: `avg(${scraped(contract.SERIES)})`, legend: "mean" },
      ],
    }),
    lines({
      title: "Memory of a VM",
      points: POINTS_OVER_PODS,
      description: "Linear memory of one of the filter's VMs; there is one for each Envoy worker.",
      unit: "decbytes",
      width: 8,
      queries: [
        { expr: `max(${scraped(contract.MEMORY_BYTES)})`, legend: "most" },
        { expr: `avg(${scraped(contract.MEMORY_BYTES)})`, legend: "mean" },
      ],
    }),
    lines({
      title: "Streams that passed unmetered",
      points: POINTS_OVER_PODS,
      description:
        "Streams per second that the filter let pass without counting them, as its memory could not grow. Should be 0.",
      unit: "cps",
      width: 8,
      queries: [{ expr: sum(rate(scraped(contract.REFUSED_STREAMS))), legend: "refused" }],
    }),
    lines({
      title: "Heartbeats",
      points: POINTS_OVER_PODS,
      description:
        "Seconds that the filter's VMs tick each second, by namespace: workers and the main thread of every pod together.",
      unit: "short",
      width: 12,
      queries: [{ expr: sum(rate(heartbeat), "namespace"), legend: "{{namespace}}" }],
    }),
    bars({
      title: "Fullest pods",
      description: "Pods whose filter has defined the most series.",
      unit: "short",
      width: 12,
      queries: [
        { expr: `sort_desc(${top(MOST, `max by (${BY_POD}) (${scraped(contract.SERIES)})`)})`, legend: POD_LEGEND },
      ],
    }),
  ],
};

const busiest = `topk(${MOST_ROWS}, ${sum(recorded(series.POD_REQUESTS_RATE), ...POD)})`;
const ofBusiest = (expression: string) => `${expression} and on (${BY_POD}) ${busiest}`;

const pods = {
  title: "Pods",
  panels: [
    table({
      title: "Busiest pods",
      description: "The 100 pods with the most requests, over the past five minutes.",
      width: 24,
      height: 10,
      labels: { namespace: "Namespace", pod: "Pod" },
      columns: [
        { name: "Requests", unit: "reqps", expr: busiest },
        { name: "Sent", unit: "Bps", expr: ofBusiest(sum(recorded(series.POD_SENT_RATE), ...POD)) },
        { name: "Received", unit: "Bps", expr: ofBusiest(sum(recorded(series.POD_RECEIVED_RATE), ...POD)) },
        { name: "Connections", unit: "short", expr: ofBusiest(sum(recorded(series.POD_ACTIVE_CONNECTIONS), ...POD)) },
        { name: "Series", unit: "short", expr: ofBusiest(`max by (${BY_POD}) (${scraped(contract.SERIES)})`) },
      ],
    }),
  ],
};

const scrape = {
  title: "Our scrape",
  panels: [
    lines({
      title: "Failed scrapes",
      description: "Share of the scrapes of crawler pods that failed, over five minutes and over an hour.",
      unit: "percentunit",
      width: 8,
      limits: { warn: 0.005, bad: 0.01 },
      queries: [
        { expr: failures, legend: "5 minutes" },
        { expr: recorded(series.SCRAPE_FAILURES["1h"]), legend: "1 hour" },
      ],
    }),
    lines({
      title: "Scrape duration",
      description: "How long a scrape of one pod takes: the slowest, and the mean.",
      unit: "s",
      width: 8,
      queries: [
        { expr: `max(${scraped("scrape_duration_seconds")})`, legend: "slowest" },
        { expr: `avg(${scraped("scrape_duration_seconds")})`, legend: "mean" },
      ],
    }),
    lines({
      title: "Samples",
      description: "Samples that one round of scrapes brings in: ours, and what was read to get them.",
      unit: "short",
      width: 8,
      queries: [
        { expr: sum(scraped("scrape_samples_post_metric_relabeling")), legend: "kept" },
        { expr: sum(scraped("scrape_samples_scraped")), legend: "read" },
      ],
    }),
    table({
      title: "Pods that can't be scraped",
      description: "Targets of our job that do not answer now. `proxymeter check` says why.",
      width: 24,
      height: 6,
      labels: { namespace: "Namespace", pod: "Pod", instance: "Address" },
      columns: [{ name: "Answers", unit: "short", expr: `sum by (${BY_POD}, instance) (${up}) == 0` }],
      noValue: "all answer",
    }),
  ],
};

export function fleet() {
  return dashboard("fleet", {
    variables: ["cluster", "namespace", "vendor"],
    rows: [coverage, filter, pods, scrape, containers],
  });
}
