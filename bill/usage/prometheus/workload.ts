// SPDX-License-Identifier: Apache-2.0
/**
 * Which workload a pod belongs to: the label of our scrape, else what the pod's name is made of.
 */
import * as contract from "../../../filter/core/contract.ts";

/** Suffixes of pods' names: of a ReplicaSet's or a Job's pods, of a StatefulSet's, of a DaemonSet's. Kubernetes leaves vowels out. */
const SUFFIXES = [
  /-[bcdf-hj-np-tv-z2456789]{6,10}-[bcdf-hj-np-tv-z2456789]{5}$/,
  /-\d{8,}-[bcdf-hj-np-tv-z2456789]{5}$/,
  /-\d{1,4}$/,
  /-[bcdf-hj-np-tv-z2456789]{5}$/,
];

export function workloadOf({ workload = "", pod = "" }: Readonly<Record<string, string>>): string {
  if (workload !== "") return workload;
  const suffix = SUFFIXES.find((one) => one.test(pod));
  return (suffix === undefined ? pod : pod.replace(suffix, "")) || contract.VALUE_UNKNOWN;
}
