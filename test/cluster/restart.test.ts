// SPDX-License-Identifier: Apache-2.0
/**
 * `proxymeter restart` on the real API server. No controllers run here, so the test makes what they would: owners, pods, statuses.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { EXTRA_STAT_TAGS } from "../../filter/core/stat-tags.ts";
import { restartCommand } from "../../installer/commands/restart.ts";
import type { RestartResult } from "../../installer/commands/restart.ts";
import { withStatTags } from "../../installer/objects/mesh-config.ts";
import { RESTARTED_AT_ANNOTATION } from "../../installer/restart/model.ts";
import { Teardown } from "../../demo/teardown.ts";
import { runCommand } from "../in-process.ts";
import { createPod, podObject } from "./injected-pod.ts";
import { Kube, type KubeObject } from "./kube.ts";
import { runningStatus } from "./objects.ts";
import { until } from "./poll.ts";
import { owner, UPDATED, workload as workloadIn } from "./workloads.ts";

const NAMESPACE = "fleet";
const OTHER = "office";
const MESH = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "istio", namespace: "istio-system" } };

/** Selects pods as Istio's does, but is asked about no kind that exists. */
const WEBHOOK = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "MutatingWebhookConfiguration",
  metadata: { name: "restart-test", labels: { app: "sidecar-injector" } },
  webhooks: [
    {
      name: "namespace.sidecar-injector.istio.io",
      clientConfig: { url: "https://127.0.0.1:1/inject" },
      rules: [{ apiGroups: ["nothing.example"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nothings"] }],
      namespaceSelector: { matchExpressions: [{ key: "istio-injection", operator: "In", values: ["enabled"] }] },
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
    },
  ],
};

const { credentials } = inject("plane");
const run = (...args: string[]) =>
  runCommand(restartCommand, ["restart", "--kubeconfig", credentials.kubeconfigFile, ...args]);
const planOf = async (...args: string[]) =>
  JSON.parse((await run("--dry-run", "-o", "json", ...args)).stdout) as RestartResult;
const workload = (kind: string, name: string, namespace = NAMESPACE) => workloadIn(kind, name, namespace);
const namesOf = (list: readonly { kind: string; name: string }[]) => list.map(({ kind, name }) => `${kind}/${name}`);

describe("restart", () => {
  const teardown = new Teardown();
  let kube: Kube;
  const create = async (object: KubeObject): Promise<KubeObject> => {
    await kube.apply(object);
    teardown.add(() => kube.remove(object));
    return kube.get<KubeObject>(object);
  };
  const add = async (
    name: string,
    owned: KubeObject | undefined,
    statTags?: readonly string[],
    namespace = NAMESPACE,
  ) => {
    const pod = podObject({
      name,
      namespace,
      ...(statTags && { statTags }),
      ...(owned && { ownerReferences: owner(owned) }),
    });
    await createPod(kube, pod, runningStatus("10.244.0.9"));
    teardown.add(() => kube.remove(pod));
  };
  const addWorkload = async (kind: string, name: string, namespace?: string) => {
    const created = await create(workload(kind, name, namespace));
    await kube.setStatus(created, UPDATED[kind] ?? {});
    return created;
  };
  const annotation = async (kind: string, name: string, namespace?: string) => {
    const { spec } = await kube.get<KubeObject>(workload(kind, name, namespace));
    const { template } = spec as { template: { metadata: { annotations?: Record<string, string> } } };
    return template.metadata.annotations?.[RESTARTED_AT_ANNOTATION];
  };

  beforeAll(async () => {
    kube = new Kube(credentials);
    teardown.add(() => kube.close());
    const optedIn = { labels: { "proxymeter.io/enabled": "true", "istio-injection": "enabled" } };
    await kube.apply(
      { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE, ...optedIn } },
      { apiVersion: "v1", kind: "Namespace", metadata: { name: OTHER } },
    );
    teardown.add(() => kube.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE, labels: {} } }));
    const mesh = await kube.get<KubeObject & { data: Record<string, string> }>(MESH);
    await kube.apply({ ...MESH, data: { mesh: withStatTags(mesh.data.mesh ?? "") } });
    teardown.add(() => kube.apply({ ...MESH, data: { mesh: mesh.data.mesh } }));
    const deployment = await addWorkload("Deployment", "crawler");
    const replicaSet = workload("ReplicaSet", "crawler-1");
    const owned = await create({
      ...replicaSet,
      metadata: { ...replicaSet.metadata, ownerReferences: owner(deployment) },
    });
    await add("crawler-1-a", owned);
    await add("crawler-1-b", owned, ["vendor"]);
    await add("frontier-0", await addWorkload("StatefulSet", "frontier"), []);
    await add("probe-a", await addWorkload("DaemonSet", "probe"));
    await add("whole-0", await addWorkload("StatefulSet", "whole"), EXTRA_STAT_TAGS);
    await add("office-0", await addWorkload("StatefulSet", "office", OTHER), undefined, OTHER);
    const job = workload("Job", "once");
    const { selector: _, template, ...rest } = job.spec as { selector: object; template: { spec: object } };
    const spec = { ...rest, template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } };
    await add("once-a", await create({ ...job, apiVersion: "batch/v1", spec }));
    await add("loner", undefined);
  });
  afterAll(() => teardown.run());

  it("leaves alone what no injection webhook would give a sidecar", async () => {
    const { restart, leftAlone } = await planOf("ds/probe");
    expect(restart).toEqual([]);
    expect(leftAlone[0]?.reason).toContain("no injection webhook selects it");
    await create(WEBHOOK);
  });

  it("plans the workloads whose pods lack something, and lists Jobs and bare pods with the reason", async () => {
    const { restart, leftAlone, isDryRun, restartedAt } = await planOf();
    expect(namesOf(restart)).toEqual(["DaemonSet/probe", "Deployment/crawler", "StatefulSet/frontier"]);
    expect(restart.find(({ kind }) => kind === "Deployment")).toEqual({
      namespace: NAMESPACE,
      kind: "Deployment",
      name: "crawler",
      pods: ["crawler-1-a", "crawler-1-b"],
      lacks: ["sidecar", "stat tags"],
    });
    expect(namesOf(leftAlone)).toEqual(["Job/once", "Pod/loner"]);
    expect([isDryRun, restartedAt]).toEqual([true, undefined]);
    expect(await annotation("Deployment", "crawler")).toBeUndefined();
  });

  it("restarts nothing without being told so, where nobody can be asked", async () => {
    const { stderr, exitCode } = await run();
    expect([exitCode, await annotation("Deployment", "crawler")]).toEqual([2, undefined]);
    expect(stderr).toContain("give -y");
  });

  it("refuses a workload of a namespace that is not opted in", async () => {
    const { stderr, exitCode } = await run("-y", `${OTHER}/statefulset/office`);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("namespace office is not opted in")]);
    expect(await annotation("StatefulSet", "office", OTHER)).toBeUndefined();
  });

  it("restarts only what is named, and waits until its pods are new", async () => {
    const frontier = workload("StatefulSet", "frontier");
    const running = run("-y", "--wait", "--timeout", "20s", "sts/frontier");
    await until(async () => (await annotation("StatefulSet", "frontier")) !== undefined, { what: "the annotation" });
    const { metadata } = await kube.get<KubeObject>(frontier);
    expect(metadata.generation).toBe(2);
    const during = { observedGeneration: 2, replicas: 1, readyReplicas: 0, currentRevision: "a", updateRevision: "b" };
    await kube.setStatus(frontier, during);
    await kube.setStatus(frontier, { ...during, readyReplicas: 1, updatedReplicas: 1, currentRevision: "b" });
    const { stderr, exitCode } = await running;
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining("every new pod is available")]);
    expect(await annotation("Deployment", "crawler")).toBeUndefined();
  });

  it("ends with 1 when the pods are not replaced in time", async () => {
    const { stderr, exitCode } = await run("-y", "--wait", "--timeout", "1s", "deployment/crawler");
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining("not every pod was replaced within 1 s: Deployment"),
    ]);
  });

  it("leaves a workload alone whose pods are being replaced already", async () => {
    const { leftAlone } = await planOf("deployment/crawler");
    expect(leftAlone[0]?.reason).toContain("being replaced already");
  });

  it("owns nothing of a workload but the annotation", async () => {
    const { metadata } = await kube.get<KubeObject>(workload("Deployment", "crawler"));
    const fields = metadata.managedFields as { manager: string; operation: string; fieldsV1: object }[];
    const ours = fields.find(({ manager }) => manager === "proxymeter");
    expect(ours?.operation).toBe("Apply");
    expect(ours?.fieldsV1).toEqual({
      "f:spec": { "f:template": { "f:metadata": { "f:annotations": { [`f:${RESTARTED_AT_ANNOTATION}`]: {} } } } },
    });
  });

  it("says that the mesh configuration lacks our tags rather than restart for nothing", async () => {
    await kube.apply({ ...MESH, data: { mesh: "trustDomain: cluster.local\n" } });
    await kube.setStatus(workload("StatefulSet", "frontier"), UPDATED.StatefulSet ?? {});
    await kube.setStatus(workload("StatefulSet", "frontier"), { observedGeneration: 2 });
    const { restart, leftAlone } = await planOf("statefulset/frontier");
    expect(restart).toEqual([]);
    expect(leftAlone[0]?.reason).toContain("mesh configuration lacks our stat tags");
  });
});
