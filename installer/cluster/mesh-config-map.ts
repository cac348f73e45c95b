// SPDX-License-Identifier: Apache-2.0
/**
 * The mesh configuration in its ConfigMap: reads it, and writes a changed text only over the text that was read.
 * What changes in the text is decided by the caller.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
 */
import { parse } from "yaml";
import { ProxymeterError } from "../errors.ts";
import { type KubeObject, nameOf, type Reference } from "../objects/object.ts";
import type { Cluster } from "./cluster.ts";
import { KubeError } from "./kube-error.ts";

const KEY = "mesh";
const ATTEMPTS = 5;

export interface MeshPlace {
  namespace: string;
  /** Name of the ConfigMap. */
  name: string;
}

/** Name of the ConfigMap of a revision of Istio. */
export function meshConfigMap(revision: string): string {
  return revision === "default" || revision === "" ? "istio" : `istio-${revision}`;
}

/** The configuration as a value; {} for an empty text or one that is no mapping. */
export function meshOf(meshYaml: string): Readonly<Record<string, unknown>> {
  const value: unknown = parse(meshYaml);
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** @throws ProxymeterError E_NO_MESH_CONFIG; KubeError */
export async function readMeshConfig(cluster: Pick<Cluster, "read">, place: MeshPlace): Promise<string> {
  return textOf(await readMap(cluster, place));
}

/**
 * Writes what `edit` makes of the text. Where somebody else writes meanwhile, reads and edits again.
 *
 * @param edit  pure; the same text again means that nothing is written
 * @returns     the text before and after
 * @throws      KubeError 409 when others kept writing; E_NO_MESH_CONFIG
 */
export async function editMeshConfig(
  cluster: Pick<Cluster, "read" | "replace">,
  place: MeshPlace,
  edit: (meshYaml: string) => string,
): Promise<{ before: string; after: string }> {
  for (let attempt = 1; ; attempt++) {
    const map = await readMap(cluster, place);
    const before = textOf(map);
    const after = edit(before);
    if (after === before) return { before, after };
    try {
      // The resourceVersion that was read goes along: the server refuses it when the object has changed since.
      await cluster.replace({ ...map, data: { ...(map.data as Record<string, string>), [KEY]: after } });
      return { before, after };
    } catch (error) {
      const isConflict = error instanceof KubeError && error.status === 409;
      if (!isConflict || attempt === ATTEMPTS) throw error;
    }
  }
}

async function readMap(cluster: Pick<Cluster, "read">, { namespace, name }: MeshPlace): Promise<KubeObject> {
  const reference: Reference = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace } };
  const map = await cluster.read(reference);
  if (map !== undefined) return map;
  throw missing(reference);
}

function textOf(map: KubeObject): string {
  const text = (map.data as Record<string, string> | undefined)?.[KEY];
  if (text === undefined) throw missing(map);
  return text;
}

function missing(reference: Reference): ProxymeterError {
  return new ProxymeterError(
    "E_NO_MESH_CONFIG",
    `cannot find the mesh configuration: no ${nameOf(reference)} with key "${KEY}"`,
    "say where Istio is with --istio-namespace and --istio-revision",
  );
}
