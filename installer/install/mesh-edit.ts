// SPDX-License-Identifier: Apache-2.0
/**
 * What becomes of the mesh configuration: our stat tags and the provider of our access log in, or out again, and what has to be
 * restored. Pure.
 */
import { withoutStatTags, withStatTags } from "../objects/mesh-config.ts";
import { withAccessLog, withoutAccessLog } from "../objects/mesh-provider.ts";
import type { MeshEdit, Record, Request } from "./record.ts";

export interface EditedMesh {
  /** The text as it would be without us. */
  before: string;
  /** The text to write. */
  after: string;
}

export interface MeshWish {
  statTags: Request["statTags"];
  /** Whether a Telemetry of ours names the provider, or is going to. */
  hasAccessLog: boolean;
}

/**
 * @param current   the text on the server
 * @param recorded  our last edit, if there was one
 */
export function editedMesh(
  current: string,
  recorded: Pick<MeshEdit, "before" | "after"> | undefined,
  { statTags, hasAccessLog }: MeshWish,
): EditedMesh {
  const before = restoredMesh(current, recorded);
  if (statTags === "none" && !hasAccessLog) return { before, after: before };
  const tagged = statTags === "mesh" ? withStatTags(current) : withoutStatTags(current, before);
  return { before, after: hasAccessLog ? withAccessLog(tagged, before) : withoutAccessLog(tagged, before) };
}

/** The text without our edit: byte for byte where nobody else has changed it since. */
export function restoredMesh(current: string, recorded: Pick<MeshEdit, "before" | "after"> | undefined): string {
  if (recorded === undefined) return current;
  if (current === recorded.after) return recorded.before;
  return withoutAccessLog(withoutStatTags(current, recorded.before), recorded.before);
}

type Place = Pick<MeshEdit, "namespace" | "name">;

/** Every mesh configuration that the record says has our tags: that of the revision, and of those before it. */
export function recordedMeshes(record: Pick<Record, "mesh" | "formerMeshes"> | undefined): MeshEdit[] {
  return [...(record?.mesh ? [record.mesh] : []), ...(record?.formerMeshes ?? [])];
}

export function isSamePlace(a: Place, b: Place): boolean {
  return a.namespace === b.namespace && a.name === b.name;
}
