// SPDX-License-Identifier: Apache-2.0
/**
 * Finds every object of ours on a server, by its label. Reads only.
 */
import type { KubeObject } from "../objects/object.ts";
import { MANAGED_BY, MANAGED_BY_LABEL } from "../objects/target.ts";
import type { Cluster } from "./cluster.ts";
import { KubeError } from "./kube-error.ts";

export interface Kind {
  apiVersion: string;
  kind: string;
}

/** Each kind of these once, in the order of its first. */
export function kindsOf(objects: readonly Kind[]): Kind[] {
  return [...new Map(objects.map(({ apiVersion, kind }) => [`${apiVersion}/${kind}`, { apiVersion, kind }])).values()];
}

/** Every kind that this or another release may have made. */
export const OWN_KINDS: readonly Kind[] = [
  ...["Namespace", "ServiceAccount", "ConfigMap", "Service"].map((kind) => ({ apiVersion: "v1", kind })),
  ...["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"].map((kind) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind,
  })),
  { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" },
  { apiVersion: "batch/v1", kind: "CronJob" },
  { apiVersion: "extensions.istio.io/v1alpha1", kind: "WasmPlugin" },
  { apiVersion: "extensions.istio.io/v1alpha1", kind: "TrafficExtension" },
  { apiVersion: "networking.istio.io/v1", kind: "ServiceEntry" },
  { apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter" },
  { apiVersion: "telemetry.istio.io/v1", kind: "Telemetry" },
  { apiVersion: "monitoring.coreos.com/v1", kind: "PodMonitor" },
  { apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule" },
];

export interface OwnObjects {
  objects: readonly KubeObject[];
  /** Kinds that this account may not list: what is there of them is not known. */
  hidden: readonly Kind[];
}

/** @param more  kinds to look for beside those known here */
export async function ownObjects(cluster: Pick<Cluster, "list">, more: readonly Kind[] = []): Promise<OwnObjects> {
  const kinds = new Map(
    [...OWN_KINDS, ...more].map(({ apiVersion, kind }) => [`${apiVersion}/${kind}`, { apiVersion, kind }]),
  );
  const hidden: Kind[] = [];
  const lists = await Promise.all(
    [...kinds.values()].map(async (kind) => {
      try {
        return await cluster.list(kind.apiVersion, kind.kind, { labelSelector: `${MANAGED_BY_LABEL}=${MANAGED_BY}` });
      } catch (error) {
        if (!(error instanceof KubeError && error.status === 403)) throw error;
        hidden.push(kind);
        return [];
      }
    }),
  );
  return { objects: lists.flat(), hidden };
}

export function isOwn({ metadata }: Pick<KubeObject, "metadata">): boolean {
  return metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY;
}
