// SPDX-License-Identifier: Apache-2.0
/**
 * What `proxymeter publish` pushes into a real registry, in both forms, is what a real sidecar's agent pulls and runs.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { FORMATS } from "../../installer/publish/image.ts";
import { publishJson } from "../registry/command.ts";
import { type DockerRegistry, startDockerRegistry } from "../registry/docker-registry.ts";
import { actual, expectBalance, logOnFailure } from "./balance.ts";
import { installation } from "./manifests.ts";
import { type Rig, startRig } from "./rig.ts";
import { readTools } from "./tools.ts";

describe("a sidecar with the published filter", () => {
  let rig: Rig;
  let registry: DockerRegistry;
  beforeAll(async () => {
    rig = await startRig(inject("plane"), { pod: "crawler-0" });
    registry = await startDockerRegistry(readTools().registry);
    await rig.declare("acme");
  });
  afterAll(async () => {
    await registry?.stop();
    await rig?.close();
  });
  beforeEach((context) => logOnFailure(context, rig));

  it.each(FORMATS)("pulls it as %s by the printed reference, and meters a CONNECT to the byte", async (format) => {
    const { url, digest } = await publishJson(`oci://${registry.host}/${format}/proxymeter:1`, "--format", format);
    const before = actual(rig, "acme").requests;
    // The sidecar shows this digest once it runs the plugin with it, and it runs none that its agent could not unpack.
    await rig.install(installation({ url, digest }, ["acme"]));
    expect(registry.pulls()).toContainEqual(`GET /v2/${format}/proxymeter/manifests/${digest} 200`);
    const tunnel = await rig.open("acme", "shop-01.example");
    await tunnel.download(100_000);
    await tunnel.close();
    expect(actual(rig, "acme").requests).toBe(before + 1);
    await expectBalance(rig, "acme");
  });
});
