// SPDX-License-Identifier: Apache-2.0
/**
 * Objects as text: one stream of documents, or files in apply order with a kustomization. Writes nothing anywhere.
 * What cannot be an object of ours, the stat tags of the mesh configuration, goes along as comments.
 */
import type { KubeObject } from "./object.ts";
import { withStatTags } from "./mesh-config.ts";
import type { Target } from "./target.ts";
import { toYaml } from "./yaml.ts";

export interface RenderedFile {
  name: string;
  text: string;
}

export const KUSTOMIZATION = "kustomization.yaml";
/** First line of a kustomization by which we know our own. */
export const KUSTOMIZATION_HEAD = "# Written by proxymeter render: files listed here are replaced by the next one.";
const MESH_FILE = "mesh-config.yaml";

/** Documents in apply order, each with its marker. */
export function renderStream(objects: readonly KubeObject[], target: Target): string {
  return [meshComment(target), ...objects.map((object) => `---\n${toYaml(object)}`)].join("");
}

/** Numbered files, so that a listing is the apply order, and what kustomize reads. */
export function renderFiles(objects: readonly KubeObject[], target: Target): RenderedFile[] {
  const digits = Math.max(2, String(objects.length).length);
  const files = objects.map((object, index) => ({
    name: `${String(index + 1).padStart(digits, "0")}-${fileName(object)}.yaml`,
    text: toYaml(object),
  }));
  const kustomization = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: files.map(({ name }) => name),
    // Kustomize would order by kind: gateways then came before the plugins of their listeners.
    sortOptions: { order: "fifo" },
  };
  return [
    ...files,
    { name: MESH_FILE, text: meshComment(target) },
    { name: KUSTOMIZATION, text: `${KUSTOMIZATION_HEAD}\n${toYaml(kustomization)}` },
  ];
}

/** Kind, namespace and name; all three are of characters that file names may have, but for colons in names of roles. */
function fileName({ kind, metadata: { name, namespace } }: KubeObject): string {
  return [kind.toLowerCase(), ...(namespace === undefined ? [] : [namespace]), name].join("-").replace(/[^\w.-]/g, "_");
}

function meshComment({ istio: { namespace, meshConfigMap = "istio" } }: Target): string {
  const fragment = withStatTags("").trimEnd();
  const lines = [
    `Merge into the mesh configuration, key "mesh" of ConfigMap ${namespace}/${meshConfigMap}, which belongs to Istio.`,
    "Pods take it when they start. Until then they are metered with fewer labels, which the scrape puts right.",
    ...fragment.split("\n"),
  ];
  return lines.map((line) => `# ${line}\n`).join("");
}
