// SPDX-License-Identifier: Apache-2.0
/**
 * How Prometheus gets the metrics of opted-in namespaces: a PodMonitor, or a scrape configuration in a ConfigMap.
 * Both come from istio/ and share namespaces, sample limit and the rules of filter/core/relabel.ts.
 */
import { parse } from "yaml";
import { metricRelabelRules, type RelabelRule } from "../../filter/core/relabel.ts";
import type { VendorsFile } from "../vendors/model.ts";
import { baseOf } from "./base.ts";
import { placed } from "./labels.ts";
import { POD_MONITOR, SCRAPE_CONFIG } from "./names.ts";
import type { KubeObject } from "./object.ts";
import { sampleLimit } from "./sample-limit.ts";
import type { Target } from "./target.ts";
import { toYaml } from "./yaml.ts";

const POD_MONITOR_FILE = "50-pod-monitor.yaml";
const SCRAPE_CONFIG_FILE = "51-scrape-config.yaml";
export const POD_MONITOR_KIND = "monitoring.coreos.com/v1/PodMonitor";
/** Key of the ConfigMap: a file for `scrape_config_files`. */
export const SCRAPE_CONFIG_KEY = "proxymeter.yaml";

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor */
interface PodMonitor extends KubeObject {
  spec: {
    namespaceSelector: { matchNames: string[] };
    sampleLimit: number;
    podMetricsEndpoints: { metricRelabelings: object[]; [member: string]: unknown }[];
  };
}

interface ScrapeConfig {
  sample_limit: number;
  kubernetes_sd_configs: { role: string; namespaces: { names: string[] } }[];
  metric_relabel_configs: object[];
  [member: string]: unknown;
}

const KEEP_OURS = { source_labels: ["__name__"], regex: "proxymeter_.+", action: "keep" } as const;

/** The PodMonitor; its scrape configuration where the cluster has no such kind; nothing where none is wanted, or nowhere to look. */
export function scrapeObjectsOf(file: VendorsFile, target: Target): KubeObject[] {
  const { parts, optionalKinds, namespaces } = target;
  if (parts.monitor === "none" || namespaces.length === 0) return [];
  const hasOperator = parts.monitor === "pod-monitor" && optionalKinds.has(POD_MONITOR_KIND);
  return [hasOperator ? podMonitorOf(file, target) : scrapeConfigOf(file, target)];
}

function podMonitorOf(file: VendorsFile, target: Target): KubeObject {
  const base = baseOf<PodMonitor>(POD_MONITOR_FILE, "PodMonitor");
  const metricRelabelings = [KEEP_OURS, ...metricRelabelRules()].map(inCamelCase);
  const object: PodMonitor = {
    ...base,
    spec: {
      ...base.spec,
      namespaceSelector: { matchNames: [...target.namespaces] },
      sampleLimit: sampleLimit(file),
      podMetricsEndpoints: base.spec.podMetricsEndpoints.map((endpoint) => ({ ...endpoint, metricRelabelings })),
    },
  };
  return placed(object, { name: POD_MONITOR, namespace: target.systemNamespace, component: "scrape" }, target);
}

/** The operator's spelling of a rule. */
function inCamelCase(rule: RelabelRule | typeof KEEP_OURS): object {
  const { source_labels: sourceLabels, regex } = rule;
  if ("action" in rule) return { sourceLabels, regex, action: rule.action };
  return { sourceLabels, regex, targetLabel: rule.target_label, replacement: rule.replacement };
}

function scrapeConfigOf(file: VendorsFile, target: Target): KubeObject {
  const base = baseOf<{ data: Record<string, string> }>(SCRAPE_CONFIG_FILE, "ConfigMap");
  const written = parse(base.data[SCRAPE_CONFIG_KEY] ?? "") as { scrape_configs: ScrapeConfig[] };
  const scrapeConfigs = written.scrape_configs.map((config) => ({
    ...config,
    sample_limit: sampleLimit(file),
    kubernetes_sd_configs: config.kubernetes_sd_configs.map((discovery) => ({
      ...discovery,
      namespaces: { names: [...target.namespaces] },
    })),
    metric_relabel_configs: [KEEP_OURS, ...metricRelabelRules()],
  }));
  const object: KubeObject = { ...base, data: { [SCRAPE_CONFIG_KEY]: toYaml({ scrape_configs: scrapeConfigs }) } };
  return placed(object, { name: SCRAPE_CONFIG, namespace: target.systemNamespace, component: "scrape" }, target);
}
