// SPDX-License-Identifier: Apache-2.0
/**
 * `proxymeter install` to what a Prometheus shows: it has the rendered scrape configuration and rights and nothing else, finds a pod
 * that ran before the installation, and the same pod again after its restart, with the full labels and at another address.
 * The tests follow each other: each begins with what the one before left.
 */
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { parse, stringify } from "yaml";
import { Teardown } from "../../demo/teardown.ts";
import * as contract from "../../filter/core/contract.ts";
import { EXTRA_STAT_TAGS } from "../../filter/core/stat-tags.ts";
import * as recorded from "../../grafana/recorded.ts";
import { GROWTHS } from "../../grafana/rules/recording/growths.ts";
import { PODS } from "../../grafana/rules/recording/pods.ts";
import { TARGETS } from "../../grafana/rules/recording/targets.ts";
import { VENDORS } from "../../grafana/rules/recording/vendors.ts";
import { actual, logOnFailure } from "./balance.ts";
import { type Books, meteredBooks, since } from "./books.ts";
import { type Cli, cli, expectSuccess, ISTIO, vendorsFile } from "./cli.ts";
import { matching, type Sample } from "./counters.ts";
import { INJECT_LABEL, injectedProxyConfig, injectedSidecar, startInjector } from "./injector.ts";
import { Kube, type KubeObject } from "./kube.ts";
import { CRAWL, POD_LABELS } from "./objects.ts";
import { until } from "./poll.ts";
import {
  accountToken,
  type ClusterPrometheus,
  hurried,
  INTERVAL_SECONDS,
  renderedScrapeConfig,
  startPrometheus,
} from "./prometheus.ts";
import { type Rig, startRig } from "./rig.ts";
import { type Sidecar, startSidecar } from "./sidecar.ts";
import { readTools } from "./tools.ts";

const plane = inject("plane");
const tools = readTools();
const POD = "crawler-0";
const WORKLOAD = "crawler";
const FIRST_ADDRESS = "10.244.0.5";
const SECOND_ADDRESS = "10.244.0.6";
/** A pod of a StatefulSet, which keeps its name over a restart, before the webhook has seen it. */
const WRITTEN: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: POD,
    namespace: CRAWL,
    labels: { ...POD_LABELS, ...INJECT_LABEL },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: WORKLOAD, uid: "0", controller: true }],
  },
  spec: { serviceAccountName: "crawler", nodeName: "node-0", containers: [{ name: "crawler", image: "crawler:dev" }] },
};
const RULES = hurried(stringify({ groups: [TARGETS, VENDORS, PODS, GROWTHS] }, { lineWidth: 0 }));
/** What a sample has from the scrape; the rest is the filter's. */
const OF_TARGET = ["job", "instance", "namespace", "pod", "workload"];

