// SPDX-License-Identifier: Apache-2.0
/**
 * What somebody else has put into a namespace of ours, so that removing the namespace does not remove that too. Reads only.
 */
import type { Cluster } from "../cluster/cluster.ts";
import { KubeError } from "../cluster/kube-error.ts";
import { isOwn, type Kind } from "../cluster/own-objects.ts";
import type { KubeObject } from "../objects/object.ts";
import { inParallel } from "../cluster/in-parallel.ts";

const WIDTH = 8;

/** Kubernetes' own kinds that hold somebody's work; what controllers make of these goes with them. Others are custom resources. */
const KINDS: readonly (readonly [apiVersion: string, kind: string])[] = [
  ["v1", "Pod"],
  ["v1", "Service"],
  ["v1", "ConfigMap"],
  ["v1", "Secret"],
  ["v1", "ServiceAccount"],
  ["v1", "PersistentVolumeClaim"],
  ["apps/v1", "Deployment"],
  ["apps/v1", "StatefulSet"],
  ["apps/v1", "DaemonSet"],
  ["batch/v1", "Job"],
  ["batch/v1", "CronJob"],
  ["autoscaling/v2", "HorizontalPodAutoscaler"],
  ["policy/v1", "PodDisruptionBudget"],
  ["networking.k8s.io/v1", "Ingress"],
  ["networking.k8s.io/v1", "NetworkPolicy"],
  ["rbac.authorization.k8s.io/v1", "Role"],
  ["rbac.authorization.k8s.io/v1", "RoleBinding"],
];

const DEFINITION: Kind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };

/** Every namespace gets these from Kubernetes and Istio. */
const EVERYWHERE = [
  "ConfigMap kube-root-ca.crt",
  "ConfigMap istio-ca-root-cert",
  "ConfigMap istio-ca-crl",
  "ServiceAccount default",
];

export interface Foreign {
  objects: readonly KubeObject[];
  /** Kinds that this account may not list: whether there are any is not known. */
  hidden: readonly string[];
}

/** @throws KubeError other than 403 */
export async function foreignObjects(cluster: Pick<Cluster, "list">, namespace: string): Promise<Foreign> {
  const hidden: string[] = [];
  const list = ({ apiVersion, kind }: Kind, options: { namespace?: string }) =>
    cluster.list(apiVersion, kind, options).catch((error: unknown): KubeObject[] => {
      if (!(error instanceof KubeError && error.status === 403)) throw error;
      hidden.push(kind);
      return [];
    });
  const definitions = await list(DEFINITION, {});
  const kinds = [
    ...KINDS.map(([apiVersion, kind]): Kind => ({ apiVersion, kind })),
    ...definitions.flatMap((definition) => customKind(definition.spec as Definition)),
  ];
  const found = (await inParallel(kinds, WIDTH, (kind) => list(kind, { namespace }))).flat();
  const isForeign = (object: KubeObject) =>
    !isOwn(object) && !EVERYWHERE.includes(`${object.kind} ${object.metadata.name}`);
  return { objects: found.filter(isForeign), hidden };
}

interface Definition {
  group: string;
  scope: string;
  names: { kind: string };
  versions: { name: string; served: boolean }[];
}

/** A kind whose objects live in namespaces, by any version that the server still serves. */
function customKind({ group, scope, names, versions }: Definition): Kind[] {
  const version = versions.find(({ served }) => served)?.name;
  if (scope !== "Namespaced" || version === undefined) return [];
  return [{ apiVersion: `${group}/${version}`, kind: names.kind }];
}
