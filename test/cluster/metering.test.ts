// SPDX-License-Identifier: Apache-2.0
/**
 * A crawler pod that already runs is metered from the moment the manifests are applied, to the byte, without a restart.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { KIND_PROXY_HANDSHAKE, LABEL_KIND, LABEL_VENDOR, OVERHEAD_RECEIVED_BYTES } from "../../filter/core/contract.ts";
import { actual, expectBalance, logOnFailure } from "./balance.ts";
import { meteredBooks } from "./books.ts";
import { sum } from "./counters.ts";
import { installation } from "./manifests.ts";
import { type Rig, startRig } from "./rig.ts";

/** What proxy-chain answers a CONNECT that succeeds. */
const GATEWAY_ANSWER = "HTTP/1.1 200 Connection Established\r\n\r\n";

describe("a running crawler pod", () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(inject("plane"), { pod: "crawler-0" });
  });
  afterAll(() => rig?.close());
  beforeEach((context) => logOnFailure(context, rig));

  it("has its first CONNECT after the manifests metered to the byte, open and closed, without a restart", async () => {
    const envoy = rig.sidecar.envoyPid();
    await rig.declare("acme", "globex", "initech");
    await rig.install(installation(rig.registry.publish(rig.filter), ["acme", "globex", "initech"]));
    const tunnel = await rig.open("acme", "shop-01.example");
    await tunnel.download(1_000_000);
    await tunnel.upload(100_000);
    await expectBalance(rig, "acme");
    await tunnel.close();
    await expectBalance(rig, "acme");
    expect(actual(rig, "acme")).toMatchObject({ requests: 1, destinations: { "shop-01.example": { requests: 1 } } });
    expect(actual(rig, "acme").receivedBytes).toBeGreaterThan(1_000_000);
    expect(rig.sidecar.envoyPid()).toBe(envoy);
  });

  it("has the gateway's answer, and nothing of the tunnel behind it, counted as handshake of the proxy", async () => {
    const labels = { [LABEL_VENDOR]: "acme", [LABEL_KIND]: KIND_PROXY_HANDSHAKE };
    expect(sum(await rig.samples(), OVERHEAD_RECEIVED_BYTES, labels)).toBe(GATEWAY_ANSWER.length);
  });

  it("has each vendor's traffic in that vendor's books only", async () => {
    const acme = meteredBooks(await rig.samples(), "acme");
    const tunnel = await rig.open("globex", "shop-02.example");
    await tunnel.download(50_000);
    await tunnel.close();
    await expectBalance(rig, "globex");
    expect(actual(rig, "globex").requests).toBe(1);
    expect(meteredBooks(await rig.samples(), "acme")).toEqual(acme);
  });
});
