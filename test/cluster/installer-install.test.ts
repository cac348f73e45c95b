// SPDX-License-Identifier: Apache-2.0
/**
 * `proxymeter install` as a user calls it, on a crawler pod that runs all along and is never restarted.
 * The tests follow each other: each begins with what the one before left.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { VENDOR_REQUESTS } from "../../filter/core/contract.ts";
import { differences, dump } from "./api-dump.ts";
import { actual, expectBalance, logOnFailure } from "./balance.ts";
import type { Books } from "./books.ts";
import { type Cli, cli, expectSuccess, ISTIO, type InstallDocument, vendorsFile, uninstallAll } from "./cli.ts";
import { matching, type Sample, sum } from "./counters.ts";
import { keepBusy, type Tunnel } from "./crawler.ts";
import { lostCounters } from "./growth.ts";
import { type Rig, startRig } from "./rig.ts";

const plane = inject("plane");
/** Envoy itself instead of the agent, and past the API server. */
const ENVOY_METRICS = "http://{ip}:15090/stats/prometheus";
const OPTIONS = [...ISTIO, "-y", "-o", "json"];
/** A custom section that every engine skips: id 0, its length, the length of its name, its name, one byte. */
const EXTRA_SECTION = Buffer.from([0, 4, 2, 0x70, 0x6d, 1]);

describe("a running crawler pod", () => {
  let rig: Rig;
  let proxymeter: Cli;
  let start: Record<string, unknown>;
  let image: string;
  let envoy: number;
  let unmetered: Books;
  let tunnel: Tunnel;
  let before: Sample[];

  beforeAll(async () => {
    rig = await startRig(plane, { pod: "crawler-0" });
    proxymeter = cli(plane.credentials);
    image = rig.registry.publish(rig.filter).url;
    envoy = rig.sidecar.envoyPid();
    start = await dump(rig.kube);
  });
  afterAll(async () => {
    await uninstallAll(proxymeter, rig.kube);
    await rig.close();
  });
  beforeEach((context) => logOnFailure(context, rig));

  const install = async (...args: readonly string[]): Promise<InstallDocument> => {
    const result = await proxymeter("install", ...OPTIONS, ...args);
    expectSuccess(result);
    return JSON.parse(result.stdout) as InstallDocument;
  };
  /** Runs `work` while the tunnel carries bytes. */
  const whileBusy = async <T>(work: () => Promise<T>): Promise<T> => {
    const stop = new AbortController();
    const busy = keepBusy(tunnel, stop.signal);
    const result = await work();
    stop.abort();
    expect(await busy).toBeGreaterThan(0);
    expect(tunnel.isOpen()).toBe(true);
    return result;
  };

  it("has nothing changed around it by --dry-run, which shows the plan", async () => {
    const args = ["-f", vendorsFile("acme"), "--image", image, "--namespaces", "crawl", ...ISTIO, "--dry-run"];
    const result = await proxymeter("install", ...args);
    expectSuccess(result);
    expect(result.stdout).toContain("+ WasmPlugin crawl/proxymeter-network");
    expect(differences(start, await dump(rig.kube))).toEqual([]);
  });

  it("is not metered while its namespace has no label", async () => {
    const { pods } = await install("-f", vendorsFile("acme"), "--image", image);
    const other = await rig.open("acme", "shop-01.example");
    await other.download(10_000);
    await other.close();
    expect(await rig.samples()).toEqual([]);
    expect(pods).toBeUndefined();
    unmetered = actual(rig, "acme");
  });

  it("is metered from its first CONNECT after the installation, equal to the relay, without a restart", async () => {
    const { pods } = await install("-f", vendorsFile("acme"), "--namespaces", "crawl");
    expect(pods).toMatchObject({ metered: 1 });
    tunnel = await rig.open("acme", "shop-02.example");
    await tunnel.download(500_000);
    await tunnel.upload(50_000);
    await expectBalance(rig, "acme", unmetered);
    expect(rig.sidecar.envoyPid()).toBe(envoy);
  });

  it("has nothing written around it by the same installation again", async () => {
    const versions = await dump(rig.kube, { hasVersions: true });
    const { isChanged, effects } = await install("-f", vendorsFile("acme"));
    expect({ isChanged, effects }).toEqual({ isChanged: false, effects: [] });
    expect(differences(versions, await dump(rig.kube, { hasVersions: true }))).toEqual([]);
  });

  it("has traffic to an undeclared gateway metered as that of an unknown vendor", async () => {
    const requests = async () => sum(await rig.samples(), VENDOR_REQUESTS, { proxy_vendor: "unknown" });
    expect(await requests()).toBe(0);
    const undeclared = await rig.open("globex", "shop-03.example");
    await undeclared.download(20_000);
    await undeclared.close();
    await expect.poll(requests, { timeout: 10_000 }).toBe(1);
  });

  it("loses no tunnel and no counter when a vendor is added", async () => {
    await expectBalance(rig, "acme", unmetered);
    before = await rig.samples();
    const { effects } = await whileBusy(() =>
      install("-f", vendorsFile("acme", "globex"), "--metrics-from", ENVOY_METRICS),
    );
    expect(effects).toEqual([]);
    await expectBalance(rig, "acme", unmetered);
    expect(lostCounters(before, await rig.samples())).toEqual([]);
  });

  it("has the vendor that was added metered to the byte", async () => {
    const earlier = actual(rig, "globex");
    const fresh = await rig.open("globex", "shop-04.example");
    await fresh.download(100_000);
    await fresh.close();
    await expectBalance(rig, "globex", earlier);
  });

  it("loses no tunnel and no counter when a new module comes", async () => {
    before = await rig.samples();
    const next = rig.registry.publish(Buffer.concat([rig.filter, EXTRA_SECTION])).url;
    const { effects } = await whileBusy(() => install("-f", vendorsFile("acme", "globex"), "--image", next));
    expect(effects).toEqual([]);
    await expectBalance(rig, "acme", unmetered);
    expect(lostCounters(before, await rig.samples())).toEqual([]);
    expect(matching(await rig.samples(), "proxymeter_info", { digest: next.replace(/.*@/, "") })).toHaveLength(1);
    await tunnel.close();
  });
});
