// SPDX-License-Identifier: Apache-2.0
/**
 * What of Istio is in a cluster: control planes, mesh configurations, definitions. Reads only; what follows from it is decided
 * in decision.ts and removal.ts.
 */
import type { Cluster } from "../cluster/cluster.ts";
import { meshConfigMap } from "../cluster/mesh-config-map.ts";
import { type KubeObject, nameOf } from "../objects/object.ts";

export interface ControlPlane {
  namespace: string;
  revision: string;
  /** Of its image; as it is written there. */
  tag: string;
}

export interface IstioPresence {
  controlPlanes: readonly ControlPlane[];
  /** ConfigMaps of mesh configuration where no istiod of that revision runs beside: `ConfigMap istio-system/istio`. */
  meshConfigs: readonly string[];
  /** Names of the definitions of Istio's kinds. */
  definitions: readonly string[];
  /** Whether the namespace that was asked about exists. */
  hasNamespace: boolean;
}

export const DEFINITION = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" } as const;
/** Objects that istioctl installs have it. */
export const COMPONENT_LABEL = "operator.istio.io/component";
const MESH_NAMES = /^istio(-[a-z0-9-]+)?$/;

/** @param namespace  where Istio is to be, or was installed */
export async function istioPresence(
  cluster: Pick<Cluster, "list" | "read">,
  namespace: string,
): Promise<IstioPresence> {
  const [deployments, maps, definitions, found] = await Promise.all([
    cluster.list("apps/v1", "Deployment", { labelSelector: "app=istiod" }),
    cluster.list("v1", "ConfigMap", { namespace }),
    cluster.list(DEFINITION.apiVersion, DEFINITION.kind),
    cluster.read({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }),
  ]);
  const controlPlanes = deployments.map(controlPlaneOf);
  const known = new Set(controlPlanes.map((plane) => `${plane.namespace}/${meshConfigMap(plane.revision)}`));
  const orphans = maps.filter(isMeshConfig).filter(({ metadata }) => !known.has(`${namespace}/${metadata.name}`));
  return {
    controlPlanes,
    meshConfigs: orphans.map(nameOf),
    definitions: definitions.map(({ metadata }) => metadata.name).filter((name) => name.endsWith(".istio.io")),
    hasNamespace: found !== undefined && found.metadata.deletionTimestamp === undefined,
  };
}

function isMeshConfig({ metadata, data }: KubeObject): boolean {
  return MESH_NAMES.test(metadata.name) && (data as { mesh?: string } | undefined)?.mesh !== undefined;
}

interface DeploymentSpec {
  template?: { spec?: { containers?: { image?: string }[] } };
}

function controlPlaneOf({ metadata, spec }: KubeObject): ControlPlane {
  const image = (spec as DeploymentSpec | undefined)?.template?.spec?.containers?.[0]?.image ?? "";
  return {
    namespace: metadata.namespace ?? "",
    revision: metadata.labels?.["istio.io/rev"] || "default",
    tag: /:([^/:@]+)(?:@.*)?$/.exec(image)?.[1] ?? "unknown",
  };
}

/** As people read it. */
export function controlPlaneText({ namespace, revision, tag }: ControlPlane): string {
  return `istiod ${tag}, revision ${revision}, in namespace ${namespace}`;
}
