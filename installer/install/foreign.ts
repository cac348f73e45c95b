// SPDX-License-Identifier: Apache-2.0
/**
 * What somebody else has put into a namespace of ours, so that removing the namespace does not remove that too. Reads only.
 */
import type { Cluster } from "../cluster/cluster.ts";
import { KubeError } from "../cluster/kube-error.ts";
import { isOwn } from "../cluster/own-objects.ts";
import type { KubeObject } from "../objects/object.ts";

/** Kinds that hold somebody's work. What controllers make of these goes with them. */
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
];

/** Every namespace gets these from Kubernetes and Istio. */
const EVERYWHERE = [
  "ConfigMap kube-root-ca.crt",
  "ConfigMap istio-ca-root-cert",
  "ConfigMap istio-ca-crl",
  "ServiceAccount default",
];

export async function foreignObjects(cluster: Pick<Cluster, "list">, namespace: string): Promise<KubeObject[]> {
  const lists = await Promise.all(
    KINDS.map(([apiVersion, kind]) => cluster.list(apiVersion, kind, { namespace }).catch(notAllowed)),
  );
  return lists
    .flat()
    .filter((object) => !isOwn(object) && !EVERYWHERE.includes(`${object.kind} ${object.metadata.name}`));
}

/** An account without the right to see a kind cannot say anything about it. */
function notAllowed(error: unknown): KubeObject[] {
  if (error instanceof KubeError && error.status === 403) return [];
  throw error;
}
