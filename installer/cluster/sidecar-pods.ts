// SPDX-License-Identifier: Apache-2.0
/**
 * The running pods of namespaces and whether each has a sidecar. Reads only.
 */
import type { KubeObject } from "../objects/object.ts";
import type { Cluster } from "./cluster.ts";

/** Name of the sidecar's container. */
export const SIDECAR = "istio-proxy";

export interface SidecarPod {
  namespace: string;
  name: string;
  /** Address of the pod; "" where it has none yet. */
  address: string;
}

interface PodBody {
  spec?: { containers?: { name: string }[]; initContainers?: { name: string }[] };
  status?: { phase?: string; podIP?: string };
}

/** Pods that run, are not being deleted and have Istio's sidecar, in order of namespace and name. */
export async function sidecarPods(
  cluster: Pick<Cluster, "list">,
  namespaces: readonly string[],
): Promise<SidecarPod[]> {
  const lists = await Promise.all(namespaces.map((namespace) => cluster.list("v1", "Pod", { namespace })));
  return lists.flat().filter(isRunning).filter(hasSidecar).map(podOf).sort(byName);
}

/** Also as an init container that goes on running, as newer versions of Istio inject it. */
export function hasSidecar(pod: KubeObject): boolean {
  const { containers = [], initContainers = [] } = (pod as PodBody).spec ?? {};
  return [...containers, ...initContainers].some(({ name }) => name === SIDECAR);
}

function isRunning(pod: KubeObject): boolean {
  return (pod as PodBody).status?.phase === "Running" && pod.metadata.deletionTimestamp === undefined;
}

function podOf(pod: KubeObject): SidecarPod {
  const { name, namespace = "" } = pod.metadata;
  return { namespace, name, address: (pod as PodBody).status?.podIP ?? "" };
}

function byName(a: SidecarPod, b: SidecarPod): number {
  return `${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1;
}
