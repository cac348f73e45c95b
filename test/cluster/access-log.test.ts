// SPDX-License-Identifier: Apache-2.0
/**
 * Istio's access log with our fields, by `install --with-access-log`: the provider in the mesh configuration, what a real sidecar
 * then writes, what it replaces, and out again. The tests follow each other: each begins with what the one before left.
 */
import { once } from "node:events";
import http from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { listen } from "../../loadgen/listener.ts";
import { answer } from "../../loadgen/site/routes.ts";
import { ACCESS_LOG, ACCESS_LOG_PROVIDER } from "../../installer/objects/access-log.ts";
import { differences, dump } from "./api-dump.ts";
import { actual, logOnFailure } from "./balance.ts";
import { since } from "./books.ts";
import { type Cli, cli, expectSuccess, foundBy, ISTIO, type InstallDocument, written } from "./cli.ts";
import { keepBusy, type Tunnel } from "./crawler.ts";
import type { KubeObject } from "./kube.ts";
import { gateway } from "./manifests.ts";
import { type NamespaceController, startNamespaceController } from "./namespace-controller.ts";
import { CRAWL } from "./objects.ts";
import { until } from "./poll.ts";
import { type Rig, startRig } from "./rig.ts";

const plane = inject("plane");
const DRAIN_SECONDS = 4;
const STAYS_MS = (DRAIN_SECONDS + 4) * 1000;
const MESH_PATH = "/api/v1/namespaces/istio-system/configmaps/istio";
const MESH: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "istio", namespace: "istio-system" },
};
const HOST = "api-1.example";
const entry = (vendor: string, more: string) => {
  const { address, port } = gateway(vendor);
  return `  - name: ${vendor}
    gateways: [{host: gw.${vendor}.example, addresses: [${address}], ports: [${port}]${more}}]
    username: {separator: "-", pool: zone}
`;
};
/** One vendor with a proxy, and one that is used as an HTTP API. */
const VENDORS = `apiVersion: proxymeter.io/v1
vendors:
${entry("acme", "")}${entry("initech", ", mode: http")}`;
const TELEMETRY: KubeObject = {
  apiVersion: "telemetry.istio.io/v1",
  kind: "Telemetry",
  metadata: { name: "proxymeter", namespace: CRAWL },
};

interface Document extends InstallDocument {
  readonly accessLog?: readonly string[];
}

/** An ordinary server. */
async function startApi() {
  return { host: "127.0.0.1" as const, ...(await listen(http.createServer(answer))) };
}

async function ask(vendor: string, path: string): Promise<number | undefined> {
  const { address: host, port } = gateway(vendor);
  const headers = { host: HOST, "x-proxy-vendor": vendor };
  const [response] = (await once(http.get({ host, port, path, headers, agent: false }), "response")) as [
    http.IncomingMessage,
  ];
  response.resume();
  await once(response, "end");
  return response.statusCode;
}

type Line = Readonly<Record<string, string | number>>;

