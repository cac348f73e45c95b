// SPDX-License-Identifier: Apache-2.0
/**
 * How far the pods of a workload follow its template, read off its status as `kubectl rollout status` does.
 *
 * @see https://github.com/kubernetes/kubectl/blob/master/pkg/polymorphichelpers/rollout_status.go
 */
import type { Workload } from "./model.ts";

export interface Progress {
  /** Pods made from the newest template, and how many of them are wanted. */
  updated: number;
  wanted: number;
  /** Pods of the newest template that take work. */
  available: number;
}

/** Whether every pod is made from the newest template, be it available or not. */
export function isUpdated(workload: Workload): boolean {
  const { updated, wanted } = progressOf(workload);
  return hasObserved(workload) && updated >= wanted && !hasOldPods(workload);
}

/** Whether the restart is over: every pod is new and takes work. */
export function isRolledOut(workload: Workload): boolean {
  const { available, wanted } = progressOf(workload);
  return isUpdated(workload) && available >= wanted;
}

/** Why the rollout will not end by itself, in the controller's words; undefined as long as it may. */
export function failureOf({ status }: Workload): string | undefined {
  const stalled = status?.conditions?.find(
    ({ type, reason }) => type === "Progressing" && reason === "ProgressDeadlineExceeded",
  );
  return stalled?.message ?? stalled?.reason;
}

export function progressOf({ kind, spec, status = {} }: Workload): Progress {
  if (kind === "DaemonSet") {
    return {
      updated: status.updatedNumberScheduled ?? 0,
      wanted: status.desiredNumberScheduled ?? 0,
      available: status.numberAvailable ?? 0,
    };
  }
  const replicas = spec?.replicas ?? 1;
  const partition = kind === "StatefulSet" ? (spec?.updateStrategy?.rollingUpdate?.partition ?? 0) : 0;
  const available = kind === "StatefulSet" ? status.readyReplicas : status.availableReplicas;
  return {
    updated: updatedReplicas(kind, status, replicas),
    wanted: Math.max(0, replicas - partition),
    available: available ?? 0,
  };
}

/** A StatefulSet that was never updated, or whose update is over, has its number under the current revision. */
function updatedReplicas(kind: Workload["kind"], status: NonNullable<Workload["status"]>, replicas: number): number {
  const isOver = kind === "StatefulSet" && status.updateRevision === status.currentRevision;
  return isOver ? replicas : (status.updatedReplicas ?? 0);
}

function hasObserved({ metadata, status }: Workload): boolean {
  return (status?.observedGeneration ?? 0) >= Number(metadata.generation ?? 0);
}

function hasOldPods({ kind, status = {} }: Workload): boolean {
  return kind === "Deployment" && (status.replicas ?? 0) > (status.updatedReplicas ?? 0);
}
