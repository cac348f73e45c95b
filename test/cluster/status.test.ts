// SPDX-License-Identifier: Apache-2.0
/**
 * `proxymeter status` on the real API server: a metered pod read through the server's own pod proxy, beside pods that are not.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { statusCommand } from "../../installer/commands/status.ts";
import type { StatusReport } from "../../installer/status/report.ts";
import { Teardown } from "../../demo/teardown.ts";
import { readSamples } from "./counters.ts";
import { runCommand } from "../in-process.ts";
import { createPod, podObject } from "./injected-pod.ts";
import { Kube } from "./kube.ts";
import { type Installation, installation } from "./manifests.ts";
import { CRAWL, runningStatus } from "./objects.ts";
import { type Rig, startRig } from "./rig.ts";

/** Of the pod network, but with no route to it. */
const DEAF_ADDRESS = "10.244.0.9";
const OPTED_IN = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: CRAWL, labels: { "proxymeter.io/enabled": "true" } },
};
const NOT_OPTED_IN = { ...OPTED_IN, metadata: { name: CRAWL, labels: {} } };

const { credentials } = inject("plane");
const status = (...args: string[]) =>
  runCommand(statusCommand, ["status", "--kubeconfig", credentials.kubeconfigFile, ...args]);
const reportOf = async (...args: string[]) => JSON.parse((await status("-o", "json", ...args)).stdout) as StatusReport;

describe("status", () => {
  const teardown = new Teardown();
  let kube: Kube;
  let rig: Rig;
  let installed: Installation;
  const add = async (pod: ReturnType<typeof podObject>, address: string) => {
    await createPod(kube, pod, runningStatus(address));
    teardown.add(() => kube.remove(pod));
  };
  beforeAll(async () => {
    kube = new Kube(credentials);
    teardown.add(() => kube.close());
    await kube.apply(OPTED_IN);
    teardown.add(() => kube.apply(NOT_OPTED_IN));
    rig = await startRig(inject("plane"), { pod: "crawler-0" });
    teardown.add(() => rig.close());
    await rig.declare("acme");
  });
  afterAll(() => teardown.run());

  it("says of a pod without our plugin that it is not metered, and ends with 1", async () => {
    const { stdout, stderr, exitCode } = await status();
    expect(stdout).toContain("0/1 opted-in namespaces have a plugin of ours");
    expect(stdout).toContain("1/1 answer with their metrics");
    expect(stdout).toContain("0/1 are metered");
    expect(stderr).toContain("not everything is ready: 0 of 1 pod; 1 of 1 opted-in namespace without our plugin");
    expect(exitCode).toBe(1);
  });

  it("ends with 0 once the only pod is metered, and names its module and configuration", async () => {
    installed = installation(rig.registry.publish(rig.filter), ["acme"]);
    await rig.install(installed);
    const { stdout, stderr, exitCode } = await status("-o", "json");
    expect([stderr, exitCode]).toEqual(["", 0]);
    const report = JSON.parse(stdout) as StatusReport;
    expect(report.isReady).toBe(true);
    const { digest, configHash } = installed;
    expect(report.namespaces[0]?.pods).toEqual([
      {
        name: "crawler-0",
        state: "metered",
        encoding: { value: "full", from: "metrics" },
        plugin: { release: "0.1.0", digest, configHash },
      },
    ]);
  });

  it("prints the series of one pod as the sidecar exposes them", async () => {
    const { stdout, exitCode } = await status("crawler-0", "--raw");
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`# TYPE proxymeter_info gauge\n`);
    expect(stdout).not.toContain("envoy_");
    const names = (text: string) => readSamples(text, "").map(({ metric, labels }) => [metric, labels]);
    expect(names(stdout)).toEqual(
      names(await rig.sidecar.stats()).filter(([metric]) => String(metric).startsWith("proxymeter_")),
    );
  });

  it("counts and names the pods that it can't read, that lack a sidecar, and that have few labels", async () => {
    await add(podObject({ name: "deaf-0", statTags: [] }), DEAF_ADDRESS);
    await add(podObject({ name: "bare-0" }), DEAF_ADDRESS);
    const { counts, namespaces, isReady } = await reportOf();
    expect(isReady).toBe(false);
    expect(counts).toMatchObject({
      sidecars: { desired: 3, ready: 2 },
      scraped: { desired: 2, ready: 1 },
      metered: { desired: 1, ready: 1 },
      builtinEncoding: 1,
    });
    const byName = new Map(namespaces[0]?.pods.map((pod) => [pod.name, pod]));
    expect(byName.get("bare-0")?.state).toBe("no-sidecar");
    expect(byName.get("deaf-0")).toMatchObject({ state: "unreadable", encoding: { value: "builtin", from: "pod" } });
    expect(byName.get("deaf-0")?.reason).toMatch(/^503 .*network is unreachable/);
    const { stdout } = await status();
    for (const name of ["bare-0", "deaf-0", "crawler-0"]) expect(stdout).toContain(name);
  });

  it("looks at one pod alone when it is named", async () => {
    const { isReady, namespaces } = await reportOf("crawl/crawler-0");
    expect([isReady, namespaces.flatMap(({ pods }) => pods.map(({ name }) => name))]).toEqual([true, ["crawler-0"]]);
  });

  it("ends with 2 for a pod that is not there", async () => {
    const { stderr, exitCode } = await status("crawl/nobody-0");
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("cannot find Pod crawl/nobody-0")]);
  });
});
