// SPDX-License-Identifier: Apache-2.0
/**
 * How Prometheus is told to scrape: by PodMonitor or by scrape configuration, both judged by the real promtool.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse, stringify } from "yaml";
import { findTool } from "../../../../demo/paths.ts";
import { metricRelabelRules } from "../../../../filter/core/relabel.ts";
import { baseOf } from "../../../../installer/objects/base.ts";
import { objectsOf } from "../../../../installer/objects/objects.ts";
import { SCRAPE_CONFIG } from "../../../../installer/objects/names.ts";
import { sampleLimit, worstCaseSamples } from "../../../../installer/objects/sample-limit.ts";
import type { Parts } from "../../../../installer/objects/target.ts";
import { goldenVendors, ofKind, only, PARTS, target } from "./fixtures.ts";

interface Rule {
  source_labels?: string[];
  regex?: string;
  target_label?: string;
  replacement?: string;
  action?: string;
}

interface ScrapeConfig {
  relabel_configs: Rule[];
  metric_relabel_configs: Rule[];
  [member: string]: unknown;
}

const FULL = goldenVendors("full");
const monitored = (monitor: Parts["monitor"], more: Parameters<typeof target>[0] = {}) =>
  objectsOf(FULL, target({ parts: { ...PARTS, monitor }, ...more }));

function scrapeConfig(objects = monitored("scrape-config")): ScrapeConfig {
  const { data } = only(objects, "ConfigMap", SCRAPE_CONFIG) as unknown as { data: Record<string, string> };
  const [config] = (parse(data["proxymeter.yaml"] ?? "") as { scrape_configs: ScrapeConfig[] }).scrape_configs;
  if (config === undefined) throw new Error("found no scrape configuration");
  return config;
}

function endpoint(object = only(monitored("pod-monitor"), "PodMonitor")) {
  const { podMetricsEndpoints } = object.spec as { podMetricsEndpoints: Record<string, unknown>[] };
  return podMetricsEndpoints[0] as Record<string, unknown> & { relabelings: object[]; metricRelabelings: object[] };
}

/** The operator's spelling in Prometheus' own. */
function inSnakeCase(rule: object): object {
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(rule).map(([key, value]) => [snake(key), value]));
}

/** Prometheus' relabelling for rules of the action `replace`. */
function relabel(labels: Record<string, string>, rules: readonly Rule[]): Record<string, string> {
  const now = { ...labels };
  for (const { source_labels = [], regex = "(.*)", target_label, replacement = "$1" } of rules) {
    const match = new RegExp(`^(?:${regex})$`, "s").exec(source_labels.map((label) => now[label] ?? "").join(";"));
    if (match && target_label) now[target_label] = replacement.replace("$1", match[1] ?? "");
  }
  return now;
}

