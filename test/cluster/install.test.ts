// SPDX-License-Identifier: Apache-2.0
/**
 * What installing and removing on a live sidecar does to tunnels that are open: which are cut, and after how many seconds.
 * The measured seconds are printed; docs/install-effects.md holds them for readers.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { actual, expectBalance, logOnFailure } from "./balance.ts";
import { keepBusy, type Tunnel } from "./crawler.ts";
import { gateway, installation } from "./manifests.ts";
import { type Rig, startRig } from "./rig.ts";

/** Istio's default `drainDuration`: https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig */
const DEFAULT_DRAIN_SECONDS = 45;
const SHORT_DRAIN_SECONDS = 4;
/** From applying an object until Envoy starts to drain, and Envoy's own slack; measured well below. */
const SLACK_SECONDS = 3;

/** Seconds from `change` until the tunnel is cut while it carries bytes all along; waits `limit` seconds at most. */
async function secondsUntilCut(tunnel: Tunnel, change: () => Promise<void>, limit: number): Promise<number> {
  const stop = new AbortController();
  const busy = keepBusy(tunnel, stop.signal);
  const begin = performance.now();
  await change();
  const overdue = setTimeout(() => stop.abort(), limit * 1000);
  const requests = await busy;
  clearTimeout(overdue);
  expect(requests).toBeGreaterThan(0);
  return tunnel.isOpen() ? Number.POSITIVE_INFINITY : (performance.now() - begin) / 1000;
}

async function report(what: string, tunnel: Tunnel, seconds: number): Promise<void> {
  console.log(`${what}: ${tunnel.isOpen() ? "not cut" : `${await tunnel.closed} after ${seconds.toFixed(1)} s`}`);
}

describe("the first installation on a running sidecar with Istio's drain time", () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(inject("plane"), { pod: "crawler-0" });
    await rig.declare("acme");
  });
  afterAll(() => rig?.close());
  beforeEach((context) => logOnFailure(context, rig));

  it("cuts the tunnels to gateways declared before, and no other tunnel", { timeout: 120_000 }, async () => {
    const declared = await rig.open("acme", "shop-01.example");
    const undeclared = await rig.open("globex", "shop-02.example");
    const stop = new AbortController();
    const others = [keepBusy(undeclared, stop.signal)];
    let fresh = declared;
    const apply = async () => {
      await rig.declare("globex");
      await rig.install(installation(rig.registry.publish(rig.filter), ["acme", "globex"]));
      fresh = await rig.open("acme", "shop-03.example");
      others.push(keepBusy(fresh, stop.signal));
    };
    const seconds = await secondsUntilCut(declared, apply, DEFAULT_DRAIN_SECONDS + 2 * SLACK_SECONDS);
    stop.abort();
    await Promise.all(others);
    await report("WasmPlugin applied, gateway declared before", declared, seconds);
    await report("WasmPlugin and ServiceEntry applied, gateway not declared before", undeclared, seconds);
    await report("opened after the WasmPlugin was applied", fresh, seconds);
    expect(seconds).toBeGreaterThan(DEFAULT_DRAIN_SECONDS - SLACK_SECONDS);
    expect(seconds).toBeLessThan(DEFAULT_DRAIN_SECONDS + SLACK_SECONDS);
    expect([undeclared.isOpen(), fresh.isOpen()]).toEqual([true, true]);
    await Promise.all([undeclared.close(), fresh.close()]);
  });

  it("meters the tunnels opened since, and none that was open before", async () => {
    const [acme, globex] = [actual(rig, "acme"), actual(rig, "globex")];
    const { "shop-01.example": before } = acme.destinations;
    await expectBalance(rig, "acme", {
      ...(before ?? acme),
      destinations: { ...(before && { "shop-01.example": before }) },
    });
    await expectBalance(rig, "globex", globex);
  });
});

describe("changes on a sidecar with a short drain time", () => {
  let rig: Rig;
  const limit = SHORT_DRAIN_SECONDS + 2 * SLACK_SECONDS;
  beforeAll(async () => {
    rig = await startRig(inject("plane"), { pod: "crawler-0", drainSeconds: SHORT_DRAIN_SECONDS });
    await rig.declare("acme");
  });
  afterAll(() => rig?.close());
  beforeEach((context) => logOnFailure(context, rig));

  const expectDrained = async (what: string, change: () => Promise<void>) => {
    const tunnel = await rig.open("acme", "shop-01.example");
    const seconds = await secondsUntilCut(tunnel, change, limit);
    await report(`${what}, drainDuration ${SHORT_DRAIN_SECONDS} s`, tunnel, seconds);
    expect(seconds).toBeGreaterThan(SHORT_DRAIN_SECONDS - 1);
    expect(seconds).toBeLessThan(SHORT_DRAIN_SECONDS + SLACK_SECONDS);
  };
  const plugin = () => installation(rig.registry.publish(rig.filter), ["acme"]);

  it("cut tunnels after that time when the plugin is added", async () => {
    await expectDrained("WasmPlugin applied", () => rig.install(plugin()));
  });

  it("meter the tunnels that are opened after it", async () => {
    const unmetered = actual(rig, "acme");
    const tunnel = await rig.open("acme", "shop-02.example");
    await tunnel.download(10_000);
    await tunnel.close();
    await expectBalance(rig, "acme", unmetered);
  });

  it("cut tunnels after that time when the plugin is removed", async () => {
    await expectDrained("WasmPlugin removed", () => rig.kube.remove(plugin().plugin));
  });

  it("cut tunnels after that time when the ServiceEntry is removed", async () => {
    await expectDrained("ServiceEntry removed", () => rig.kube.remove(gateway("acme").entry));
  });
});
