// SPDX-License-Identifier: Apache-2.0
/**
 * Which running pods are in the mesh of one control plane: by its sidecar, or by its ambient mode. Reads only.
 *
 * @see https://istio.io/latest/docs/ambient/usage/add-workloads/
 */
import type { Cluster } from "../cluster/cluster.ts";
import { hasSidecar } from "../cluster/sidecar-pods.ts";
import type { OwnIstio } from "../install/record.ts";
import type { KubeObject } from "../objects/object.ts";
import type { IstioPresence } from "./presence.ts";

/** Pods by namespace, without those of Istio's own, which go with it. */
export interface MeshUsers {
  sidecars: Map<string, number>;
  ambient: Map<string, number>;
}

const REVISION = "istio.io/rev";
/** Of a namespace, or of a pod, which then decides. */
const DATAPLANE_MODE = "istio.io/dataplane-mode";
/** What the injector writes on a pod, as JSON. */
const INJECTED = "sidecar.istio.io/status";

/** @throws KubeError */
export async function meshUsers(
  cluster: Pick<Cluster, "list">,
  own: OwnIstio,
  { controlPlanes }: Pick<IstioPresence, "controlPlanes">,
): Promise<MeshUsers> {
  const [pods, namespaces] = await Promise.all([cluster.list("v1", "Pod"), cluster.list("v1", "Namespace")]);
  // A revision that no other control plane has is counted as ours: whose it is else, cannot be told.
  const foreign = new Set(controlPlanes.filter((plane) => !isOf(plane, own)).map(({ revision }) => revision));
  foreign.delete(own.revision);
  const labels = new Map(namespaces.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
  const labelsAt = ({ metadata }: KubeObject) => labels.get(metadata.namespace ?? "") ?? {};
  const running = pods.filter((pod) => pod.metadata.namespace !== own.namespace && !isOver(pod));
  const withSidecar = running.filter((pod) => hasSidecar(pod) && !foreign.has(revisionOf(pod) ?? ""));
  const inAmbient = running.filter((pod) => {
    const mode = pod.metadata.labels?.[DATAPLANE_MODE] ?? labelsAt(pod)[DATAPLANE_MODE];
    return mode === "ambient" && !hasSidecar(pod) && !foreign.has(labelsAt(pod)[REVISION] ?? "");
  });
  return { sidecars: countByNamespace(withSidecar), ambient: countByNamespace(inAmbient) };
}

function isOf(plane: Pick<OwnIstio, "namespace" | "revision">, own: OwnIstio): boolean {
  return plane.namespace === own.namespace && plane.revision === own.revision;
}

/** Which control plane injected the sidecar; a pod's label may also name a tag, which is resolved by then. */
function revisionOf({ metadata }: KubeObject): string | undefined {
  const label = metadata.labels?.[REVISION];
  try {
    const status = JSON.parse(metadata.annotations?.[INJECTED] ?? "{}") as { revision?: string } | null;
    return status?.revision ?? label;
  } catch {
    return label;
  }
}

/** A pod of a Job that is done uses no mesh. */
function isOver({ status }: KubeObject): boolean {
  const { phase } = (status ?? {}) as { phase?: string };
  return phase === "Succeeded" || phase === "Failed";
}

function countByNamespace(pods: readonly KubeObject[]): Map<string, number> {
  const grouped = Map.groupBy(pods, ({ metadata }) => metadata.namespace ?? "");
  return new Map([...grouped].map(([name, of]) => [name, of.length]));
}