describe("the scrape configuration", () => {
  it("is one that Prometheus takes, but for its discovery, which Debian's build does not hold", () => {
    const { kubernetes_sd_configs: _discovery, ...config } = scrapeConfig();
    const folder = mkdtempSync(`${tmpdir()}/scrape-config-`);
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(`${folder}/prometheus.yml`, stringify({ scrape_configs: [config] }, { lineWidth: 0 }));
    const said = execFileSync(findTool("promtool"), ["check", "config", `${folder}/prometheus.yml`], {
      encoding: "utf8",
    });
    expect(said).toContain("is valid prometheus config file");
  });

  it("looks for sidecars in the opted-in namespaces only", () => {
    const config = scrapeConfig(monitored("scrape-config", { namespaces: ["crawl", "crawl-eu"] }));
    expect(config.kubernetes_sd_configs).toEqual([{ role: "pod", namespaces: { names: ["crawl", "crawl-eu"] } }]);
  });

  it("scrapes every 15 s, asks Envoy for our families and keeps nothing else", () => {
    const { scrape_interval, params, metric_relabel_configs } = scrapeConfig();
    expect([scrape_interval, params]).toEqual(["15s", { filter: ["proxymeter_"] }]);
    expect(metric_relabel_configs).toEqual([
      { source_labels: ["__name__"], regex: "proxymeter_.+", action: "keep" },
      ...metricRelabelRules(),
    ]);
  });

  it.each([
    ["a Deployment's pod", "ReplicaSet", "crawler-5d8f7c9b6d", "5d8f7c9b6d", "crawler"],
    ["a bare ReplicaSet's pod", "ReplicaSet", "crawler-blue", "", "crawler-blue"],
    ["a StatefulSet's pod", "StatefulSet", "crawler", "", "crawler"],
    ["a CronJob's pod", "Job", "nightly-29012345", "", "nightly"],
    ["a bare Job's pod", "Job", "once-42", "", "once-42"],
    ["a bare pod", "", "", "", "crawler-0"],
  ])("names the workload of %s", (_what, kind, controller, hash, workload) => {
    const labels = {
      __meta_kubernetes_pod_name: "crawler-0",
      __meta_kubernetes_namespace: "crawl",
      __meta_kubernetes_pod_controller_kind: kind,
      __meta_kubernetes_pod_controller_name: controller,
      __meta_kubernetes_pod_label_pod_template_hash: hash,
    };
    const rules = scrapeConfig().relabel_configs.filter(({ action = "replace" }) => action === "replace");
    expect(relabel(labels, rules)).toMatchObject({ pod: "crawler-0", namespace: "crawl", workload });
  });
});

describe("the PodMonitor", () => {
  it("says the same as the scrape configuration, in the operator's words", () => {
    const { relabelings, metricRelabelings, ...rest } = endpoint();
    const config = scrapeConfig();
    expect(rest).toEqual({
      port: "http-envoy-prom",
      path: config.metrics_path,
      params: config.params,
      interval: config.scrape_interval,
      scrapeTimeout: config.scrape_timeout,
    });
    expect(metricRelabelings.map(inSnakeCase)).toEqual(config.metric_relabel_configs);
    const workload = config.relabel_configs.filter(({ target_label }) => target_label === "workload");
    const job = { target_label: "job", replacement: config.job_name };
    expect(relabelings.map(inSnakeCase)).toEqual([job, ...workload]);
    expect(only(monitored("pod-monitor"), "PodMonitor").spec).toMatchObject({ sampleLimit: config.sample_limit });
  });

  it("gives way to the scrape configuration where the cluster has no such kind", () => {
    const objects = monitored("pod-monitor", { optionalKinds: new Set() });
    expect(ofKind(objects, "PodMonitor")).toEqual([]);
    expect(scrapeConfig(objects).sample_limit).toBeGreaterThan(0);
  });
});

describe("the manifests in istio/", () => {
  it("relabel as the installer's objects do", () => {
    const written = baseOf<{ data: Record<string, string> }>("51-scrape-config.yaml", "ConfigMap").data;
    const { scrape_configs } = parse(written["proxymeter.yaml"] ?? "") as { scrape_configs: ScrapeConfig[] };
    expect(scrape_configs[0]?.metric_relabel_configs).toEqual(scrapeConfig().metric_relabel_configs);
    expect(endpoint(baseOf("50-pod-monitor.yaml", "PodMonitor"))).toEqual(endpoint());
  });
});

describe("the sample limit", () => {
  it("lies above the worst case by a quarter and grows with vendors and budget", () => {
    const { vendors, limits } = FULL;
    expect(sampleLimit(FULL)).toBeGreaterThanOrEqual(worstCaseSamples(FULL) * 1.25);
    expect(sampleLimit({ vendors, limits: { ...limits, series: 20_000 } })).toBeGreaterThan(sampleLimit(FULL) + 18_000);
    const many = Array.from({ length: 256 }, () => vendors.slice(0, 1)).flat();
    expect(sampleLimit({ vendors: many, limits })).toBeGreaterThan(256 * 200);
  });
});
