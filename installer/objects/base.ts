// SPDX-License-Identifier: Apache-2.0
/**
 * The hand-written manifests in istio/ as the base of what is installed: read once, handed out as fresh copies.
 * Which fields are then overlaid is decided by the file of each kind; here is no template and no knowledge of fields.
 */
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "./object.ts";

const FOLDER = new URL("../../istio/", import.meta.url);
const read = new Map<string, KubeObject[]>();

/**
 * The first object of a kind in a file of istio/, with its `spec` or other body as written there.
 *
 * @param file  name within istio/, such as `20-wasm-plugin.yaml`
 * @throws      Error when the file has no such object: the installation of this program is broken
 */
export function baseOf<Body extends object>(file: string, kind: string, name?: string): KubeObject & Body {
  const found = objectsIn(file).find(
    (object) => object.kind === kind && (name ?? object.metadata.name) === object.metadata.name,
  );
  if (found === undefined) throw new Error(`cannot find ${kind} ${name ?? ""} in istio/${file}`);
  return structuredClone(found) as KubeObject & Body;
}

function objectsIn(file: string): KubeObject[] {
  let objects = read.get(file);
  if (objects === undefined) {
    objects = parseAllDocuments(readFileSync(new URL(file, FOLDER), "utf8")).map((document) => document.toJS());
    read.set(file, objects);
  }
  return objects;
}
