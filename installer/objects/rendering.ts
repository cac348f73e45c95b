// SPDX-License-Identifier: Apache-2.0
/**
 * Objects as text: one stream of documents, or files in apply order with a kustomization. Writes nothing anywhere.
 * What cannot be an object of ours, stat tags and log provider of the mesh configuration, goes along as comments.
 */
import type { KubeObject } from "./object.ts";
import { withStatTags } from "./mesh-config.ts";
import { withAccessLog } from "./mesh-provider.ts";
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

/** The same objects as one, which `kubectl apply -f -` takes in that order too. */
export function listOf(objects: readonly KubeObject[]): {
  apiVersion: "v1";
  kind: "List";
  items: readonly KubeObject[];
} {
  return { apiVersion: "v1", kind: "List", items: objects };
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

function meshComment(target: Target): string {
  const lines = meshFragment(target).split("\n");
  return lines.map((line) => `# ${line}\n`).join("");
}

/** What to merge into which mesh configuration, for people. */
export function meshFragment({ istio: { namespace, meshConfigMap = "istio" }, parts }: Target): string {
  const tags = withStatTags("");
  const fragment = (parts.accessLog ? withAccessLog(tags, "") : tags).trimEnd();
  return [
    `Merge into the mesh configuration, key "mesh" of ConfigMap ${namespace}/${meshConfigMap}, which belongs to Istio.`,
    "Pods take stat tags when they start. Until then they are metered with fewer labels, which the scrape puts right.",
    ...(parts.accessLog
      ? ["The provider has to be there before the Telemetry that names it, and to go after it."]
      : []),
    fragment,
  ].join("\n");
}
