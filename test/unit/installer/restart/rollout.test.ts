// SPDX-License-Identifier: Apache-2.0
/**
 * How far a rollout is, by the statuses that controllers write.
 */
import { describe, expect, it } from "vitest";
import type { Workload } from "../../../../installer/restart/model.ts";
import { failureOf, isRolledOut, isUpdated } from "../../../../installer/restart/rollout.ts";

type Status = NonNullable<Workload["status"]>;

function workload(kind: Workload["kind"], status: Status, spec: Workload["spec"] = { replicas: 3 }): Workload {
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name: "one", generation: 2 },
    spec,
    status: { observedGeneration: 2, ...status },
  };
}

const NEW = { replicas: 3, updatedReplicas: 3, availableReplicas: 3 };
const SETS = { readyReplicas: 3, updatedReplicas: 3, currentRevision: "b", updateRevision: "b" };
const NODES = { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 };

describe("a rollout", () => {
  it.each<[string, Workload, boolean, boolean]>([
    ["Deployment, over", workload("Deployment", NEW), true, true],
    ["Deployment, new pods not available yet", workload("Deployment", { ...NEW, availableReplicas: 2 }), true, false],
    ["Deployment, old pods still there", workload("Deployment", { ...NEW, replicas: 4 }), false, false],
    ["Deployment, too few new pods", workload("Deployment", { ...NEW, updatedReplicas: 2 }), false, false],
    ["Deployment, not seen by its controller", workload("Deployment", { ...NEW, observedGeneration: 1 }), false, false],
    [
      "Deployment of one replica by default",
      workload("Deployment", { replicas: 1, updatedReplicas: 1, availableReplicas: 1 }, {}),
      true,
      true,
    ],
    ["Deployment of none", workload("Deployment", {}, { replicas: 0 }), true, true],
    ["StatefulSet, over", workload("StatefulSet", SETS), true, true],
    [
      "StatefulSet, never updated",
      workload("StatefulSet", { readyReplicas: 3, currentRevision: "a", updateRevision: "a" }),
      true,
      true,
    ],
    [
      "StatefulSet, on its way",
      workload("StatefulSet", { ...SETS, updatedReplicas: 1, currentRevision: "a" }),
      false,
      false,
    ],
    [
      "StatefulSet, up to its partition",
      workload(
        "StatefulSet",
        { ...SETS, updatedReplicas: 1, currentRevision: "a" },
        { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
      ),
      true,
      true,
    ],
    ["DaemonSet, over", workload("DaemonSet", NODES), true, true],
    ["DaemonSet, on its way", workload("DaemonSet", { ...NODES, updatedNumberScheduled: 2 }), false, false],
    ["DaemonSet, not available", workload("DaemonSet", { ...NODES, numberAvailable: 2 }), true, false],
  ])("of a %s", (_name, one, updated, over) => {
    expect([isUpdated(one), isRolledOut(one)]).toEqual([updated, over]);
  });

  it("has failed when its controller gave it up", () => {
    const conditions = [
      { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "too slow" },
    ];
    expect(failureOf(workload("Deployment", { ...NEW, conditions }))).toBe("too slow");
    expect(failureOf(workload("Deployment", NEW))).toBeUndefined();
  });
});
