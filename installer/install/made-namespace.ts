// SPDX-License-Identifier: Apache-2.0
/**
 * The mark on a namespace that an installation created, set in the same request: an uninstall knows it by that even where the
 * record was never written. Pure.
 */
import type { KubeObject } from "../objects/object.ts";
import { keyOf } from "./listeners.ts";

const NAME = "proxymeter.io/created-by";
const VALUE = "install";

export function isMarked({ kind, metadata }: Pick<KubeObject, "kind" | "metadata">): boolean {
  return kind === "Namespace" && metadata.annotations?.[NAME] === VALUE;
}

/** The objects, with the mark on the namespace where it is not there yet, or has it: an apply without would take it off. */
export function withMarks(objects: readonly KubeObject[], live: ReadonlyMap<string, KubeObject>): KubeObject[] {
  return objects.map((object) => {
    const before = live.get(keyOf(object));
    if (object.kind !== "Namespace" || (before !== undefined && !isMarked(before))) return object;
    const annotations = { ...object.metadata.annotations, [NAME]: VALUE };
    return { ...object, metadata: { ...object.metadata, annotations } };
  });
}
