// SPDX-License-Identifier: Apache-2.0
/**
 * Which workloads a restart is planned for, and what keeps others out of the plan.
 */
import { describe, expect, it } from "vitest";
import { EXTRA_STAT_TAGS } from "../../../../filter/core/stat-tags.ts";
import type { InjectionWebhook, Owned, RestartFacts, Workload } from "../../../../installer/restart/model.ts";
import { planRestart } from "../../../../installer/restart/plan.ts";
import { planText } from "../../../../installer/restart/table.ts";
import { podNamed, withoutSidecar } from "../status/pods.ts";

const WEBHOOK: InjectionWebhook = { namespaceSelector: { matchLabels: { "istio-injection": "enabled" } } };
const INJECTED = { "proxymeter.io/enabled": "true", "istio-injection": "enabled" };

const controlledBy = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, controller: true }] });

function workload(kind: Workload["kind"], name: string, spec: Workload["spec"] = {}): Workload {
  const status = {
    observedGeneration: 3,
    replicas: 1,
    updatedReplicas: 1,
    desiredNumberScheduled: 1,
    updatedNumberScheduled: 1,
  };
  return { apiVersion: "apps/v1", kind, metadata: { name, namespace: "crawl", generation: 3 }, spec, status };
}

function owned(kind: Owned["kind"], name: string, owner: object = {}): Owned {
  return { apiVersion: "apps/v1", kind, metadata: { name, namespace: "crawl", ...owner } };
}

/** Pods without a sidecar and with too few tags, under one owner. */
function lacking(owner: object) {
  const [bare, old] = [withoutSidecar("bare"), podNamed("old", { statTags: ["team"] })];
  return [bare, old].map((pod) => ({ ...pod, metadata: { ...pod.metadata, ...owner } }));
}

function plan(namespace: Partial<RestartFacts["namespaces"][number]>, facts: Partial<RestartFacts> = {}) {
  return planRestart({
    namespaces: [{ name: "crawl", labels: INJECTED, pods: [], workloads: [], owned: [], ...namespace }],
    meshTags: EXTRA_STAT_TAGS,
    webhooks: [WEBHOOK],
    ...facts,
  });
}

const BOTH = ["sidecar", "stat tags"];

describe("a restart is planned for", () => {
  it("the Deployment behind a pod's ReplicaSet, once, with all pods that lack something", () => {
    const { restart, leftAlone } = plan({
      pods: lacking(controlledBy("ReplicaSet", "crawler-5d")),
      owned: [owned("ReplicaSet", "crawler-5d", controlledBy("Deployment", "crawler"))],
      workloads: [workload("Deployment", "crawler")],
    });
    expect(restart).toEqual([
      { namespace: "crawl", kind: "Deployment", name: "crawler", pods: ["bare", "old"], lacks: BOTH },
    ]);
    expect(leftAlone).toEqual([]);
  });

  it.each(["StatefulSet", "DaemonSet"] as const)("a %s", (kind) => {
    const { restart } = plan({ pods: lacking(controlledBy(kind, "one")), workloads: [workload(kind, "one")] });
    expect(restart.map(({ name }) => name)).toEqual(["one"]);
  });

  it("no workload whose pods have sidecar and tags, are over, are going, or are kept out", () => {
    const owner = controlledBy("StatefulSet", "one");
    const [bare = withoutSidecar("bare")] = lacking(owner);
    const labels = { "sidecar.istio.io/inject": "false" };
    const whole = podNamed("whole");
    const found = plan({
      pods: [
        { ...whole, metadata: { ...whole.metadata, ...owner } },
        { ...bare, status: { phase: "Succeeded" } },
        { ...bare, metadata: { ...bare.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } },
        { ...bare, metadata: { ...bare.metadata, labels } },
      ],
      workloads: [workload("StatefulSet", "one")],
    });
    expect(found).toEqual({ restart: [], leftAlone: [] });
  });

  it("a workload that gains one of two things it lacks", () => {
    const pods = lacking(controlledBy("StatefulSet", "one"));
    const { restart } = plan({ pods, workloads: [workload("StatefulSet", "one")] }, { meshTags: [] });
    expect(restart.map(({ name }) => name)).toEqual(["one"]);
  });

  it("a workload of which can't be known whether it gains", () => {
    const facts = { meshTags: undefined, webhooks: undefined };
    const pods = lacking(controlledBy("StatefulSet", "one"));
    expect(plan({ pods, workloads: [workload("StatefulSet", "one")] }, facts).restart).toHaveLength(1);
  });
});

