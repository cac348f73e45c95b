// SPDX-License-Identifier: Apache-2.0
/**
 * The text of Istio's mesh configuration as a document that can be edited, and back: order, comments and style stay.
 * What is edited is decided elsewhere.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
 */
import {
  type Document,
  isCollection,
  isMap,
  isScalar,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { ProxymeterError } from "../errors.ts";

/** @throws ProxymeterError E_MESH_CONFIG where the text is no mapping */
export function meshDocument(text: string): Document {
  const mesh: Document = parseDocument(text);
  const [error] = mesh.errors;
  if (error) throw unreadable(`it is not YAML: ${error.message.split("\n", 1)[0]}`);
  if (mesh.contents !== null && !isMap(mesh.contents) && !isEmpty(mesh.contents)) throw unreadable("it is not a map");
  if (isEmpty(mesh.contents)) mesh.contents = null;
  return mesh;
}

export function isEmpty(node: unknown): boolean {
  return node === undefined || node === null || (isScalar(node) && (node.value === null || node.value === ""));
}

/** Puts a list or map where there was nothing; a comment that stood beside the nothing stays, above what comes. */
export function fill(mesh: Document, path: readonly string[], node: YAMLSeq | YAMLMap): void {
  const nothing = mesh.getIn(path, true);
  if (isScalar(nothing)) node.commentBefore = nothing.comment ?? null;
  mesh.setIn(path, node);
}

/** Takes a list or map that has become empty out, as far as that is how it was in `original`; a comment above it stays. */
export function vacate(mesh: Document, path: readonly string[], original: Document): void {
  const node = mesh.getIn(path, true);
  if (!isCollection(node) || node.items.length > 0) return;
  const before = original.contents === null ? undefined : original.getIn(path, true);
  if (before === undefined) mesh.deleteIn(path);
  else if (isScalar(before) && isEmpty(before)) {
    const nothing = before.clone() as Scalar;
    nothing.comment = node.commentBefore ?? null;
    mesh.setIn(path, nothing);
  }
}

/** In the style of the text before: Istio's chart and `istioctl` differ in how they indent lists. */
export function meshText(mesh: Document, before: string): string {
  const indent = /^(?:[^\s#-][^\n]*:[ \t]*\n)( +)[^\s#-]/m.exec(before)?.[1]?.length ?? 2;
  const indentSeq = !/^( *)[^\s#-][^\n]*:[ \t]*\n\1- /m.test(before);
  const isJson = before.trimStart().startsWith("{");
  const text = mesh.toString({
    lineWidth: 0,
    indent,
    indentSeq,
    flowCollectionPadding: !/\{\S/.test(before),
    ...(isJson && { defaultKeyType: "QUOTE_DOUBLE", defaultStringType: "QUOTE_DOUBLE" }),
  });
  return before.endsWith("\n") || before === "" ? text : text.replace(/\n$/, "");
}

export function unreadable(found: string): ProxymeterError {
  return new ProxymeterError(
    "E_MESH_CONFIG",
    `cannot edit the mesh configuration: ${found}`,
    "look at key `mesh` of the ConfigMap `istio` in Istio's namespace",
  );
}
