// SPDX-License-Identifier: Apache-2.0
/**
 * A vendor is added to the plugin's configuration on a running sidecar.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { expectBalance, logOnFailure } from "./balance.ts";
import { VENDOR_REQUESTS } from "../../filter/core/contract.ts";
import { matching, type Sample } from "./counters.ts";
import { keepBusy, type Tunnel } from "./crawler.ts";
import { lostCounters } from "./growth.ts";
import { installation } from "./manifests.ts";
import { type Rig, startRig } from "./rig.ts";

describe("a vendor that is added", () => {
  let rig: Rig;
  let tunnel: Tunnel;
  let before: Sample[];

  beforeAll(async () => {
    rig = await startRig(inject("plane"), { pod: "crawler-0" });
    await rig.declare("acme");
    await rig.install(installation(rig.registry.publish(rig.filter), ["acme"]));
    tunnel = await rig.open("acme", "shop-01.example");
    await tunnel.download(100_000);
    await expectBalance(rig, "acme");
    before = await rig.samples();
  });
  afterAll(() => rig?.close());
  beforeEach((context) => logOnFailure(context, rig));

  it("cuts no tunnel of the vendors before it", async () => {
    const stop = new AbortController();
    const busy = keepBusy(tunnel, stop.signal);
    await rig.declare("globex");
    await rig.install(installation(rig.registry.publish(rig.filter), ["acme", "globex"]));
    stop.abort();
    expect(await busy).toBeGreaterThan(0);
    expect(tunnel.isOpen()).toBe(true);
    await tunnel.upload(100_000);
  });

  it("takes no counter from the vendors before it", async () => {
    await expectBalance(rig, "acme");
    expect(lostCounters(before, await rig.samples())).toEqual([]);
  });

  it("exists at 0 before its first request", async () => {
    const [sample] = matching(await rig.samples(), VENDOR_REQUESTS, { proxy_vendor: "globex" });
    expect(sample?.value).toBe(0);
  });

  it("is metered to the byte", async () => {
    const other = await rig.open("globex", "shop-02.example");
    await other.download(200_000);
    await other.upload(20_000);
    await other.close();
    await expectBalance(rig, "globex");
  });

  it("leaves the counters of an older tunnel in place when that ends", async () => {
    before = await rig.samples();
    await tunnel.close();
    await expectBalance(rig, "acme");
    expect(lostCounters(before, await rig.samples())).toEqual([]);
  });
});