describe("a restart leaves alone", () => {
  const reasonOf = (...given: Parameters<typeof plan>) => {
    const { restart, leftAlone } = plan(...given);
    expect(restart).toEqual([]);
    return leftAlone[0]?.reason;
  };
  const one = (spec: Workload["spec"], kind: Workload["kind"] = "StatefulSet") => ({
    pods: lacking(controlledBy(kind, "one")),
    workloads: [workload(kind, "one", spec)],
  });

  it("bare pods", () => {
    expect(reasonOf({ pods: lacking({}).slice(0, 1) })).toContain("nothing would start it again");
  });

  it("Jobs, and the Jobs of CronJobs under their name", () => {
    const pods = lacking(controlledBy("Job", "nightly-1"));
    expect(reasonOf({ pods, owned: [owned("Job", "nightly-1")] })).toContain("begin its work anew");
    const cron = plan({ pods, owned: [owned("Job", "nightly-1", controlledBy("CronJob", "nightly"))] });
    expect(cron.leftAlone[0]).toMatchObject({ kind: "CronJob", name: "nightly" });
  });

  it("pods of owners that it does not know", () => {
    const pods = lacking(controlledBy("ReplicaSet", "canary-7f"));
    const of = (owner: object) => reasonOf({ pods, owned: [owned("ReplicaSet", "canary-7f", owner)] });
    expect(of(controlledBy("Rollout", "canary"))).toContain("a Rollout is restarted by what owns it");
    expect(of({})).toContain("a ReplicaSet is restarted by what owns it");
  });

  it.each([
    ["a paused Deployment", { paused: true }, "Deployment", "paused"],
    ["a StatefulSet OnDelete", { updateStrategy: { type: "OnDelete" } }, "StatefulSet", "delete its pods yourself"],
  ] as const)("%s", (_name, spec, kind, reason) => {
    expect(reasonOf(one(spec, kind))).toContain(reason);
  });

  it("a workload whose pods are being replaced", () => {
    const { pods, workloads } = one({}, "Deployment");
    const rolling = workloads.map((each) => ({ ...each, status: { ...each.status, updatedReplicas: 0 } }));
    expect(reasonOf({ pods, workloads: rolling })).toContain("being replaced already");
  });

  it("a workload that would gain nothing, saying what is missing for each thing", () => {
    const reason = reasonOf({ ...one({}), labels: {} }, { meshTags: ["team"] });
    expect(reason).toContain("no injection webhook selects it");
    expect(reason).toContain("mesh configuration lacks our stat tags");
  });

  it("a workload whose own annotation replaces the mesh's tags, unless it has ours too", () => {
    const annotated = (tags: readonly string[]) => {
      const annotations = { "proxy.istio.io/config": JSON.stringify({ extraStatTags: tags }) };
      const { pods, workloads } = one({ template: { metadata: { annotations } } });
      return { pods: pods.slice(1), workloads };
    };
    expect(reasonOf(annotated(["team"]))).toContain("replaces the mesh's and lacks ours");
    expect(plan(annotated(["team", ...EXTRA_STAT_TAGS]), { meshTags: [] }).restart).toHaveLength(1);
  });

  it("a workload whose pods the webhook's object selector passes by", () => {
    const webhooks = [{ ...WEBHOOK, objectSelector: { matchLabels: { team: "crawl" } } }];
    const pods = lacking(controlledBy("StatefulSet", "one")).slice(0, 1);
    const labelled = (team: string) => ({
      pods,
      workloads: [workload("StatefulSet", "one", { template: { metadata: { labels: { team } } } })],
    });
    expect(reasonOf(labelled("office"), { webhooks })).toContain("no injection webhook selects it");
    expect(plan(labelled("crawl"), { webhooks }).restart).toHaveLength(1);
  });

  it("a workload whose template keeps the sidecar out", () => {
    const labels = { "sidecar.istio.io/inject": "false" };
    const { pods, workloads } = one({ template: { metadata: { labels } } });
    expect(reasonOf({ pods: pods.slice(0, 1), workloads })).toContain("keeps the sidecar out");
  });
});

describe("the plan's text", () => {
  it("shows what is restarted and why, and what is not", () => {
    const pods = [...lacking(controlledBy("StatefulSet", "one")), withoutSidecar("loner")];
    expect(planText(plan({ pods, workloads: [workload("StatefulSet", "one")] }))).toMatchInlineSnapshot(`
      "To restart (1 workload):
        StatefulSet crawl/one: 2 pods without sidecar or without our stat tags: bare, old
      Not restarted:
        Pod crawl/loner: without sidecar
          nothing would start it again; delete and create it yourself"
    `);
  });

  it("says so when there is nothing to do", () => {
    expect(planText({ restart: [], leftAlone: [] })).toContain("Nothing to restart");
  });
});
