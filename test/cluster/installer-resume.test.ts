// SPDX-License-Identifier: Apache-2.0
/**
 * An installation of 200 gateways before 1,000 pods: how long it takes, and what becomes of it when the API server is killed meanwhile.
 * The server is started anew, so later files go on with it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { readRecord } from "../../installer/install/record.ts";
import { startApiserver } from "./apiserver.ts";
import { type Cli, cli, expectSuccess, ISTIO, largeVendorsFile } from "./cli.ts";
import { Kube, type KubeObject } from "./kube.ts";
import { startNamespaceController } from "./namespace-controller.ts";
import { startManySidecars } from "./many-sidecars.ts";
import { CRAWL } from "./objects.ts";
import { until } from "./poll.ts";
import { readTools } from "./tools.ts";

const { directory, credentials } = inject("plane");
const GATEWAYS = 200;
const PODS = 1000;
const IMAGE = `oci://registry.example/proxymeter@sha256:${"0".repeat(64)}`;
const ENTRIES = `/apis/networking.istio.io/v1/namespaces/${CRAWL}/serviceentries`;
const PLUGIN: KubeObject = {
  apiVersion: "extensions.istio.io/v1alpha1",
  kind: "WasmPlugin",
  metadata: { name: "proxymeter-network", namespace: CRAWL },
};

interface PluginConfig {
  release: string;
  digest: string;
  config_hash: string;
}

/** Far above what was measured, so that a slow machine passes, and far below what a user would not wait for. */
const LONGEST_SECONDS = 60;

/** Process id of the API server; in this namespace of processes there is only one. */
function apiserverPid(): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const found = pids.find((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "kube-apiserver");
  if (found === undefined) throw new Error("cannot find the process of kube-apiserver");
  return Number(found);
}

describe("a large installation", () => {
  let kube: Kube;
  let proxymeter: Cli;
  const file = largeVendorsFile(GATEWAYS);
  const install = () =>
    proxymeter("install", "-f", file, "--image", IMAGE, "--namespaces", CRAWL, "--wait", "0", "-y", ...ISTIO);
  const entries = async () => ((await kube.call("GET", ENTRIES)) as { items: unknown[] }).items.length;
  const uninstall = async () => {
    const controller = startNamespaceController(kube);
    const result = await proxymeter("uninstall", "-y");
    await controller.close();
    return result;
  };
  const timed = async (what: string, work: () => ReturnType<Cli>) => {
    const begin = performance.now();
    const result = await work();
    const seconds = (performance.now() - begin) / 1000;
    console.log(`${what}, ${GATEWAYS} gateways, ${PODS} pods: ${seconds.toFixed(1)} s`);
    expectSuccess(result);
    expect(seconds).toBeLessThan(LONGEST_SECONDS);
    return result;
  };

  beforeAll(() => {
    kube = new Kube(credentials);
    proxymeter = cli(credentials);
  });
  afterAll(async () => {
    await uninstall();
    await kube.call("DELETE", `/api/v1/namespaces/${CRAWL}/pods?gracePeriodSeconds=0`);
    await kube.close();
  });

  it("is broken off when the API server dies, and says what was applied and how to go on", async () => {
    const running = install();
    const hasEntries = until(async () => (await entries()) >= 10, { what: "the first gateways", intervalMs: 5 });
    const early = await Promise.race([running, hasEntries]);
    // Fails here where the program ended before, with what it said.
    if (typeof early === "object") expectSuccess(early);
    process.kill(apiserverPid(), "SIGKILL");
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(1);
    expect(stderr).toContain("cannot finish the installation: cannot reach the API server");
    expect(stderr).toMatch(
      /until then it created Namespace proxymeter, recorded what it is going to do, .*and \d+ more/,
    );
    expect(stderr).toContain("run the same command again: it goes on from there");
  });

  it("is finished by the same command, and changes nothing after that", { timeout: 120_000 }, async () => {
    await startApiserver(readTools().apiserver, directory, credentials);
    const before = await entries();
    expect(before).toBeGreaterThanOrEqual(10);
    expect(before).toBeLessThan(GATEWAYS);
    const { stdout } = await install();
    expect(stdout).toMatch(/Plan: \d+ to create/);
    expect(stdout).toMatch(/= \d+ objects unchanged/);
    expect(await entries()).toBe(GATEWAYS);
    expect((await readRecord({ read: (reference) => kube.get({ ...reference }) }, "proxymeter"))?.state).toBe(
      "applied",
    );
    expect((await install()).stderr).toContain("nothing to change");
  });

  it("is planned, applied and removed in bounded time", { timeout: 300_000 }, async () => {
    expectSuccess(await uninstall());
    expect(await entries()).toBe(0);
    const sidecars = await startManySidecars(kube, PODS);
    const { stdout } = await timed("install", install);
    expect(stdout).toContain(`in ${PODS} running pods of namespace ${CRAWL}`);
    await timed("the same again", install);
    const { spec } = await kube.get<{ spec: { pluginConfig: PluginConfig } }>(PLUGIN);
    const { release, digest, config_hash: configHash } = spec.pluginConfig;
    sidecars.run({ release, digest, configHash });
    const status = await timed("status", () => proxymeter("status"));
    expect(status.stdout).toContain(`${PODS}/${PODS} are metered`);
    expect(sidecars.answers()).toBe(PODS);
    await sidecars.close();
    await timed("uninstall", uninstall);
  });
});
