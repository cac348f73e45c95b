// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about what the local rig configures: a pod's Envoy, the plugin in it, and Prometheus.
 */
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Route, sidecarBootstrap } from "../../../demo/envoy/bootstrap.ts";
import { listenerPorts } from "../../../demo/envoy/envoy.ts";
import { makePlugin } from "../../../demo/envoy/plugin.ts";
import { statsConfig } from "../../../demo/envoy/stats.ts";
import { crawlerPods } from "../../../demo/pod.ts";
import { prometheusConfig } from "../../../demo/prometheus/config.ts";
import { clusterName, GATEWAY_VENDORS, VENDORS } from "../../../demo/vendors.ts";
import { metricRelabelRules } from "../../../filter/core/relabel.ts";
import { EXTRA_STAT_TAGS } from "../../../filter/core/stat-tags.ts";

const [pod] = crawlerPods(1) as [ReturnType<typeof crawlerPods>[number]];
const routes = GATEWAY_VENDORS.map((vendor, index) => ({
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
    const anyPort = { address: "127.0.0.1", port_value: 0 };
    expect(listeners.map(({ address }) => address.socket_address)).toEqual([anyPort, anyPort, anyPort]);
    expect(clusters.map(({ name }) => name)).toEqual([
      "outbound|8080||gw.acme.example",
      "outbound|3128||gw.globex.example",
      "outbound|1080||gw.initech.example",
    ]);
  });

  it("puts the plugin before the TCP proxy, and nothing there without one", () => {
    const plugin = makePlugin(join(folder, "module.wasm"), VENDORS);
    const filters = (settings: Parameters<typeof sidecarBootstrap>[0]) =>
      sidecarBootstrap(settings).static_resources.listeners[0]?.filter_chains[0]?.filters.map(({ name }) => name);
    expect(filters({ pod, routes, plugin })).toEqual(["proxymeter-network", "envoy.filters.network.tcp_proxy"]);
    expect(filters({ pod, routes })).toEqual(["envoy.filters.network.tcp_proxy"]);
  });

  it("puts the network plugin before Envoy's own HTTP on an HTTP chain, and the HTTP plugin before the router", () => {
    const plugin = makePlugin(join(folder, "module.wasm"), VENDORS);
    const route = {
      cluster: "outbound|80||api.initech-api.example",
      upstream: { host: "127.0.0.1", port: 5009 },
      chain: "http",
    };
    const [listener] = sidecarBootstrap({ pod, routes: [route as Route], plugin }).static_resources.listeners;
    const [network, manager] = listener?.filter_chains[0]?.filters ?? [];
    expect(network?.name).toBe("proxymeter-network");
    expect(manager?.typed_config).toMatchObject({
      http_filters: [
        {
          name: "proxymeter-http",
          typed_config: { config: { root_id: "proxymeter_http", failure_policy: "FAIL_OPEN" } },
        },
        { name: "envoy.filters.http.router" },
      ],
    });
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

describe("makePlugin", () => {
  it("describes every vendor by its gateway, and the module by its digest", () => {
    const { configuration } = makePlugin(join(folder, "module.wasm"), VENDORS);
    const parsed = JSON.parse(configuration);
    expect(parsed.vendors[0]).toMatchObject({ name: "acme", gateways: [{ host: "gw.acme.example", port: 8080 }] });
    expect(parsed.digest).toBe("sha256:120970d812836f19888625587a4606a5ad23cef31c8684e601771552548fc6b9");
  });

  it("knows a vendor without a gateway by its name alone", () => {
    const { configuration } = makePlugin(join(folder, "module.wasm"), VENDORS);
    expect(JSON.parse(configuration).vendors[3]).toEqual({ name: "initech-api" });
  });

  it("holds no password", () => {
    const { configuration } = makePlugin(join(folder, "module.wasm"), VENDORS);
    for (const { password } of GATEWAY_VENDORS) expect(configuration).not.toContain(password);
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

  it("labels each target with its pod, namespace and workload", () => {
    expect(scrape?.static_configs).toEqual([
      { targets: ["127.0.0.1:9901"], labels: { pod: "crawler-0", namespace: "crawl", workload: "crawler" } },
    ]);
  });

  it("keeps our families only, before they get the names and labels of the contract", () => {
    const [keep, ...rules] = scrape?.metric_relabel_configs ?? [];
    expect(keep).toMatchObject({ action: "keep", regex: "proxymeter_.+" });
    expect(rules).toEqual(metricRelabelRules());
  });
});

describe("listenerPorts", () => {
  it("reads each listener's port, and none from an Envoy without listeners", () => {
    const status = { name: "a", local_address: { socket_address: { address: "127.0.0.1", port_value: 1234 } } };
    expect([...listenerPorts(JSON.stringify({ listener_statuses: [status] }))]).toEqual([["a", 1234]]);
    expect(listenerPorts("{}").size).toBe(0);
  });
});
