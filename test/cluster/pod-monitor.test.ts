// SPDX-License-Identifier: Apache-2.0
/**
 * The rendered PodMonitor and PrometheusRule before a real prometheus-operator: they are selected, what the operator makes of them is
 * a configuration that Prometheus takes, and a pod is scraped with the labels that the rules ask for. The tests follow each other.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { parse, stringify } from "yaml";
import { Teardown } from "../../demo/teardown.ts";
import * as contract from "../../filter/core/contract.ts";
import { JOB, VENDOR_RECEIVED_RATE } from "../../grafana/recorded.ts";
import { RECORDING_GROUPS } from "../../grafana/rules/files.ts";
import type { Report } from "../../installer/checks/run.ts";
import { actual, logOnFailure } from "./balance.ts";
import { type Cli, cli, expectSuccess, ISTIO, vendorsFile } from "./cli.ts";
import type { KubeObject } from "./kube.ts";
import { CRAWL } from "./objects.ts";
import { type Operator, startOperator } from "./operator.ts";
import { until } from "./poll.ts";
import { type ClusterPrometheus, hurried, startPrometheus } from "./prometheus.ts";
import { type Rig, startRig } from "./rig.ts";
import { readTools } from "./tools.ts";

const plane = inject("plane");
const tools = readTools();
const MONITORING: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "monitoring" } };

const CHECKS = ["prometheus-found", "monitor-selected", "targets-up", "pods-report", "scraped-once", "heartbeat"];

interface ScrapeConfig {
  readonly job_name: string;
  readonly sample_limit: number;
  readonly kubernetes_sd_configs: readonly { readonly namespaces: { readonly names: readonly string[] } }[];
}

describe("the rendered PodMonitor", () => {
  const teardown = new Teardown();
  let rig: Rig;
  let proxymeter: Cli;
  let operator: Operator;
  let prometheus: ClusterPrometheus;
  const scrapeConfigs = async () => {
    const text = await operator.configuration();
    return ((parse(text ?? "{}") as { scrape_configs?: ScrapeConfig[] }).scrape_configs ?? []) as ScrapeConfig[];
  };

  beforeAll(async () => {
    proxymeter = cli(plane.credentials);
    rig = await startRig(plane, { pod: "crawler-0" });
    teardown.add(() => rig.close());
    await rig.kube.apply(MONITORING);
    teardown.add(() => rig.kube.remove(MONITORING));
    operator = await startOperator({ tools, plane, kube: rig.kube }, MONITORING.metadata.name);
    teardown.add(operator.close);
  });
  afterAll(async () => {
    await prometheus?.close();
    await proxymeter("uninstall", "-y");
    await teardown.run();
  });
  beforeEach((context) => logOnFailure(context, rig));

  it("is installed by itself where the cluster has the kind, and selected by the operator", async () => {
    const image = rig.registry.publish(rig.filter).url;
    const args = ["-f", vendorsFile("acme"), "--image", image, "--namespaces", CRAWL, ...ISTIO, "-y"];
    expectSuccess(await proxymeter("install", ...args));
    const [config] = await until(async () => (await scrapeConfigs()).length > 0 && (await scrapeConfigs()), {
      what: "a scrape configuration written by the operator",
    });
    expect(config).toMatchObject({
      job_name: "podMonitor/proxymeter/proxymeter/0",
      kubernetes_sd_configs: [{ role: "pod", namespaces: { names: [CRAWL] } }],
    });
    expect(config?.sample_limit).toBeGreaterThan(1000);
  });

  it("makes Prometheus scrape the pod, with the job and the labels that the rules ask for", async () => {
    const text = hurried(stringify({ scrape_configs: await scrapeConfigs() }, { lineWidth: 0 }));
    const written = await until(async () => Object.entries(await operator.rules()).length > 0 && operator.rules(), {
      what: "rule files written by the operator",
    });
    const rules = Object.fromEntries(Object.entries(written).map(([name, rule]) => [name, hurried(rule)]));
    const files = { scrapeConfigs: { "operator.yaml": text }, rules };
    prometheus = await startPrometheus({ tools, plane, kube: rig.kube }, files);
    const tunnel = await rig.open("acme", "imgcache.shop.example");
    await tunnel.download(100_000);
    await tunnel.close();
    const query = `${contract.RECEIVED_BYTES}{job="${JOB}",destination_host="imgcache.shop.example"}`;
    const wanted = actual(rig, "acme").receivedBytes;
    const sample = await until(
      async () => (await prometheus.client.query(query)).find(({ value }) => value === wanted),
      {
        what: "the bytes of the relay in Prometheus",
        detail: async () => JSON.stringify(await prometheus.client.targets()),
      },
    );
    expect(sample.labels).toEqual({
      ...{ __name__: contract.RECEIVED_BYTES, job: JOB, instance: "10.244.0.5:15090", endpoint: "http-envoy-prom" },
      ...{ namespace: CRAWL, pod: "crawler-0", workload: "crawler-0", container: "istio-proxy" },
      ...{ proxy_vendor: "acme", proxy_pool: "residential", destination_host: "imgcache.shop.example" },
      protocol: "connect",
    });
  });

  it("comes with rules that the operator hands to Prometheus, every one of which can be evaluated", async () => {
    const tunnel = await rig.open("acme", "shop-01.example");
    await tunnel.download(100_000);
    await tunnel.close();
    const received = `${VENDOR_RECEIVED_RATE}{${contract.LABEL_VENDOR}="acme"}`;
    const rate = async () => (await prometheus.client.query(received))[0]?.value ?? 0;
    await until(async () => (await rate()) > 0, { what: "the recorded rate of acme" });
    const rules = async () => (await prometheus.client.rules()).flatMap((group) => group.rules);
    await until(async () => (await rules()).every(({ health }) => health !== "unknown"), {
      what: "all rules evaluated",
    });
    const all = await rules();
    expect(all.filter(({ health }) => health !== "ok")).toEqual([]);
    const written = RECORDING_GROUPS.flatMap((group) => group.rules.map(({ record }) => record));
    const names = new Set(all.map(({ name }) => name));
    expect(written.filter((name) => !names.has(name))).toEqual([]);
    console.log(`rules that the operator wrote and Prometheus evaluated: ${all.length}`);
  });

  it("passes the checks of what Prometheus selects and scrapes", async () => {
    const { stdout } = await proxymeter("check", "-o", "json", "--prometheus", prometheus.url, ...ISTIO);
    const { groups } = JSON.parse(stdout) as Pick<Report, "groups">;
    const checks = groups.flatMap((group) => group.checks).filter(({ id }) => CHECKS.includes(id));
    expect(Object.fromEntries(checks.map(({ id, status }) => [id, status]))).toEqual(
      Object.fromEntries(CHECKS.map((id) => [id, "pass"])),
    );
  });
});
