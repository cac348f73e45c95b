// SPDX-License-Identifier: Apache-2.0
/**
 * Edits of Istio's mesh configuration: the provider of our access log in and out of `extensionProviders`, as text to text.
 * One that somebody else has put there under that name stays as it is. Istio adds these to its own providers, by name.
 *
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ExtensionProvider
 */
import { isDeepStrictEqual } from "node:util";
import { type Document, isMap, isSeq, YAMLSeq } from "yaml";
import { ACCESS_LOG, ACCESS_LOG_PROVIDER } from "./access-log.ts";
import { fill, isEmpty, meshDocument, meshText, unreadable, vacate } from "./mesh-text.ts";

const PATH = "extensionProviders";

/**
 * The configuration with our provider; the text itself where it is there already, or was in `before`.
 *
 * @param before  the text as it is without us
 * @throws        ProxymeterError E_MESH_CONFIG
 */
export function withAccessLog(meshYaml: string, before: string): string {
  if (accessLogIn(before) !== undefined) return meshYaml;
  const mesh = parse(meshYaml);
  if (isDeepStrictEqual(providerIn(mesh), ACCESS_LOG)) return meshYaml;
  if (mesh.contents === null) mesh.contents = mesh.createNode({});
  if (!isSeq(mesh.get(PATH))) fill(mesh, [PATH], new YAMLSeq());
  drop(mesh);
  mesh.addIn([PATH], mesh.createNode(ACCESS_LOG));
  return meshText(mesh, meshYaml);
}

/**
 * The configuration without the provider that we added to `before`: exactly `before` where nothing else has changed since.
 * Throws as `withAccessLog` does.
 */
export function withoutAccessLog(meshYaml: string, before: string): string {
  if (meshYaml === before || accessLogIn(before) !== undefined) return meshYaml;
  if (withAccessLog(before, before) === meshYaml) return before;
  const mesh = parse(meshYaml);
  if (providerIn(mesh) === undefined) return meshYaml;
  drop(mesh);
  vacate(mesh, [PATH], parse(before));
  return meshText(mesh, meshYaml);
}

/** The provider of that name as a value, whoever put it there. Throws as `withAccessLog` does. */
export function accessLogIn(meshYaml: string): unknown {
  return providerIn(parse(meshYaml));
}

function parse(text: string): Document {
  const mesh = meshDocument(text);
  const list = mesh.contents === null ? undefined : mesh.get(PATH, true);
  if (!isSeq(list) && !isEmpty(list)) throw unreadable(`${PATH} is not a list`);
  return mesh;
}

function providerIn(mesh: Document): unknown {
  const list = mesh.contents === null ? undefined : mesh.get(PATH);
  const found = isSeq(list) ? list.items.find(isOurs) : undefined;
  return isMap(found) ? found.toJS(mesh) : undefined;
}

function drop(mesh: Document): void {
  const list = mesh.get(PATH);
  if (isSeq(list)) list.items = list.items.filter((item) => !isOurs(item));
}

function isOurs(item: unknown): boolean {
  return isMap(item) && item.get("name") === ACCESS_LOG_PROVIDER;
}
