// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about what the local rig configures: a pod's Envoy, the plugin in it, and Prometheus.
 */
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sidecarBootstrap } from "../../../demo/envoy/bootstrap.ts";
import { listenerPorts } from "../../../demo/envoy/envoy.ts";
import { networkPlugin } from "../../../demo/envoy/plugin.ts";
import { statsConfig } from "../../../demo/envoy/stats.ts";
import { crawlerPods } from "../../../demo/pod.ts";
import { prometheusConfig } from "../../../demo/prometheus/config.ts";
import { clusterName, VENDORS } from "../../../demo/vendors.ts";
import { EXTRA_STAT_TAGS } from "../../../filter/core/stat-tags.ts";

const [pod] = crawlerPods(1) as [ReturnType<typeof crawlerPods>[number]];
const routes = VENDORS.map((vendor, index) => ({
  cluster: clusterName(vendor),
  upstream: { host: "127.0.0.1", port: 5000 + index },
}));
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "proxymeter-test-"));
  writeFileSync(join(folder, "module.wasm"), "module");
});
afterAll(() => rm(folder, { recursive: true }));

describe("sidecarBootstrap", () => {
  it("has a listener on a free port and a cluster named as Istio does for each vendor", () => {
    const { listeners, clusters } = sidecarBootstrap({ pod, routes }).static_resources;
    expect(listeners.map(({ address }) => address.socket_address)).toEqual([
      { address: "127.0.0.1", port_value: 0 },
      { address: "127.0.0.1", port_value: 0 },
    ]);
    expect(clusters.map(({ name }) => name)).toEqual([
      "outbound|8080||gw.acme.example",
      "outbound|3128||gw.globex.example",
    ]);
  });

  it("puts the plugin before the TCP proxy, and nothing there without one", () => {
    const plugin = networkPlugin(join(folder, "module.wasm"), VENDORS);
    const filters = (settings: Parameters<typeof sidecarBootstrap>[0]) =>
      sidecarBootstrap(settings).static_resources.listeners[0]?.filter_chains[0]?.filters.map(({ name }) => name);
    expect(filters({ pod, routes, plugin })).toEqual(["proxymeter-network", "envoy.filters.network.tcp_proxy"]);
    expect(filters({ pod, routes })).toEqual(["envoy.filters.network.tcp_proxy"]);
  });

  it("tells the filter the pod and its stat tags by node metadata", () => {
    expect(sidecarBootstrap({ pod, routes }).node.metadata).toEqual({
      NAME: "crawler-0",
      NAMESPACE: "crawl",
      LABELS: { app: "crawler" },
      PROXY_CONFIG: { extraStatTags: EXTRA_STAT_TAGS },
    });
  });
});

describe("networkPlugin", () => {
  it("describes every vendor by its gateway, and the module by its digest", () => {
    const { configuration } = networkPlugin(join(folder, "module.wasm"), VENDORS);
    const parsed = JSON.parse(configuration);
    expect(parsed.vendors[0]).toMatchObject({ name: "acme", gateways: [{ host: "gw.acme.example", port: 8080 }] });
    expect(parsed.digest).toBe("sha256:120970d812836f19888625587a4606a5ad23cef31c8684e601771552548fc6b9");
  });

  it("holds no username and no password", () => {
    const { configuration } = networkPlugin(join(folder, "module.wasm"), VENDORS);
    for (const { username, password } of VENDORS) {
      expect(configuration).not.toContain(username);
      expect(configuration).not.toContain(password);
    }
  });
});

describe("statsConfig", () => {
  it("puts the extra tags between Istio's own, each cut at its separators", () => {
    const names = statsConfig(["proxy_vendor"]).stats_tags.map(({ tag_name: name }) => name);
    expect(names.slice(8, 11)).toEqual(["mongo_prefix", "proxy_vendor", "cache"]);
    const [tag] = statsConfig(["proxy_vendor"]).stats_tags.slice(9);
    const match = new RegExp(tag?.regex ?? "").exec("wasmcustom.proxy_vendor=.=acme;.;proxymeter_info");
    expect(match?.slice(1)).toEqual(["proxy_vendor=.=acme;.;", "acme"]);
  });
});

describe("prometheusConfig", () => {
  const [scrape] = prometheusConfig([{ address: "127.0.0.1:9901", pod }]).scrape_configs;

  it("labels each target with its pod and namespace", () => {
    expect(scrape?.static_configs).toEqual([
      { targets: ["127.0.0.1:9901"], labels: { pod: "crawler-0", namespace: "crawl" } },
    ]);
  });

  it("keeps our families only and removes the labels that Istio's tags invent", () => {
    const [keep, ...removals] = scrape?.metric_relabel_configs ?? [];
    expect(keep).toMatchObject({ action: "keep", regex: "proxymeter_.+" });
    expect(removals.map((rule) => "target_label" in rule && rule.target_label)).toEqual([
      ...["cache", "component", "tag", "wasm_filter"],
    ]);
    expect(removals.every((rule) => "replacement" in rule && rule.replacement === "")).toBe(true);
  });
});

describe("listenerPorts", () => {
  it("reads each listener's port, and none from an Envoy without listeners", () => {
    const status = { name: "a", local_address: { socket_address: { address: "127.0.0.1", port_value: 1234 } } };
    expect([...listenerPorts(JSON.stringify({ listener_statuses: [status] }))]).toEqual([["a", 1234]]);
    expect(listenerPorts("{}").size).toBe(0);
  });
});
