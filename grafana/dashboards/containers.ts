// SPDX-License-Identifier: Apache-2.0
/**
 * Crawlers and sidecars beside each other: CPU, memory, restarts and throttling, where the cluster's Prometheus has
 * cAdvisor and kube-state-metrics. Only of metered pods.
 */
import { HEARTBEAT_SECONDS } from "../../filter/core/contract.ts";
import { lines, POINTS_OVER_PODS } from "./panels.ts";
import { foreign, rate, scraped } from "./selectors.ts";

const SIDECAR = "istio-proxy";
const ABSENT = "no cAdvisor or kube-state-metrics";
const METERED = `on (namespace, pod) group_left () (0 * max by (namespace, pod) (${scraped(HEARTBEAT_SECONDS)}) + 1)`;

const cpu = foreign("container_cpu_usage_seconds_total", 'container!=""', 'container!="POD"');
const memory = foreign("container_memory_working_set_bytes", 'container!=""', 'container!="POD"');
const throttled = foreign("container_cpu_cfs_throttled_periods_total", 'container!=""');
const periods = foreign("container_cpu_cfs_periods_total", 'container!=""');
const restarts = foreign("kube_pod_container_status_restarts_total");

/** Of the containers of metered pods, the sidecars and the crawlers apart. */
function sideBySide(expression: string, operator: "sum" | "max") {
  const ofMetered = `(${expression} * ${METERED})`;
  const named = `label_replace(label_replace(${ofMetered}, "kind", "crawler", "", ""), "kind", "sidecar", "container", "${SIDECAR}")`;
  return [{ expr: `${operator} by (kind) (${named})`, legend: "{{kind}}" }];
}

function perContainer(selector: string, operator: string): string {
  return `${operator} by (namespace, pod, container) (${selector})`;
}

export const containers = {
  title: "Crawlers and sidecars (when cAdvisor and kube-state-metrics are scraped)",
  panels: [
    lines({
      points: POINTS_OVER_PODS,
      title: "CPU",
      description:
        "Cores that crawler containers and their sidecars use, all metered pods together. When cAdvisor is present.",
      unit: "short",
      width: 12,
      isStacked: true,
      queries: sideBySide(perContainer(rate(cpu), "sum"), "sum"),
      noValue: ABSENT,
    }),
    lines({
      points: POINTS_OVER_PODS,
      title: "Memory",
      description:
        "Working set of crawler containers and their sidecars, all metered pods together. When cAdvisor is present.",
      unit: "bytes",
      width: 12,
      isStacked: true,
      queries: sideBySide(perContainer(memory, "max"), "sum"),
      noValue: ABSENT,
    }),
    lines({
      points: POINTS_OVER_PODS,
      title: "Biggest sidecar",
      description: "Working set of the sidecar, and of the crawler, that has the most. When cAdvisor is present.",
      unit: "bytes",
      width: 8,
      queries: sideBySide(perContainer(memory, "max"), "max"),
      noValue: ABSENT,
    }),
    lines({
      points: POINTS_OVER_PODS,
      title: "Throttled",
      description:
        "Share of the periods in which a container with a CPU limit was held back, worst container. When cAdvisor is present.",
      unit: "percentunit",
      width: 8,
      max: 1,
      queries: sideBySide(
        `${perContainer(rate(throttled), "sum")} / (${perContainer(rate(periods), "sum")} > 0)`,
        "max",
      ),
      noValue: ABSENT,
    }),
    lines({
      points: POINTS_OVER_PODS,
      title: "Restarts",
      description:
        "Container restarts in the past hour, all metered pods together. When kube-state-metrics is present.",
      unit: "short",
      width: 8,
      queries: sideBySide(perContainer(`increase(${restarts}[1h])`, "max"), "sum"),
      noValue: ABSENT,
    }),
  ],
};
