// SPDX-License-Identifier: Apache-2.0
/**
 * A pod's Envoy that also counts by cluster, as with Istio's `proxyStatsMatcher`, and a Prometheus that scrapes both kinds of
 * counters: the filter's and Envoy's own. Makes no load.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sidecarBootstrap } from "../../../demo/envoy/bootstrap.ts";
import { startEnvoy } from "../../../demo/envoy/envoy.ts";
import { makePlugin } from "../../../demo/envoy/plugin.ts";
import { findFilter } from "../../../demo/paths.ts";
import { crawlerPods } from "../../../demo/pod.ts";
import { prometheusConfig } from "../../../demo/prometheus/config.ts";
import { startPrometheus } from "../../../demo/prometheus/prometheus.ts";
import { Teardown } from "../../../demo/teardown.ts";
import { startTopology } from "../../../demo/topology.ts";
import { clusterName, proxyUrl, usernameFor, type Vendor } from "../../../demo/vendors.ts";

export interface CountedRig {
  /** URL of Prometheus. */
  prometheus: string;
  /** PEM of the root certificate of the sites. */
  ca: string;
  folder: string;
  /** Address of a vendor's proxy through Envoy. */
  proxy(vendor: Vendor): string;
  stop(): Promise<void>;
}

export async function startCountedRig(vendors: readonly Vendor[], hosts: readonly string[]): Promise<CountedRig> {
  const teardown = new Teardown();
  const { signal } = new AbortController();
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-counted-"));
  teardown.add(() => rmSync(folder, { recursive: true, force: true }));
  const pods = crawlerPods(1);
  const topology = { pods, vendors, hosts, resetShare: 0, seed: 1, teardown, onError: console.error };
  const { ca, links } = await startTopology(topology);
  const routes = links.map(({ vendor, port }) => ({
    cluster: clusterName(vendor),
    upstream: { host: "127.0.0.1", port },
  }));
  const [pod] = pods;
  if (pod === undefined) throw new Error("no pod");
  const process = {
    folder,
    signal,
    onChild: (child: { stop(): Promise<unknown> }) => teardown.add(() => child.stop()),
  };
  const bootstrap = sidecarBootstrap({ pod, routes, plugin: makePlugin(findFilter(), vendors) });
  const envoy = await startEnvoy({
    ...process,
    name: pod.name,
    bootstrap: countingClusters(bootstrap),
    concurrency: 1,
  });
  const config = scrapingClusters(prometheusConfig([{ pod, address: envoy.admin }]));
  const { url } = await startPrometheus({ ...process, config, port: 0 });
  const proxy = (vendor: Vendor) =>
    proxyUrl(vendor, envoy.ports.get(clusterName(vendor)) ?? 0, usernameFor(vendor, "residential", "de"));
  return { prometheus: url, ca, folder, proxy, stop: () => teardown.run() };
}

/** Istio ends the names of clusters in stats with a semicolon, which its tag expression needs. */
function countingClusters(bootstrap: ReturnType<typeof sidecarBootstrap>) {
  const { stats_config, static_resources } = bootstrap;
  const patterns = [...stats_config.stats_matcher.inclusion_list.patterns, { prefix: "cluster.outbound" }];
  const clusters = static_resources.clusters.map((cluster) => ({ ...cluster, alt_stat_name: `${cluster.name};` }));
  return {
    ...bootstrap,
    stats_config: { ...stats_config, stats_matcher: { inclusion_list: { patterns } } },
    static_resources: { ...static_resources, clusters },
  };
}

function scrapingClusters(config: ReturnType<typeof prometheusConfig>) {
  const keep = "proxymeter_.+|envoy_cluster_upstream_cx_[rt]x_bytes_total";
  return {
    ...config,
    scrape_configs: config.scrape_configs.map((job) => ({
      ...job,
      metric_relabel_configs: job.metric_relabel_configs.map((rule) =>
        "action" in rule ? { ...rule, regex: keep } : rule,
      ),
    })),
  };
}
