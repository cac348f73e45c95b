// SPDX-License-Identifier: Apache-2.0
/**
 * What becomes of the mesh configuration: our stat tags in, or out again, and what has to be restored. Pure.
 */
import { withoutStatTags, withStatTags } from "../objects/mesh-config.ts";
import type { MeshEdit, Record, Request } from "./record.ts";

export interface EditedMesh {
  /** The text as it would be without us. */
  before: string;
  /** The text to write. */
  after: string;
}

/**
 * @param current   the text on the server
 * @param recorded  our last edit, if there was one
 */
export function editedMesh(
  current: string,
  recorded: Pick<MeshEdit, "before" | "after"> | undefined,
  statTags: Request["statTags"],
): EditedMesh {
  const before = restoredMesh(current, recorded);
  return { before, after: statTags === "mesh" ? withStatTags(current) : before };
}

/** The text without our edit: byte for byte where nobody else has changed it since. */
export function restoredMesh(current: string, recorded: Pick<MeshEdit, "before" | "after"> | undefined): string {
  if (recorded === undefined) return current;
  return current === recorded.after ? recorded.before : withoutStatTags(current, recorded.before);
}

type Place = Pick<MeshEdit, "namespace" | "name">;

/** Every mesh configuration that the record says has our tags: that of the revision, and of those before it. */
export function recordedMeshes(record: Pick<Record, "mesh" | "formerMeshes"> | undefined): MeshEdit[] {
  return [...(record?.mesh ? [record.mesh] : []), ...(record?.formerMeshes ?? [])];
}

export function isSamePlace(a: Place, b: Place): boolean {
  return a.namespace === b.namespace && a.name === b.name;
}
