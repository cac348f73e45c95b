// SPDX-License-Identifier: Apache-2.0
/**
 * A new module takes over on a running sidecar: through the API server, istiod's ECDS, pilot-agent and Envoy.
 * The tests follow each other: before, during and after the last connection of the old module.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { expectBalance, logOnFailure } from "./balance.ts";
import { INFO, LABEL_DIGEST } from "../../filter/core/contract.ts";
import { matching, type Sample } from "./counters.ts";
import { keepBusy, type Tunnel } from "./crawler.ts";
import { lostCounters } from "./growth.ts";
import { type Installation, installation } from "./manifests.ts";
import type { PlainCrawler } from "./plain-crawler.ts";
import { type Rig, startRig } from "./rig.ts";

/** A custom section that every engine skips: id 0, its length, the length of its name, its name, one byte. */
const EXTRA_SECTION = Buffer.from([0, 4, 2, 0x70, 0x6d, 1]);

describe("a module upgrade", () => {
  let rig: Rig;
  let tunnel: Tunnel;
  let plain: PlainCrawler;
  let before: Sample[];
  let next: Installation;

  beforeAll(async () => {
    rig = await startRig(inject("plane"), { pod: "crawler-0" });
    await rig.declare("acme");
    await rig.install(installation(rig.registry.publish(rig.filter), ["acme"]));
    const ended = await rig.open("acme", "shop-02.example");
    await ended.download(10_000);
    await ended.close();
    tunnel = await rig.open("acme", "shop-01.example");
    await tunnel.download(100_000);
    plain = rig.plain("acme");
    await plain.download("shop-01.example", 10_000);
    await expectBalance(rig, "acme");
    before = await rig.samples();
  });
  afterAll(() => rig?.close());
  beforeEach((context) => logOnFailure(context, rig));

  it("reaches the sidecar while a tunnel carries bytes, and does not cut it", async () => {
    const stop = new AbortController();
    const busy = keepBusy(tunnel, stop.signal);
    next = installation(rig.registry.publish(Buffer.concat([rig.filter, EXTRA_SECTION])), ["acme"]);
    await rig.install(next);
    stop.abort();
    expect(await busy).toBeGreaterThan(0);
    expect(tunnel.isOpen()).toBe(true);
    await tunnel.download(300_000);
    await tunnel.upload(300_000);
  });

  it("loses no counter, and counts both directions of the old tunnel to the byte", async () => {
    await expectBalance(rig, "acme");
    expect(lostCounters(before, await rig.samples())).toEqual([]);
  });

  it("counts a new tunnel, and a new destination on an old connection", async () => {
    const connections = rig.relay("acme").snapshot().connections;
    await plain.download("shop-03.example", 20_000);
    expect(rig.relay("acme").snapshot().connections).toBe(connections);
    const fresh = await rig.open("acme", "shop-02.example");
    await fresh.download(50_000);
    await fresh.close();
    await expectBalance(rig, "acme");
    before = await rig.samples();
  });

  it("loses no counter when the last connection of the old module ends, not even one that began just before", async () => {
    await tunnel.close();
    await plain.download("shop-04.example", 20_000);
    plain.close();
    const digests = async () => matching(await rig.samples(), INFO).map(({ labels }) => labels[LABEL_DIGEST]);
    await expect.poll(digests, { timeout: 15_000 }).toEqual([next.digest]);
    await expectBalance(rig, "acme");
    expect(lostCounters(before, await rig.samples())).toEqual([]);
  });

  it("counts tunnels after that", async () => {
    const fresh = await rig.open("acme", "shop-01.example");
    await fresh.upload(50_000);
    await fresh.close();
    await expectBalance(rig, "acme");
  });
});
