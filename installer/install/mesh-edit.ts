// SPDX-License-Identifier: Apache-2.0
/**
 * What becomes of the mesh configuration: our stat tags in, or out again, and what uninstall has to restore. Pure.
 */
import { withoutStatTags, withStatTags } from "../objects/mesh-config.ts";
import type { MeshEdit, Request } from "./record.ts";

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
