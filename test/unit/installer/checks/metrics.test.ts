// SPDX-License-Identifier: Apache-2.0
/**
 * The checks of the way to Prometheus, each with facts that pass and facts that do not.
 */
import { type Changes, CRAWL, HEARTBEAT, METRICS, namespace, object, OURS, pod, TAGGED } from "./facts.ts";
import { describeCheck } from "./rows.ts";

const metrics = (changes: object): Changes => ({ prometheus: { value: { ...METRICS, ...changes } } });
const none = { prometheus: { unknown: "no Prometheus was found" } };

describeCheck("prometheus-found", [
  ["passes where it answers", {}, "pass"],
  ["is skipped with the reason", none, "skip", "no Prometheus was found"],
]);

const MONITOR = object("PodMonitor", "proxymeter", {}, { namespace: "proxymeter", labels: { ...OURS, team: "crawl" } });
const selecting = (spec: object, own = "monitoring"): Changes => ({
  objects: {
    namespaces: [CRAWL, namespace("proxymeter", { team: "crawl" })],
    podMonitors: [MONITOR],
    prometheuses: [object("Prometheus", "main", { spec }, { namespace: own })],
  },
});

describeCheck("monitor-selected", [
  [
    "passes where everything is selected",
    selecting({ podMonitorSelector: {}, podMonitorNamespaceSelector: {} }),
    "pass",
  ],
  [
    "passes by labels",
    selecting({
      podMonitorSelector: { matchLabels: { team: "crawl" } },
      podMonitorNamespaceSelector: { matchExpressions: [{ key: "team", operator: "In", values: ["crawl"] }] },
    }),
    "pass",
  ],
  [
    "fails by another label",
    selecting({ podMonitorSelector: { matchLabels: { release: "kps" } }, podMonitorNamespaceSelector: {} }),
    "fail",
    "monitoring/main",
  ],
  ["fails for another namespace where none is selected", selecting({ podMonitorSelector: {} }), "fail"],
  ["passes for its own namespace where none is selected", selecting({ podMonitorSelector: {} }, "proxymeter"), "pass"],
  ["fails without a selector, which selects nothing", selecting({ podMonitorNamespaceSelector: {} }), "fail"],
  ["fails without a Prometheus object", { objects: { podMonitors: [MONITOR] } }, "fail", "no Prometheus object"],
  ["is skipped without a PodMonitor of ours", {}, "skip"],
]);

const [target] = METRICS.targets;

describeCheck("targets-up", [
  ["passes for targets that are up", {}, "pass"],
  [
    "fails with the error of the scrape",
    metrics({ targets: [{ ...target, isUp: false, lastError: "sample limit exceeded" }] }),
    "fail",
    /15090.*sample limit exceeded/,
  ],
  ["is skipped without Prometheus", none, "skip"],
]);

describeCheck("pods-report", [
  ["passes where every pod has a heartbeat", {}, "pass"],
  [
    "fails for a pod without",
    {
      pods: { value: [pod("crawler-0", { proxyConfig: TAGGED }), pod("crawler-1", { proxyConfig: TAGGED })] },
      ...metrics({ heartbeats: [{ ...HEARTBEAT, labels: { namespace: "crawl", pod: "crawler-0" } }] }),
    },
    "fail",
    "crawl/crawler-1",
  ],
  [
    "knows a pod by its address where the scrape names none",
    metrics({ heartbeats: [{ labels: { instance: "10.244.0.5:15020" }, value: 1 }] }),
    "pass",
  ],
  [
    "passes over a pod without sidecar, and one that is not yet running",
    {
      pods: { value: [pod("bare"), pod("new", { proxyConfig: TAGGED, phase: "Pending" })] },
      ...metrics({ heartbeats: [] }),
    },
    "pass",
  ],
  ["is skipped where nothing is installed", { objects: { wasmPlugins: [] }, ...metrics({ heartbeats: [] }) }, "skip"],
]);

const twin = (labels: object) => ({ ...HEARTBEAT, labels: { ...HEARTBEAT.labels, ...labels } });

describeCheck("scraped-once", [
  ["passes for one job", {}, "pass"],
  [
    "passes for two pods of one job",
    metrics({ heartbeats: [HEARTBEAT, twin({ pod: "crawler-1", instance: "10.244.0.6:15090" })] }),
    "pass",
  ],
  [
    "fails for two jobs of one pod",
    metrics({ heartbeats: [HEARTBEAT, twin({ job: "istio-system/envoy-stats-monitor" })] }),
    "fail",
    /1 pod.*crawl\/crawler-0\njobs: proxymeter, istio-system\/envoy-stats-monitor/,
  ],
  [
    "passes for two addresses of a namespace whose scrape names no pods",
    metrics({
      heartbeats: ["10.244.0.5:15090", "10.244.0.6:15090"].map((instance) => ({
        labels: { namespace: "crawl", job: "x", instance },
        value: 1,
      })),
    }),
    "pass",
  ],
  [
    "fails for a second job that names no pod, by the address",
    metrics({
      heartbeats: [HEARTBEAT, { labels: { job: "kubernetes-pods", instance: "10.244.0.5:15020" }, value: 1 }],
    }),
    "fail",
    "10.244.0.5",
  ],
]);

describeCheck("heartbeat", [
  ["passes where none stands still", {}, "pass"],
  ["fails for one that does", metrics({ stale: [HEARTBEAT] }), "fail", "1 pod: crawl/crawler-0"],
]);

describeCheck("config-errors", [
  ["passes where there are none", {}, "pass"],
  ["fails with the count", metrics({ configErrors: [{ ...HEARTBEAT, value: 3 }] }), "fail", "crawl/crawler-0 (3)"],
]);

describeCheck("series-overflow", [
  ["passes where every destination had a slot", {}, "pass"],
  ["warns where some had none", metrics({ overflow: [{ ...HEARTBEAT, value: 12.4 }] }), "warn", "12 requests"],
]);

describeCheck("scrape-interval", [
  ["passes for 15 s", {}, "pass"],
  ["warns of two minutes", metrics({ targets: [{ ...target, intervalSeconds: 120 }] }), "warn", "every 120 s"],
  ["passes where Prometheus does not tell", metrics({ targets: [{ ...target, intervalSeconds: undefined }] }), "pass"],
]);

describeCheck("clock", [
  ["passes for a second", metrics({ clockSkewSeconds: -1 }), "pass"],
  ["warns of a minute ahead", metrics({ clockSkewSeconds: 61 }), "warn", "61 s ahead"],
  ["warns of a minute behind", metrics({ clockSkewSeconds: -61 }), "warn", "61 s behind"],
]);