describe("an access log of a sidecar", () => {
  let rig: Rig;
  let proxymeter: Cli;
  let controller: NamespaceController;
  let image: string;
  let vendors: string;
  let original: string;
  let start: Record<string, unknown>;

  const mesh = async () => (await rig.kube.get<{ data: { mesh: string } }>(MESH)).data.mesh;
  const writeMesh = (text: string) =>
    rig.kube.call("PATCH", MESH_PATH, JSON.stringify({ data: { mesh: text } }), "application/merge-patch+json");
  const logging = async () =>
    (await rig.kube.get<{ spec: { accessLogging?: { providers: { name: string }[] }[] } }>(TELEMETRY)).spec
      .accessLogging;

  beforeAll(async () => {
    vendors = written(VENDORS);
    rig = await startRig(plane, { pod: "crawler-0", drainSeconds: DRAIN_SECONDS, gateways: { initech: startApi } });
    proxymeter = cli(plane.credentials);
    controller = startNamespaceController(rig.kube);
    image = rig.registry.publish(rig.filter).url;
    original = await mesh();
    await writeMesh(JSON.stringify({ ...JSON.parse(original), accessLogFile: "/dev/stdout" }));
    start = await dump(rig.kube);
  });
  afterAll(async () => {
    await proxymeter("uninstall", "-y");
    await writeMesh(original);
    await controller.close();
    await rig.close();
  });
  beforeEach((context) => logOnFailure(context, rig));

  const run = async (command: string, ...args: readonly string[]): Promise<Document> => {
    const result = await proxymeter(command, "-y", "-o", "json", ...args);
    expectSuccess(result);
    return JSON.parse(result.stdout) as Document;
  };
  const install = (...args: readonly string[]) => run("install", "--image", image, ...ISTIO, "-f", vendors, ...args);

  const log = () => rig.sidecar.daemon.log(100_000).split("\n");
  /** Lines of ours; pilot-agent and Envoy write text. */
  const lines = (): Line[] =>
    log().flatMap((text) => (text.startsWith("{") && text.includes('"access_log_type"') ? [JSON.parse(text)] : []));
  /** Istio's usual format, for connections to this gateway. */
  const inherited = (vendor: string) => {
    const { address, port } = gateway(vendor);
    return log().filter((text) => text.startsWith("[") && text.includes(`"${address}:${port}"`));
  };
  const visit = async (vendor: string, host: string) => {
    const tunnel = await rig.open(vendor, host);
    await tunnel.download(50_000);
    await tunnel.upload(5000);
    await tunnel.close();
  };
  /** Whether the tunnel is still open after the change and the drain time, while it carries bytes. */
  const survives = async (tunnel: Tunnel, change: () => Promise<unknown>): Promise<boolean> => {
    const stop = new AbortController();
    const busy = keepBusy(tunnel, stop.signal);
    await change();
    const end = Date.now() + STAYS_MS;
    await until(() => Date.now() > end, { what: "the end of the drain time", timeoutMs: STAYS_MS + 5000 });
    stop.abort();
    await busy;
    return tunnel.isOpen();
  };

  it("is that of the mesh unless ours is asked for", async () => {
    await install("--namespaces", CRAWL);
    expect(await logging()).toBeUndefined();
    expect(JSON.parse(await mesh())).not.toHaveProperty("extensionProviders");
    await visit("acme", "shop-01.example");
    await expect.poll(() => inherited("acme").length, { timeout: 15_000 }).toBeGreaterThan(0);
    expect(lines()).toEqual([]);
  });

  it("is refused where the mesh configuration may not be edited", async () => {
    const args = ["-f", vendors, ...ISTIO, "-y", "--with-access-log", "--stat-tags", "none"];
    const { exitCode, stderr } = await proxymeter("install", ...args);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(ACCESS_LOG_PROVIDER) });
  });

  it("is announced by the plan: what it replaces, and that all open connections are cut", async () => {
    const before = await dump(rig.kube, { hasVersions: true });
    const { effects, accessLog } = await install("--with-access-log", "--dry-run");
    expect(effects).toMatchObject([{ namespace: CRAWL, pods: 1, scope: "all" }]);
    expect(accessLog?.join()).toContain("instead of the mesh's accessLogFile /dev/stdout");
    expect(differences(before, await dump(rig.kube, { hasVersions: true }))).toEqual([]);
  });

  it("comes by one edit of the mesh configuration and one of the Telemetry, and cuts what the plan said", async () => {
    const tunnel = await rig.open("acme", "shop-02.example");
    expect(await survives(tunnel, () => install("--with-access-log"))).toBe(false);
    expect(JSON.parse(await mesh())).toMatchObject({ extensionProviders: [ACCESS_LOG] });
    expect(await logging()).toEqual([{ match: { mode: "CLIENT" }, providers: [{ name: ACCESS_LOG_PROVIDER }] }]);
    expect((await install()).isChanged).toBe(false);
  });

  it("has a line for a metered CONNECT: vendor, pool, destination, outcome, and the relay's bytes", async () => {
    const [before, earlier] = [actual(rig, "acme"), inherited("acme").length];
    await visit("acme", "shop-03.example");
    const isOf = (line: Line) => line.destination_host === "shop-03.example";
    await expect.poll(() => lines().filter(isOf).length, { timeout: 15_000 }).toBe(1);
    const { sentBytes, receivedBytes } = since(actual(rig, "acme"), before);
    const { address, port } = gateway("acme");
    expect(lines().find(isOf)).toMatchObject({
      ...{ proxy_vendor: "acme", proxy_pool: "residential", outcome: "ok", access_log_type: "TcpConnectionEnd" },
      ...{ bytes_received: sentBytes, bytes_sent: receivedBytes, upstream_host: `${address}:${port}` },
    });
    expect(inherited("acme")).toHaveLength(earlier);
  });

  it("has a line for a request that the sidecar itself routes, without its path", async () => {
    expect(await ask("initech", "/bytes?size=1000&token=t0ken")).toBe(200);
    const isOf = (line: Line) => line.proxy_vendor === "initech";
    await expect.poll(() => lines().filter(isOf).length, { timeout: 15_000 }).toBe(1);
    expect(lines().find(isOf)).toMatchObject({
      ...{ method: "GET", authority: HOST, response_code: 200, destination_host: HOST, outcome: "ok" },
    });
    expect(JSON.stringify(lines())).not.toContain("t0ken");
  });

  it("has lines for undeclared gateways, too", async () => {
    await visit("globex", "shop-04.example");
    const isOf = (line: Line) => line.destination_host === "shop-04.example";
    await expect.poll(() => lines().filter(isOf).length, { timeout: 15_000 }).toBe(1);
    expect(lines().find(isOf)).toMatchObject({ proxy_vendor: "unknown", upstream_cluster: "PassthroughCluster" });
  });

  it("holds no password", () => {
    expect(lines().filter((line) => JSON.stringify(line).includes("secret"))).toEqual([]);
  });

  it("stays when it is no longer wanted, and cuts nothing, until it is drained", async () => {
    const tunnel = await rig.open("acme", "shop-02.example");
    const isOpen = await survives(tunnel, async () => {
      expect((await install("--without-access-log")).effects).toEqual([]);
    });
    expect({ isOpen, logging: await logging() }).toMatchObject({ isOpen: true, logging: [{}] });
    expect(JSON.parse(await mesh())).toMatchObject({ extensionProviders: [ACCESS_LOG] });
    const isLeft = await survives(tunnel, async () => {
      expect((await install("--drain")).effects).toMatchObject([{ scope: "all" }]);
    });
    expect({ isLeft, logging: await logging() }).toEqual({ isLeft: false, logging: undefined });
    expect(JSON.parse(await mesh())).not.toHaveProperty("extensionProviders");
    const earlier = inherited("acme").length;
    await visit("acme", "shop-01.example");
    await expect.poll(() => inherited("acme").length, { timeout: 15_000 }).toBeGreaterThan(earlier);
  });

  it("leaves nothing behind after uninstall", async () => {
    await install("--with-access-log");
    await run("uninstall");
    expect(differences(start, await dump(rig.kube))).toEqual([]);
  });

  it("counts alone where somebody brings a Telemetry later, and check names that one", async () => {
    await install("--namespaces", CRAWL, "--with-access-log");
    const theirs = { ...TELEMETRY, metadata: { name: "theirs", namespace: CRAWL }, spec: {} };
    await rig.kube.apply(theirs);
    const looked = await proxymeter("check", "-f", vendors, "-o", "json", ...ISTIO);
    await rig.kube.remove(theirs);
    expect(foundBy(looked)["telemetry-in-force"]).toContain(
      `Telemetry ${CRAWL}/theirs has no selector either and is younger`,
    );
  });

  it("is missed by check when an upgrade of Istio has lost the provider, and comes back by the same installation", async () => {
    const { extensionProviders: _lost, ...upgraded } = JSON.parse(await mesh());
    await writeMesh(JSON.stringify(upgraded));
    const looked = await proxymeter("check", "-f", vendors, "-o", "json", ...ISTIO);
    expect(foundBy(looked)["access-log"]).toContain(`Telemetry ${CRAWL}/proxymeter names ${ACCESS_LOG_PROVIDER}`);
    const { effects } = await install();
    expect(effects).toMatchObject([{ namespace: CRAWL, scope: "all" }]);
    expect(JSON.parse(await mesh())).toMatchObject({ extensionProviders: [ACCESS_LOG] });
    await run("uninstall");
    expect(JSON.parse(await mesh())).toEqual({ ...JSON.parse(original), accessLogFile: "/dev/stdout" });
  });
});
