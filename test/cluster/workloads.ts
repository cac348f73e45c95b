// SPDX-License-Identifier: Apache-2.0
/**
 * Workloads as their owners write them, and what the controllers, which do not run here, would report of them.
 */
import type { KubeObject } from "./kube.ts";

/** A rollout that is over, by kind. */
export const UPDATED: Readonly<Record<string, object>> = {
  Deployment: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1 },
  StatefulSet: { observedGeneration: 1, replicas: 1, readyReplicas: 1, currentRevision: "a", updateRevision: "a" },
  DaemonSet: {
    observedGeneration: 1,
    desiredNumberScheduled: 1,
    updatedNumberScheduled: 1,
    numberAvailable: 1,
    currentNumberScheduled: 1,
    numberMisscheduled: 0,
    numberReady: 1,
  },
};

/** One pod `crawler`, selected by label `app` of this name. */
export function workload(kind: string, name: string, namespace: string): KubeObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "crawler", image: "crawler:dev" }] } };
  const serviceName = kind === "StatefulSet" ? { serviceName: name } : {};
  const spec = { selector: { matchLabels: labels }, template, ...serviceName };
  return { apiVersion: "apps/v1", kind, metadata: { name, namespace }, spec };
}

/** What makes pods of this workload its own. */
export const owner = ({ apiVersion, kind, metadata }: KubeObject) => [
  { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true },
];
