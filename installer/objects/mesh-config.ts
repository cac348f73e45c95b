// SPDX-License-Identifier: Apache-2.0
/**
 * Edits of Istio's mesh configuration (key `mesh` of ConfigMap `istio`): our stat tags in and out, as text to text.
 * Everything else stays: the user's own tags, order, comments. Reading and writing the ConfigMap belongs to others.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig
 */
import { type Document, isMap, isNode, isScalar, isSeq, YAMLMap, YAMLSeq } from "yaml";
import { EXTRA_STAT_TAGS } from "../../filter/core/stat-tags.ts";
import { fill, isEmpty, meshDocument, meshText, unreadable, vacate } from "./mesh-text.ts";

const PATH = ["defaultConfig", "extraStatTags"] as const;

/**
 * The configuration with all of our tags; the text itself where they are there already.
 *
 * @throws ProxymeterError E_MESH_CONFIG where the text is no mesh configuration that can be edited
 */
export function withStatTags(meshYaml: string): string {
  const mesh = parse(meshYaml);
  const missing = EXTRA_STAT_TAGS.filter((tag) => !tagsIn(mesh).includes(tag));
  if (missing.length === 0) return meshYaml;
  if (mesh.contents === null) mesh.contents = mesh.createNode({});
  if (!isMap(mesh.get(PATH[0]))) fill(mesh, [PATH[0]], new YAMLMap());
  if (!isSeq(mesh.getIn(PATH))) fill(mesh, PATH, new YAMLSeq());
  for (const tag of missing) mesh.addIn(PATH, tag);
  return meshText(mesh, meshYaml);
}

/**
 * The configuration without the tags that we added to `before`: exactly `before` where nothing else has changed since.
 *
 * @param before  the text as it was when our tags were added; tags of ours that it had stay
 * @throws        ProxymeterError E_MESH_CONFIG
 */
export function withoutStatTags(meshYaml: string, before: string): string {
  if (meshYaml === before || withStatTags(before) === meshYaml) return before;
  const [mesh, original] = [parse(meshYaml), parse(before)];
  const kept = tagsIn(original);
  const tags = mesh.getIn(PATH);
  if (!isSeq(tags)) return meshYaml;
  const count = tags.items.length;
  tags.items = tags.items.filter((item) => !isAdded(textOf(item), kept));
  if (tags.items.length === count) return meshYaml;
  vacate(mesh, PATH, original);
  vacate(mesh, [PATH[0]], original);
  return meshText(mesh, meshYaml);
}

function isAdded(tag: string, kept: readonly string[]): boolean {
  return EXTRA_STAT_TAGS.includes(tag) && !kept.includes(tag);
}

/** The stat tags that a mesh configuration gives to every proxy. Throws as `withStatTags` does. */
export function statTagsOf(meshYaml: string): string[] {
  return tagsIn(parse(meshYaml));
}

function parse(text: string): Document {
  const mesh = meshDocument(text);
  const defaults = mesh.contents === null ? undefined : mesh.get(PATH[0], true);
  if (!isMap(defaults) && !isEmpty(defaults)) throw unreadable(`${PATH[0]} is not a map`);
  const tags = isMap(defaults) ? defaults.get(PATH[1], true) : undefined;
  if (!isSeq(tags) && !isEmpty(tags)) throw unreadable(`${PATH.join(".")} is not a list`);
  return mesh;
}

function tagsIn(mesh: Document): string[] {
  const tags = mesh.contents === null ? undefined : mesh.getIn(PATH);
  return isSeq(tags) ? tags.items.map(textOf) : [];
}

function textOf(item: unknown): string {
  return String(isScalar(item) ? item.value : isNode(item) ? item.toString() : item);
}
