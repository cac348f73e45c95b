// SPDX-License-Identifier: Apache-2.0
/**
 * Plays the Deployment controller and the garbage collector, which do not run here: every Deployment gets a ReplicaSet that says it
 * is ready, and what is deleted with its dependents in the foreground goes. No pod runs because of it.
 */
import type { Kube, KubeObject } from "./kube.ts";
import { type Repeating, repeat } from "./repeating.ts";

const MERGE = "application/merge-patch+json";
const FINALIZER = "foregroundDeletion";
const DEPLOYMENTS = "/apis/apps/v1/deployments";
/** What `istioctl uninstall` deletes so, as paths and kinds. */
const COLLECTED = [
  ...["configmaps", "serviceaccounts", "services", "secrets"].map((name) => `/api/v1/${name}`),
  DEPLOYMENTS,
  "/apis/autoscaling/v2/horizontalpodautoscalers",
  "/apis/policy/v1/poddisruptionbudgets",
  ...["roles", "rolebindings", "clusterroles", "clusterrolebindings"].map(
    (name) => `/apis/rbac.authorization.k8s.io/v1/${name}`,
  ),
  ...["mutating", "validating"].map((name) => `/apis/admissionregistration.k8s.io/v1/${name}webhookconfigurations`),
  "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
];

interface Listed {
  metadata: KubeObject["metadata"] & { uid: string; deletionTimestamp?: string; finalizers?: string[] };
  spec: { replicas?: number; selector: object; template: { metadata: { labels: Record<string, string> } } };
}

/** @param onRemoved  the Deployment's pods would be ended now; it goes when this has resolved */
export function startDeploymentController(kube: Kube, onRemoved: (deployment: string) => Promise<void>): Repeating {
  return repeat(() => reconcile(kube, onRemoved));
}

async function reconcile(kube: Kube, onRemoved: (deployment: string) => Promise<void>): Promise<void> {
  const deployments = await list(kube, DEPLOYMENTS);
  const ended = new Set<string>();
  for (const deployment of deployments) {
    if (deployment.metadata.deletionTimestamp === undefined) await makeReady(kube, deployment);
    else {
      await onRemoved(deployment.metadata.name);
      await kube.remove(replicaSet(deployment));
      ended.add(deployment.metadata.uid);
    }
  }
  for (const path of COLLECTED) {
    for (const { metadata } of await list(kube, path)) {
      if (metadata.deletionTimestamp === undefined || !metadata.finalizers?.includes(FINALIZER)) continue;
      // One that was deleted since the first look has pods still.
      if (path === DEPLOYMENTS && !ended.has(metadata.uid)) continue;
      const finalizers = metadata.finalizers.filter((name) => name !== FINALIZER);
      await kube.call("PATCH", pathOf(path, metadata), JSON.stringify({ metadata: { finalizers } }), MERGE);
    }
  }
}

async function list(kube: Kube, path: string): Promise<Listed[]> {
  return ((await kube.call("GET", path)) as { items: Listed[] }).items;
}

function pathOf(path: string, { name, namespace }: KubeObject["metadata"]): string {
  const at = path.lastIndexOf("/");
  return namespace === undefined
    ? `${path}/${name}`
    : `${path.slice(0, at)}/namespaces/${namespace}${path.slice(at)}/${name}`;
}

async function makeReady(kube: Kube, deployment: Listed): Promise<void> {
  const set = replicaSet(deployment);
  const replicas = deployment.spec.replicas ?? 1;
  await kube.apply(set);
  await kube.setStatus(set, { replicas, readyReplicas: replicas, availableReplicas: replicas });
}

function replicaSet({ metadata: { name, namespace, uid }, spec }: Listed): KubeObject {
  const hash = { "pod-template-hash": "0" };
  const owner = { apiVersion: "apps/v1", kind: "Deployment", name, uid, controller: true };
  const { metadata, ...template } = spec.template;
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${name}-0`,
      namespace: namespace ?? "",
      labels: { ...metadata.labels, ...hash },
      ownerReferences: [owner],
    },
    spec: {
      replicas: spec.replicas ?? 1,
      selector: spec.selector,
      template: { ...template, metadata: { ...metadata, labels: { ...metadata.labels, ...hash } } },
    },
  };
}
