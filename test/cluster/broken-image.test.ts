// SPDX-License-Identifier: Apache-2.0
/**
 * An installation whose module cannot run: crawlers go on as if nothing were there, `check` says why, a good module mends it.
 * The tests follow each other: each begins with what the one before left.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { actual, expectBalance, logOnFailure } from "./balance.ts";
import { type Cli, type CliResult, cli, expectSuccess, foundBy, ISTIO, vendorsFile, uninstallAll } from "./cli.ts";
import { gateway } from "./manifests.ts";
import { type Rig, startRig } from "./rig.ts";

const plane = inject("plane");
/** Longer than pilot-agent takes to give a module up. */
const WAIT = "8s";
const LISTENER = `${gateway("acme").address}_${gateway("acme").port}::`;
const NO_MODULE = Buffer.from("this is no WebAssembly");

describe("an installed module", () => {
  let rig: Rig;
  let proxymeter: Cli;
  const vendors = vendorsFile("acme");
  const missing = () => rig.registry.publish(rig.filter).url.replace(/[0-9a-f]{64}$/, "0".repeat(64));
  const install = (image: string, ...args: readonly string[]): Promise<CliResult> =>
    proxymeter("install", "-f", vendors, "--image", image, "--namespaces", "crawl", ...ISTIO, "-y", ...args);
  const check = async () => foundBy(await proxymeter("check", "-f", vendors, ...ISTIO, "-o", "json"));

  beforeAll(async () => {
    rig = await startRig(plane, { pod: "crawler-0" });
    proxymeter = cli(plane.credentials);
  });
  afterAll(async () => {
    await uninstallAll(proxymeter, rig.kube);
    await rig.close();
  });
  beforeEach((context) => logOnFailure(context, rig));

  /** Through a declared gateway and through one that only the catch-all sees. */
  const expectTraffic = async () => {
    for (const vendor of ["acme", "globex"]) {
      const before = actual(rig, vendor).receivedBytes;
      const tunnel = await rig.open(vendor, "shop-01.example");
      await tunnel.download(50_000);
      await tunnel.upload(5000);
      await tunnel.close();
      expect(actual(rig, vendor).receivedBytes - before).toBeGreaterThan(50_000);
    }
  };

  it("that the registry lacks is what install says no pod shows", async () => {
    const { exitCode, stderr } = await install(missing(), "--wait", WAIT);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/warning: .*no manifest/);
    expect(stderr).toContain("its sidecar shows no filter");
  });

  it("that the registry lacks lets traffic pass unmetered, through both kinds of gateway", async () => {
    await expectTraffic();
    expect(await rig.samples()).toEqual([]);
    expect(await rig.sidecar.admin("/listeners")).toContain(LISTENER);
  });

  it("that the registry lacks is named by check", async () => {
    const found = await check();
    expect(found["image-reachable"]).toMatch(/^fail: .*0000.*no manifest/);
    expect(found).toHaveProperty("modules-run");
  });

  it("that is no WebAssembly lets traffic pass unmetered", async () => {
    const { exitCode } = await install(rig.registry.publish(NO_MODULE).url, "--wait", WAIT);
    expect(exitCode).toBe(1);
    await expectTraffic();
    expect(await rig.samples()).toEqual([]);
  });

  it("that is no WebAssembly is there for check, which says that no pod runs it", async () => {
    const found = await check();
    expect(found).not.toHaveProperty("image-reachable");
    expect(found["modules-run"]).toContain("crawl/crawler-0");
  });

  it("that is good meters again, to the byte, without a restart", async () => {
    const envoy = rig.sidecar.envoyPid();
    const unmetered = actual(rig, "acme");
    expectSuccess(await install(rig.registry.publish(rig.filter).url));
    await expectTraffic();
    await expectBalance(rig, "acme", unmetered);
    expect(rig.sidecar.envoyPid()).toBe(envoy);
    expect(await check()).not.toHaveProperty("modules-run");
  });

  it("that is good cuts no tunnel when the next one is missing, which ends the metering of what comes then", async () => {
    const tunnel = await rig.open("acme", "shop-02.example");
    expect((await install(missing(), "--wait", WAIT)).exitCode).toBe(1);
    await tunnel.download(50_000);
    await tunnel.upload(5000);
    expect(tunnel.isOpen()).toBe(true);
    await tunnel.close();
    await expectTraffic();
    await expect.poll(() => rig.samples(), { timeout: 10_000 }).toEqual([]);
    expect((await check())["image-reachable"]).toMatch(/^fail: /);
  });

  it("that was before the missing one meters again after rollback, to the byte", async () => {
    const unmetered = actual(rig, "acme");
    expectSuccess(await proxymeter("rollback", ...ISTIO, "-y"));
    await expectTraffic();
    await expectBalance(rig, "acme", unmetered);
  });

  it("whose registry is gone lets traffic pass of a sidecar that starts then", async () => {
    await install(missing(), "--wait", "0");
    await rig.close();
    const begin = performance.now();
    rig = await startRig(plane, { pod: "crawler-1" });
    console.log(`sidecar ready without a registry after ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    expect(await rig.sidecar.admin("/listeners")).toContain(LISTENER);
    await expectTraffic();
    expect(await rig.samples()).toEqual([]);
    expect((await check())["image-reachable"]).toMatch(/^warn: /);
  });
});
