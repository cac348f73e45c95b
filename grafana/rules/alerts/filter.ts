// SPDX-License-Identifier: Apache-2.0
/**
 * Alerts on the filter in the pods: not loaded, standing still, misconfigured, scraped twice.
 * They speak of workloads, with the number of pods: a rollout of a thousand pods must not be a thousand pages.
 */
import * as contract from "../../../filter/core/contract.ts";
import type { Alert, AlertGroup } from "../model.ts";
import { family, POD } from "../promql.ts";
import { UP } from "../recording/fleet.ts";

const HEARTBEAT = family(contract.HEARTBEAT_SECONDS);
const BY_WORKLOAD = "cluster, namespace, workload";
const WORKLOAD = "{{ $labels.namespace }}/{{ $labels.workload }}";

const configError: Alert = {
  alert: "ProxymeterConfigError",
  severity: "warning",
  for: "5m",
  expr: `max by (${BY_WORKLOAD}) (${family(contract.CONFIG_ERRORS)}) > 0`,
  summary: `The filter's configuration on ${WORKLOAD} has mistakes`,
  description: `Pods of ${WORKLOAD} left out {{ $value }} members of the filter's configuration, or all of it.`,
};

const notLoaded: Alert = {
  alert: "ProxymeterFilterNotLoaded",
  severity: "warning",
  for: "10m",
  expr: `count by (${BY_WORKLOAD}) (
  group by (${BY_WORKLOAD}, pod) (${UP} == 1)
  unless on (${POD})
  last_over_time(${HEARTBEAT}[5m])
) > 0`,
  summary: `Pods of ${WORKLOAD} are not metered: the filter is not loaded`,
  description: `{{ $value }} pods of ${WORKLOAD} answer scrapes without any sample of the filter; their traffic passes unmetered.`,
};

const heartbeatStale: Alert = {
  alert: "ProxymeterHeartbeatStale",
  severity: "warning",
  for: "5m",
  expr: `count by (${BY_WORKLOAD}) (
  increase(${HEARTBEAT}[5m]) == 0
  and on (${POD}) count_over_time(${HEARTBEAT}[5m]) >= 4
) > 0`,
  summary: `The filter stands still on pods of ${WORKLOAD}`,
  description: `{{ $value }} pods of ${WORKLOAD} show metrics of the filter, but its VMs have not ticked for five minutes: they trapped or were taken away, and nothing is counted any more.`,
};

/** The one rule that looks at all jobs: what the others are safe from. */
const scrapedTwice: Alert = {
  alert: "ProxymeterPodScrapedTwice",
  severity: "info",
  for: "10m",
  expr: `count by (cluster, namespace) (
  count by (${POD}) (group by (${POD}, job, instance) (${contract.HEARTBEAT_SECONDS})) > 1
) > 0`,
  summary: "Pods of {{ $labels.namespace }} are scraped twice",
  description:
    "{{ $value }} pods of namespace {{ $labels.namespace }} are scraped by more than one job or address. The rules count each once, but their samples are stored twice, and sums of your own that do not select job proxymeter are doubled.",
};

export const FILTER_ALERTS: AlertGroup = {
  name: "proxymeter-filter-alerts",
  interval: "1m",
  alerts: [configError, notLoaded, heartbeatStale, scrapedTwice],
};
