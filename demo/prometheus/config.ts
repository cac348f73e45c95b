// SPDX-License-Identifier: Apache-2.0
/**
 * The Prometheus configuration of the local rig as a plain object: one target for each pod, asked every second.
 * Relabels as a cluster's scrape does: pod and namespace come from the target, never from the filter.
 */
import { SCRAPE_JOB } from "../../filter/core/contract.ts";
import { metricRelabelRules } from "../../filter/core/relabel.ts";
import type { Pod } from "../pod.ts";

export const JOB = SCRAPE_JOB;
export const SCRAPE_INTERVAL_MS = 1000;

export interface Target {
  /** `127.0.0.1:PORT` of Envoy's admin interface. */
  address: string;
  pod: Pod;
}

const KEEP_OURS = { source_labels: ["__name__"], regex: "proxymeter_.+", action: "keep" };

/** Content of prometheus.yml. */
export function prometheusConfig(targets: readonly Target[], ruleFiles: readonly string[] = []) {
  const interval = `${SCRAPE_INTERVAL_MS / 1000}s`;
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: ruleFiles,
    scrape_configs: [
      {
        job_name: JOB,
        metrics_path: "/stats/prometheus",
        static_configs: targets.map(({ address, pod }) => ({
          targets: [address],
          labels: { pod: pod.name, namespace: pod.namespace, workload: workloadOf(pod) },
        })),
        metric_relabel_configs: [KEEP_OURS, ...metricRelabelRules()],
      },
    ],
  };
}

/** What would own the pod in a cluster: its name without the ordinal number. */
function workloadOf({ name }: Pod): string {
  return name.replace(/-\d+$/, "");
}
