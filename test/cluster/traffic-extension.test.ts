// SPDX-License-Identifier: Apache-2.0
/**
 * A cluster that serves TrafficExtension but not WasmPlugin, on an API server and an istiod of its own: `install` chooses that
 * kind by what the server has, a sidecar meters with it, and `uninstall` leaves nothing.
 * The tests follow each other: each begins with what the one before left.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { VENDOR_REQUESTS } from "../../filter/core/contract.ts";
import { differences, dump } from "./api-dump.ts";
import { actual, expectBalance, logOnFailure } from "./balance.ts";
import type { Books } from "./books.ts";
import { type Cli, cli, expectSuccess, foundBy, ISTIO, type InstallDocument, vendorsFile } from "./cli.ts";
import { sum } from "./counters.ts";
import { keepBusy } from "./crawler.ts";
import { type EmptyCluster, startEmptyCluster, XDS } from "./empty-cluster.ts";
import { readObjects } from "./kube.ts";
import { CRAWL, MESH_OBJECTS } from "./objects.ts";
import { until } from "./poll.ts";
import { type Rig, startRig } from "./rig.ts";
import { readTools } from "./tools.ts";

const tools = readTools();
const plane = inject("plane");
const ENVOY_METRICS = "http://{ip}:15090/stats/prometheus";
const DEFINITIONS = readObjects(readFileSync(tools.definitions, "utf8")).filter(
  ({ metadata }) => metadata.name !== "wasmplugins.extensions.istio.io",
);

describe("a cluster with TrafficExtension and without WasmPlugin", () => {
  let cluster: EmptyCluster;
  let rig: Rig;
  let proxymeter: Cli;
  let start: Record<string, unknown>;
  let image: string;
  let unmetered: Books;

  beforeAll(async () => {
    cluster = await startEmptyCluster(tools, plane.directory);
    cluster.startControllers();
    const { kube } = cluster;
    await Promise.all(DEFINITIONS.map((definition) => kube.apply(definition)));
    await until(async () => (await kube.call("GET", "/apis/telemetry.istio.io/v1")) !== undefined, {
      what: "Istio's kinds served",
    });
    await kube.apply(...MESH_OBJECTS);
    await cluster.startIstiod({});
    rig = await startRig(cluster, { pod: "crawler-0", xdsAddress: XDS, drainSeconds: 4 });
    proxymeter = cli(cluster.credentials);
    image = rig.registry.publish(rig.filter).url;
    start = await dump(kube);
  });
  afterAll(async () => {
    await rig?.close();
    await cluster?.close();
  });
  beforeEach((context) => logOnFailure(context, rig));

  const install = async (...args: readonly string[]): Promise<InstallDocument> => {
    const result = await proxymeter("install", "-y", "-o", "json", "--image", image, ...ISTIO, ...args);
    expectSuccess(result);
    return JSON.parse(result.stdout) as InstallDocument;
  };

  it("is not found wanting by check --pre", async () => {
    const looked = await proxymeter("check", "--pre", "-f", vendorsFile("acme"), "-o", "json", ...ISTIO);
    expect(Object.keys(foundBy(looked)).filter((id) => /kinds|extension|rights/.test(id))).toEqual([]);
  });

  it("gets the plugin as TrafficExtension, and its running pod shows the filter", async () => {
    unmetered = actual(rig, "acme");
    const { steps, pods } = await install("-f", vendorsFile("acme"), "--namespaces", CRAWL);
    expect(steps.map(({ kind }) => kind)).toContain("TrafficExtension");
    expect(steps.map(({ kind }) => kind)).not.toContain("WasmPlugin");
    expect(pods).toMatchObject({ metered: 1 });
  });

  it("has a CONNECT metered to the byte, equal to the relay", async () => {
    const tunnel = await rig.open("acme", "shop-01.example");
    await tunnel.download(500_000);
    await tunnel.upload(50_000);
    await tunnel.close();
    await expectBalance(rig, "acme", unmetered);
  });

  it("has undeclared gateways metered by the catch-all", async () => {
    const requests = async () => sum(await rig.samples(), VENDOR_REQUESTS, { proxy_vendor: "unknown" });
    const undeclared = await rig.open("globex", "shop-02.example");
    await undeclared.download(20_000);
    await undeclared.close();
    await expect.poll(requests, { timeout: 10_000 }).toBe(1);
  });

  it("has a vendor added without a tunnel cut, and metered to the byte", async () => {
    const tunnel = await rig.open("acme", "shop-03.example");
    const stop = new AbortController();
    const busy = keepBusy(tunnel, stop.signal);
    const vendors = ["-f", vendorsFile("acme", "globex"), "--metrics-from", ENVOY_METRICS];
    expect((await install(...vendors)).effects).toEqual([]);
    stop.abort();
    expect(await busy).toBeGreaterThan(0);
    expect(tunnel.isOpen()).toBe(true);
    const earlier = actual(rig, "globex");
    const fresh = await rig.open("globex", "shop-04.example");
    await fresh.download(100_000);
    await fresh.close();
    await expectBalance(rig, "globex", earlier);
    await tunnel.close();
    await expectBalance(rig, "acme", unmetered);
  });

  it("has nothing changed by the same installation again, and the plugin known to status", async () => {
    expect((await install("-f", vendorsFile("acme", "globex"))).isChanged).toBe(false);
    const { stdout } = await proxymeter("status", "-o", "json");
    expect(stdout).toContain(image.replace(/^.*@/, ""));
  });

  it("is in order for check, as far as kinds, plugins and proxies go", async () => {
    const looked = await proxymeter("check", "-f", vendorsFile("acme", "globex"), "-o", "json", ...ISTIO);
    const { groups } = JSON.parse(looked.stdout) as { groups: { checks: { id: string; status: string }[] }[] };
    const statuses = Object.fromEntries(groups.flatMap(({ checks }) => checks.map(({ id, status }) => [id, status])));
    const about = ["istio-kinds", "plugins-present", "digest-pinned", "fail-open", "vendors-current", "modules-run"];
    expect(about.map((id) => [id, statuses[id]])).toEqual(about.map((id) => [id, "pass"]));
  });

  it("keeps nothing after uninstall", async () => {
    expectSuccess(await proxymeter("uninstall", "-y"));
    expect(differences(start, await dump(cluster.kube))).toEqual([]);
  });
});