describe("a Prometheus with the rendered configuration and rights", () => {
  const teardown = new Teardown();
  let rig: Rig;
  let proxymeter: Cli;
  let prometheus: ClusterPrometheus;
  let restarted: Sidecar;
  let unmetered: Books;
  let firstSeen: number;
  const args = ["-f", vendorsFile("acme", "globex"), "--monitor", "scrape-config", ...ISTIO, "-y"];
  const install = async (...more: readonly string[]) => expectSuccess(await proxymeter("install", ...args, ...more));
  const scrapeConfig = () => renderedScrapeConfig(rig.kube);
  /** Every sample of ours in Prometheus, of targets that are gone too. */
  const samples = async (selector = ""): Promise<Sample[]> => {
    const expression = `last_over_time({__name__=~"proxymeter_.+",job="${recorded.JOB}"${selector}}[1h])`;
    return (await prometheus.client.query(expression)).map(
      ({ labels: { __name__: metric = "", ...labels }, value }) => {
        return { metric, labels, value };
      },
    );
  };
  const scalar = async (expression: string) => (await prometheus.client.query(expression))[0]?.value ?? 0;
  const metered = async (vendor: string) => meteredBooks(await samples(), vendor);
  const expectBooks = async (vendor: string) => {
    const isEqual = async () => isDeepStrictEqual(await metered(vendor), since(actual(rig, vendor), unmetered));
    await until(isEqual, { what: "equal books", timeoutMs: 15_000 }).catch(() => undefined);
    expect(await metered(vendor)).toEqual(since(actual(rig, vendor), unmetered));
  };
  const travel = async (vendor: string, host: string, bytes: number) => {
    const tunnel = await rig.open(vendor, host);
    await tunnel.download(bytes);
    await tunnel.upload(bytes / 10);
    await tunnel.close();
  };
  const isScraped = async (address: string, encoding: string) => {
    const info = matching(await samples(`,instance="${address}:15090"`), contract.INFO, { encoding });
    return info.some(({ value }) => value === 1);
  };

  beforeAll(async () => {
    const kube = new Kube(plane.credentials);
    teardown.add(() => kube.close());
    const injector = await startInjector({ tools, plane, kube });
    teardown.add(injector.close);
    proxymeter = cli(plane.credentials);
    rig = await startRig(plane, { pod: POD, written: WRITTEN });
    teardown.add(() => rig.close());
  });
  afterAll(async () => {
    await prometheus?.close();
    await restarted?.stop();
    await proxymeter("uninstall", "-y");
    await teardown.run();
  });
  beforeEach((context) => {
    logOnFailure(context, rig);
    context.onTestFailed(() => console.error(prometheus?.daemon.log(20)));
  });

  it("has nothing to scrape while no namespace has the label, and the pod is not metered", async () => {
    expect((await injectedProxyConfig(rig.kube, WRITTEN)).extraStatTags).toBeUndefined();
    await install("--image", rig.registry.publish(rig.filter).url);
    await travel("acme", "shop-01.example", 10_000);
    expect(await rig.samples()).toEqual([]);
    await expect(scrapeConfig()).rejects.toThrow(/404/);
    unmetered = actual(rig, "acme");
  });

  it("finds the pod that ran before the installation, and has its first CONNECT to the byte", async () => {
    const envoy = rig.sidecar.envoyPid();
    await install("--namespaces", CRAWL);
    const files = { scrapeConfigs: { "proxymeter.yaml": await scrapeConfig() }, rules: { "rules.yaml": RULES } };
    prometheus = await startPrometheus({ tools, plane, kube: rig.kube }, files);
    await until(() => isScraped(FIRST_ADDRESS, contract.ENCODING_BUILTIN), { what: "the pod in Prometheus" });
    firstSeen = Date.now() / 1000;
    await travel("acme", "shop-02.example", 500_000);
    await expectBooks("acme");
    expect(Object.keys((await metered("acme")).destinations)).toEqual(["shop-02.example"]);
    expect(rig.sidecar.envoyPid()).toBe(envoy);
  });

  it("finds pods by rights that end at the namespaces with the label", async () => {
    const token = await accountToken(rig.kube);
    const prometheusAccount = new Kube({ ...plane.credentials, token });
    const statusOf = async (path: string) =>
      prometheusAccount.call("GET", path).then(
        () => 200,
        (error: Error) => Number(/: (\d+) /.exec(error.message)?.[1]),
      );
    const paths = [`/api/v1/namespaces/${CRAWL}/pods`, "/api/v1/namespaces/default/pods", "/api/v1/pods"];
    expect(await Promise.all(paths.map(statusOf))).toEqual([200, 403, 403]);
    expect(await statusOf(`/api/v1/namespaces/${CRAWL}/secrets`)).toBe(403);
    await prometheusAccount.close();
  });

  it("has the pod's place, vendor, pool, country and destination before its restart, and no label by accident", async () => {
    await travel("acme", "imgcache.shop.example", 1000);
    await travel("acme", "pricetag.shop.example", 1000);
    await expectBooks("acme");
    const [requests] = matching(await samples(), contract.REQUESTS, { destination_host: "imgcache.shop.example" });
    expect(requests?.labels).toEqual({
      ...{ job: recorded.JOB, instance: `${FIRST_ADDRESS}:15090`, namespace: CRAWL, pod: POD, workload: WORKLOAD },
      ...{ proxy_vendor: "acme", proxy_pool: "residential", destination_host: "imgcache.shop.example" },
      ...{ protocol: "connect", response_code: "200" },
    });
    expect(matching(await samples(), contract.COUNTRY_SENT_BYTES, { proxy_country: "de" })).toHaveLength(1);
    expect(await foreignLabels()).toEqual([]);
  });

  it("has the full labels after the pod's restart, which the webhook gave our stat tags", async () => {
    await rig.sidecar.stop();
    // Both addresses are on one interface here, so the new sidecar would answer for the old address too, while that is a target.
    const old = `up{instance="${FIRST_ADDRESS}:15090"}`;
    await until(async () => (await prometheus.client.query(old)).length === 0, { what: "the old target gone" });
    restarted = await startSidecar(
      { tools, plane, kube: rig.kube },
      { pod: POD, written: WRITTEN, address: SECOND_ADDRESS },
    );
    expect((await injectedProxyConfig(rig.kube, WRITTEN)).extraStatTags).toEqual(EXTRA_STAT_TAGS);
    const { ports } = await injectedSidecar(rig.kube, WRITTEN);
    expect(ports).toContainEqual(expect.objectContaining({ name: "http-envoy-prom", containerPort: 15_090 }));
    await until(() => isScraped(SECOND_ADDRESS, contract.ENCODING_FULL), { what: "the new pod in Prometheus" });
    await travel("acme", "shop-03.example", 200_000);
    await travel("acme", "pricetag.shop.example", 1000);
    await expectBooks("acme");
    const wanted = { destination_host: "pricetag.shop.example", instance: `${SECOND_ADDRESS}:15090` };
    const [requests] = matching(await samples(), contract.REQUESTS, wanted);
    expect(requests?.labels).toEqual({
      ...{ job: recorded.JOB, instance: `${SECOND_ADDRESS}:15090`, namespace: CRAWL, pod: POD, workload: WORKLOAD },
      ...{ proxy_vendor: "acme", proxy_pool: "residential", destination_host: "pricetag.shop.example" },
      ...{ protocol: "connect", protocol_version: "1.1", response_code: "200", outcome: "ok" },
    });
    expect(await foreignLabels()).toEqual([]);
  });

  it("has one recorded series of the pod over its restart, without a gap, and with nothing twice", {
    timeout: 240_000,
  }, async () => {
    const selector = `{proxy_vendor="acme",pod="${POD}"}`;
    const carried = since(actual(rig, "acme"), unmetered);
    for (const [rate, increase, bytes] of [
      [recorded.POD_SENT_RATE, recorded.POD_SENT_INCREASE, "sentBytes"],
      [recorded.POD_RECEIVED_RATE, recorded.POD_RECEIVED_INCREASE, "receivedBytes"],
    ] as const) {
      // Rates count one target of a pod at a time: the new one when the old one has been silent for a minute.
      const part = async () => ((await scalar(`${rate}${selector}`)) * 300) / carried[bytes];
      await until(async () => (await part()) > 0.95, { what: `both targets in ${rate}`, timeoutMs: 90_000 });
      const end = Date.now() / 1000;
      const begin = firstSeen + 5 * INTERVAL_SECONDS;
      const series = await prometheus.client.queryRange(`${rate}${selector}`, {
        start: begin,
        end,
        step: INTERVAL_SECONDS,
      });
      expect(series.map(({ labels }) => labels)).toEqual([
        { __name__: rate, namespace: CRAWL, pod: POD, workload: WORKLOAD, proxy_vendor: "acme" },
      ]);
      const there = new Set(series[0]?.points.map(([time]) => Math.round((time - begin) / INTERVAL_SECONDS)));
      const steps = Array.from({ length: Math.floor((end - begin) / INTERVAL_SECONDS) + 1 }, (_, step) => step);
      expect(steps.filter((step) => !there.has(step))).toEqual([]);
      // A rate extrapolates; a growth does not. It looks at the five minutes that ended a minute before.
      await until(async () => (await scalar(`${increase}${selector}`)) === carried[bytes], {
        what: `${carried[bytes]} bytes in ${increase}`,
        timeoutMs: 90_000,
      });
    }
  });

  it("counts nothing twice in the rules for a second job that scrapes the same pod", async () => {
    const ours = await scrapeConfig();
    const [config] = (parse(ours) as { scrape_configs: Record<string, unknown>[] }).scrape_configs;
    const { params: _params, metric_relabel_configs: _rules, ...other } = config ?? {};
    const second = stringify({ scrape_configs: [{ ...other, job_name: "istio-sidecars" }] }, { lineWidth: 0 });
    await prometheus.reload({
      scrapeConfigs: { "proxymeter.yaml": ours, "other.yaml": second },
      rules: { "rules.yaml": RULES },
    });
    const jobs = `count(count by (job) (${contract.INFO}{pod="${POD}"}))`;
    await until(async () => (await scalar(jobs)) === 2, { what: "two jobs" });
    const tunnel = await rig.open("globex", "shop-01.example");
    await tunnel.download(10_000);
    const vendor = `{${contract.LABEL_VENDOR}="globex"}`;
    const raw = `sum(${contract.ACTIVE_CONNECTIONS}${vendor})`;
    await until(async () => (await scalar(raw)) === 2, { what: "the connection in both jobs" });
    await until(async () => (await scalar(`${recorded.VENDOR_ACTIVE_CONNECTIONS}${vendor}`)) === 1, {
      what: "it once",
    });
    const both = `sum(rate(${contract.VENDOR_RECEIVED_BYTES}${vendor}[5m]))`;
    const share = `${recorded.VENDOR_RECEIVED_RATE}${vendor} / on () ${both}`;
    await until(async () => Math.abs((await scalar(share)) - 0.5) < 0.1, {
      what: "half of the sum of both jobs",
    });
    await tunnel.close();
  });

  it("is never above the rendered sample limit, whatever crawlers ask for; one sample less would lose all", async () => {
    const ours = await scrapeConfig();
    const [config] = (parse(ours) as { scrape_configs: { sample_limit: number }[] }).scrape_configs;
    const limit = config?.sample_limit ?? 0;
    for (let at = 0; at < 800; at += 40) {
      const hosts = Array.from({ length: 40 }, (_, index) => `flood-${at + index}.example`);
      await Promise.all(hosts.map((host) => rig.open("acme", host).catch(() => undefined)));
    }
    const overflow = `max(${contract.DESTINATIONS_OVERFLOW}{job="${recorded.JOB}"})`;
    await until(async () => (await scalar(overflow)) > 0, { what: "destinations beyond the limit" });
    const kept = await scalar(`max(scrape_samples_post_metric_relabeling{job="${recorded.JOB}"})`);
    console.log(`samples of a pod after 800 destinations: ${kept}, limit ${limit}`);
    expect(kept).toBeGreaterThan(100);
    expect(kept).toBeLessThan(limit);
    expect(await scalar(`min(up{job="${recorded.JOB}"})`)).toBe(1);
    const tight = ours.replace(`sample_limit: ${limit}`, `sample_limit: ${kept - 1}`);
    await prometheus.reload({ scrapeConfigs: { "proxymeter.yaml": tight } });
    await until(async () => (await prometheus.client.targets())[0]?.lastError.includes("sample limit exceeded"), {
      what: "a scrape that fails as a whole",
    });
  });

  /** Labels that neither the scrape nor docs/metrics.md has; `le` is a histogram's. */
  async function foreignLabels(): Promise<string[]> {
    const ours = Object.entries(contract).flatMap(([name, text]) => (name.startsWith("LABEL_") ? [text] : []));
    const known = new Set<unknown>([...ours, ...OF_TARGET, "le"]);
    const found = (await samples()).flatMap(({ labels }) => Object.keys(labels));
    return [...new Set(found)].filter((name) => !known.has(name));
  }
});
