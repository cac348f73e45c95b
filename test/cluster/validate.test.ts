// SPDX-License-Identifier: Apache-2.0
/**
 * `proxymeter validate` on a real mesh's Prometheus, which it finds in the cluster: what it says without an oracle, with Envoy's own
 * byte counters as the oracle, with a ledger, and when the books do not balance. The tests follow each other.
 */
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { parse, stringify } from "yaml";
import { Teardown } from "../../demo/teardown.ts";
import * as contract from "../../filter/core/contract.ts";
import { EXTRA_STAT_TAGS } from "../../filter/core/stat-tags.ts";
import { actual, expectBalance, logOnFailure } from "./balance.ts";
import { type Cli, cli, expectSuccess, ISTIO, vendorsFile } from "./cli.ts";
import type { KubeObject } from "./kube.ts";
import { gateway } from "./manifests.ts";
import { CRAWL } from "./objects.ts";
import { until } from "./poll.ts";
import { type ClusterPrometheus, publishPrometheus, renderedScrapeConfig, startPrometheus } from "./prometheus.ts";
import { proxyOf, type Rig, startRig } from "./rig.ts";
import { readTools } from "./tools.ts";

const plane = inject("plane");
const tools = readTools();
const MONITORING: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "monitoring" } };
const PLUGIN: KubeObject = {
  apiVersion: "extensions.istio.io/v1alpha1",
  kind: "WasmPlugin",
  metadata: { name: "proxymeter-network", namespace: CRAWL },
};
/** With the counters of the gateways' clusters, which Istio leaves out by itself. */
const PROXY_CONFIG = {
  extraStatTags: EXTRA_STAT_TAGS,
  proxyStatsMatcher: { inclusionPrefixes: ["cluster.outbound"] },
};
const ENVOY_ORACLE = "Envoy's own byte counters of the gateways' clusters";

interface Verdict {
  readonly id: string;
  readonly state: "PASS" | "FAIL" | "SKIP";
  readonly oracle: string;
  readonly evidence: string[];
  readonly problems: string[];
}

