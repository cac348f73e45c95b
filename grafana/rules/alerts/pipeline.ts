// SPDX-License-Identifier: Apache-2.0
/**
 * Alerts on the way from pods to dashboards: scrapes, coverage, and Prometheus itself.
 * Of Prometheus' own metrics only those are used that every Prometheus has of itself.
 */
import * as recorded from "../../recorded.ts";
import type { Alert, AlertGroup, Severity } from "../model.ts";
import { family } from "../promql.ts";
import { UP } from "../recording/fleet.ts";

const OBJECTIVE = 0.99;
type Window = keyof typeof recorded.SCRAPE_FAILURES;
const BURNS: readonly { long: Window; short: Window; factor: number; severity: Severity; for: string }[] = [
  { long: "1h", short: "5m", factor: 14.4, severity: "critical", for: "2m" },
  { long: "6h", short: "30m", factor: 6, severity: "warning", for: "15m" },
];

const burns: Alert[] = BURNS.map(({ long, short, factor, severity, for: duration }) => {
  const allowed = Number((factor * (1 - OBJECTIVE)).toFixed(4));
  return {
    alert: "ProxymeterScrapeBurn",
    severity,
    labels: { long_window: long, short_window: short },
    for: duration,
    expr: `${recorded.SCRAPE_FAILURES[long]} > ${allowed}
and
${recorded.SCRAPE_FAILURES[short]} > ${allowed}
and
sum by (cluster) (count_over_time(${UP}[5m])) >= 20`,
    summary: "Too many scrapes of metered pods fail",
    description: `{{ $value | humanizePercentage }} of the scrapes of the past ${long} failed (objective: at most 1 %), and it goes on in the past ${short}. What pods counted meanwhile arrives with their next scrape; what ended pods counted does not.`,
  };
});

const outage: Alert = {
  alert: "ProxymeterScrapeOutage",
  severity: "critical",
  for: "1m",
  expr: `${recorded.SCRAPE_FAILURES["5m"]} > 0.5
and
sum by (cluster) (count_over_time(${UP}[5m])) >= 5`,
  summary: "Most metered pods cannot be scraped",
  description:
    "{{ $value | humanizePercentage }} of the scrapes of the past 5 minutes failed. Up to ten minutes of this lose no bytes of pods that live on.",
};

const nothing: Alert = {
  alert: "ProxymeterNothingScraped",
  severity: "critical",
  for: "3m",
  expr: `absent(${UP})`,
  summary: "No metered pod is scraped at all",
  description: "Prometheus has no target of job proxymeter: discovery, the PodMonitor or its selection is broken.",
};

const coverage: Alert = {
  alert: "ProxymeterCoverageLow",
  severity: "warning",
  for: "15m",
  expr: `${recorded.COVERAGE} < 0.99
and
count by (cluster) (${UP} == 1) >= 10`,
  summary: "Part of the fleet is not metered",
  description: "{{ $value | humanizePercentage }} of the pods that answer scrapes show the filter (objective: 99 %).",
};

const slow: Alert = {
  alert: "ProxymeterScrapesSlow",
  severity: "warning",
  for: "10m",
  expr: `quantile by (cluster) (0.95, avg_over_time(${family("scrape_duration_seconds")}[10m])) > 5
and
count by (cluster) (${UP} == 1) >= 1`,
  summary: "Scrapes of metered pods take long",
  description: "5 % of the targets take {{ $value | humanizeDuration }} or more; at 10 s a scrape fails.",
};

const growth: Alert = {
  alert: "ProxymeterPrometheusSeriesGrowth",
  severity: "warning",
  for: "30m",
  expr: `prometheus_tsdb_head_series / prometheus_tsdb_head_series offset 1d > 1.5
and
prometheus_tsdb_head_series >= 100000`,
  summary: "Prometheus holds far more series than yesterday",
  description:
    "Prometheus {{ $labels.instance }} has {{ $value | humanize }} times the active series of this time yesterday.",
};

const OUR_GROUPS = '{rule_group=~".*proxymeter-.*"}';
const missed: Alert = {
  alert: "ProxymeterPrometheusMissedRules",
  severity: "warning",
  for: "5m",
  expr: `sum by (cluster, instance, rule_group) (increase(prometheus_rule_group_iterations_missed_total${OUR_GROUPS}[30m])) >= 1
or
sum by (cluster, instance, rule_group) (increase(prometheus_rule_evaluation_failures_total${OUR_GROUPS}[30m])) >= 1`,
  summary: "Rules of Proxymeter were not evaluated",
  description:
    "Group {{ $labels.rule_group }} on {{ $labels.instance }} missed {{ $value | humanize }} evaluations in 30 minutes; totals over that time are too low.",
};

export const PIPELINE_ALERTS: AlertGroup = {
  name: "proxymeter-pipeline-alerts",
  interval: "1m",
  alerts: [...burns, outage, nothing, coverage, slow],
};

export const PROMETHEUS_ALERTS: AlertGroup = {
  name: "proxymeter-prometheus-alerts",
  interval: "1m",
  alerts: [growth, missed],
};
