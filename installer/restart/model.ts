// SPDX-License-Identifier: Apache-2.0
/**
 * The parts of workloads, Jobs and injection webhooks that a restart looks at, and what it sets. Everything optional is what others may leave out.
 */
import type { LabelSelector, Pod } from "../checks/kinds.ts";
import type { PodTemplate } from "../cluster/injection.ts";
import type { KubeObject } from "../objects/object.ts";

/** Of a pod's template; its value is the time of the last restart. Uninstall leaves it: taking it away would restart again. */
export const RESTARTED_AT_ANNOTATION = "proxymeter.io/restarted-at";

export const WORKLOAD_KINDS = ["Deployment", "StatefulSet", "DaemonSet"] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];
export const WORKLOAD_API = "apps/v1";

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/ */
export interface Workload extends KubeObject {
  kind: WorkloadKind;
  spec?: {
    replicas?: number;
    paused?: boolean;
    template?: PodTemplate;
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } };
  };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    availableReplicas?: number;
    readyReplicas?: number;
    currentRevision?: string;
    updateRevision?: string;
    desiredNumberScheduled?: number;
    updatedNumberScheduled?: number;
    numberAvailable?: number;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

export interface OwnerReference {
  kind: string;
  name: string;
  controller?: boolean;
}

/** What may stand between a pod and its workload, or in a workload's place. */
export interface Owned extends KubeObject {
  kind: "ReplicaSet" | "Job";
}

/** @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-objectselector */
export interface InjectionWebhook {
  namespaceSelector?: LabelSelector;
  objectSelector?: LabelSelector;
}

export interface RestartFacts {
  namespaces: readonly NamespaceWorkloads[];
  /** The mesh's own stat tags; undefined where its configuration was not found. */
  meshTags: readonly string[] | undefined;
  /** Webhooks that inject sidecars; undefined where they can't be read. */
  webhooks: readonly InjectionWebhook[] | undefined;
}

export interface NamespaceWorkloads {
  name: string;
  labels: Readonly<Record<string, string>>;
  pods: readonly Pod[];
  workloads: readonly Workload[];
  owned: readonly Owned[];
}

/** The object that controls another one. */
export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return (metadata.ownerReferences as OwnerReference[] | undefined)?.find(({ controller }) => controller === true);
}