describe("validate", () => {
  const teardown = new Teardown();
  let rig: Rig;
  let proxymeter: Cli;
  let prometheus: ClusterPrometheus;
  const file = vendorsFile("acme", "globex");
  const scrapeConfig = () => renderedScrapeConfig(rig.kube);
  const travel = async (vendor: string, bytes: number) => {
    const tunnel = await rig.open(vendor, "shop-01.example");
    await tunnel.download(bytes);
    await tunnel.upload(bytes / 10);
    await tunnel.close();
  };
  /** Waits until the sample is as wanted, then for two more scrapes: only counters that rest are compared to the byte. */
  const settled = async (expression: string, wanted: number) => {
    const value = async () => (await prometheus.client.query(expression))[0]?.value;
    await until(async () => (await value()) === wanted, { what: `${expression} at ${wanted}` });
    const end = Date.now() + 6000;
    await until(() => Date.now() > end, { what: "two scrapes" });
  };
  const validate = async (...args: readonly string[]) => {
    const { stdout, stderr, exitCode } = await proxymeter("validate", "-o", "json", "--window", "5m", ...args);
    if (!stdout.startsWith("{")) throw new Error(`cannot read the report of validate: ${stderr}`);
    const { checks } = JSON.parse(stdout) as { checks: Verdict[] };
    return { exitCode, byId: new Map(checks.map((check) => [check.id, check])), states: statesOf(checks) };
  };
  /** The mesh's own scrape of sidecars: everything, or all but our families, as docs/checks.md asks for. */
  const meshJob = (config: Record<string, unknown>, rules: object[]) => {
    const { params: _params, metric_relabel_configs: _rules, sample_limit: _limit, ...rest } = config;
    const job = { ...rest, job_name: "istio-sidecars", metric_relabel_configs: rules };
    return stringify({ scrape_configs: [job] }, { lineWidth: 0 });
  };
  const scrapeAlso = async (rules: object[]) => {
    const ours = await scrapeConfig();
    const [config = {}] = (parse(ours) as { scrape_configs: Record<string, unknown>[] }).scrape_configs;
    await prometheus.reload({ scrapeConfigs: { "proxymeter.yaml": ours, "mesh.yaml": meshJob(config, rules) } });
  };

  beforeAll(async () => {
    proxymeter = cli(plane.credentials);
    rig = await startRig(plane, { pod: "crawler-0", proxyConfig: PROXY_CONFIG });
    teardown.add(() => rig.close());
    await publishPrometheus(rig.kube, MONITORING.metadata.name);
    teardown.add(() => rig.kube.remove(MONITORING));
    const image = rig.registry.publish(rig.filter).url;
    const args = ["-f", file, "--image", image, "--namespaces", CRAWL, "--monitor", "scrape-config"];
    expectSuccess(await proxymeter("install", ...args, ...ISTIO, "-y"));
    const scrapeConfigs = { "proxymeter.yaml": await scrapeConfig() };
    prometheus = await startPrometheus({ tools, plane, kube: rig.kube }, { scrapeConfigs });
    await until(async () => (await prometheus.client.targets())[0]?.health === "up", { what: "the pod scraped" });
  });
  afterAll(async () => {
    await prometheus?.close();
    await proxymeter("uninstall", "-y");
    await teardown.run();
  });
  beforeEach((context) => logOnFailure(context, rig));

  it("finds Prometheus in the cluster, passes A to D, and gives the books no PASS without an oracle", async () => {
    await travel("acme", 200_000);
    await travel("globex", 100_000);
    await expectBalance(rig, "globex");
    await settled(`sum(${contract.VENDOR_REQUESTS}{proxy_vendor="globex"})`, 1);
    const { exitCode, states, byId } = await validate("-f", file);
    expect(states).toEqual({ A: "PASS", B: "PASS", C: "PASS", D: "PASS", books: "SKIP" });
    expect(exitCode).toBe(3);
    expect(byId.get("books")?.problems.join()).toContain("no oracle: Prometheus has neither istio_tcp_*_bytes_total");
  });

  it("fails A to D while a job of the mesh scrapes our families too", async () => {
    await scrapeAlso([]);
    const jobs = `count(count by (job) (${contract.INFO}))`;
    await settled(jobs, 2);
    const { exitCode, states, byId } = await validate("-f", file);
    expect(states).toMatchObject({ A: "FAIL", B: "FAIL", C: "FAIL", D: "FAIL" });
    expect(exitCode).toBe(1);
    expect(byId.get("A")?.problems.join()).toContain(`${CRAWL}/crawler-0`);
  });

  it("passes the books by Envoy's own counters of the gateways' clusters, to the byte", async () => {
    await scrapeAlso([{ source_labels: ["__name__"], regex: "proxymeter_.+", action: "drop" }]);
    await settled(`count(count by (job) (${contract.INFO}))`, 1);
    await travel("acme", 300_000);
    await travel("globex", 150_000);
    await settled(`sum(${contract.VENDOR_REQUESTS}{proxy_vendor="globex"})`, 2);
    const { exitCode, states, byId } = await validate("-f", file);
    const { oracle, evidence = [] } = byId.get("books") ?? {};
    console.log(evidence.join("\n"));
    expect(states).toEqual({ A: "PASS", B: "PASS", C: "PASS", D: "PASS", books: "PASS" });
    expect({ exitCode, oracle }).toEqual({ exitCode: 0, oracle: ENVOY_ORACLE });
    expect(evidence.join()).toContain("2 pairs of pod and vendor agree to the byte");
  });

  it("passes the books and the doubled rate by the ledger of a load that it makes itself", {
    timeout: 120_000,
  }, async () => {
    const { address, port, username, password } = proxyOf("acme");
    const authority = `${plane.directory}/sites.pem`;
    writeFileSync(authority, rig.ca);
    const proxy = `acme=http://${username}:${password}@${address}:${port}`;
    const load = ["--proxy", proxy, "--url", "https://shop-02.example/bytes?size=2000", "--rate", "10"];
    const more = ["--duration", "5s", "--ca", authority];
    const { exitCode, states, byId } = await validate(
      "--vendors",
      "acme",
      "--loadgen",
      "--scale",
      "--",
      ...load,
      ...more,
    );
    const { oracle, evidence = [], problems } = byId.get("books") ?? {};
    console.log([...evidence, ...(byId.get("scale")?.evidence ?? [])].join("\n"));
    expect(problems).toEqual([]);
    expect(states).toEqual({ A: "PASS", B: "PASS", C: "PASS", D: "PASS", books: "PASS", scale: "PASS" });
    expect({ exitCode, oracle }).toEqual({ exitCode: 0, oracle: "loadgen's ledger of its own sockets" });
  });

  it("fails the books, and only them, when a gateway's traffic goes past the filter", async () => {
    const { address, port } = gateway("globex");
    const body = JSON.stringify({ spec: { match: [{ mode: "CLIENT", ports: [{ number: gateway("acme").port }] }] } });
    const path = `/apis/extensions.istio.io/v1alpha1/namespaces/${CRAWL}/wasmplugins/${PLUGIN.metadata.name}`;
    await rig.kube.call("PATCH", path, body, "application/merge-patch+json");
    await until(async () => !(await listener(rig, `${address}_${port}`)).includes("proxymeter"), {
      what: "a listener of globex without the filter",
    });
    const before = actual(rig, "globex").receivedBytes;
    await travel("globex", 70_000);
    const passed = actual(rig, "globex").receivedBytes - before;
    await travel("acme", 10_000);
    const requests = actual(rig, "acme").requests;
    await settled(`sum(${contract.VENDOR_REQUESTS}{proxy_vendor="acme"})`, requests);
    const { exitCode, states, byId } = await validate("-f", file);
    const { problems = [], evidence = [] } = byId.get("books") ?? {};
    console.log([...problems, ...evidence].join("\n"));
    expect(states).toEqual({ A: "PASS", B: "PASS", C: "PASS", D: "PASS", books: "FAIL" });
    expect(exitCode).toBe(1);
    expect(problems.join()).toContain("globex");
    expect(problems.join()).not.toContain("acme");
    expect(passed).toBeGreaterThan(70_000);
  });
});

function statesOf(checks: readonly Verdict[]): Record<string, string> {
  return Object.fromEntries(checks.map(({ id, state }) => [id, state]));
}

/** What Envoy runs under that name now, as JSON. */
async function listener({ sidecar }: Rig, name: string): Promise<string> {
  const dump = await sidecar.admin("/config_dump?resource=dynamic_listeners");
  const { configs } = JSON.parse(dump) as { configs: { name: string; active_state?: object }[] };
  return JSON.stringify(configs.find((one) => one.name === name)?.active_state ?? "proxymeter: not there");
}
