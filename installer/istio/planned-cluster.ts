// SPDX-License-Identifier: Apache-2.0
/**
 * The cluster as it will be once rendered objects are applied, for readers: what istioctl is going to install decides our own plan,
 * which can so be shown before anything is done. Writing goes to the cluster as it is.
 */
import type { Cluster, ListOptions } from "../cluster/cluster.ts";
import type { KubeObject, Reference } from "../objects/object.ts";
import { DEFINITION } from "./presence.ts";

export function plannedCluster(cluster: Cluster, rendered: readonly KubeObject[]): Cluster {
  const byKey = new Map(rendered.map((object) => [keyOf(object), object]));
  const kinds = new Set(rendered.flatMap(definedKinds));
  const planned: Partial<Cluster> = {
    read: async (reference: Reference) => byKey.get(keyOf(reference)) ?? cluster.read(reference),
    list: async (apiVersion: string, kind: string, options: ListOptions = {}) => {
      const ours = rendered.filter((object) => object.apiVersion === apiVersion && object.kind === kind);
      const found = await cluster.list(apiVersion, kind, options);
      return [
        ...found.filter((object) => !byKey.has(keyOf(object))),
        ...ours.filter((object) => isListed(object, options)),
      ];
    },
    hasKind: async (apiVersion: string, kind: string) =>
      kinds.has(`${apiVersion}/${kind}`) || cluster.hasKind(apiVersion, kind),
  };
  return new Proxy(cluster, {
    get: (target, name) => {
      const own: unknown = Reflect.get(planned, name) ?? Reflect.get(target, name, target);
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
}

function keyOf({ apiVersion, kind, metadata: { name, namespace = "" } }: Reference): string {
  return `${apiVersion} ${kind} ${namespace}/${name}`;
}

/** Selectors as we write them: one label and its value. */
function isListed({ metadata }: KubeObject, { namespace, labelSelector }: ListOptions): boolean {
  if (namespace !== undefined && metadata.namespace !== namespace) return false;
  if (labelSelector === undefined) return true;
  const [label = "", value] = labelSelector.split("=");
  return metadata.labels?.[label] === value;
}

interface Definition {
  group: string;
  names: { kind: string };
  versions: { name: string; served?: boolean }[];
}

function definedKinds({ kind, spec }: KubeObject): string[] {
  if (kind !== DEFINITION.kind) return [];
  const { group, names, versions } = spec as Definition;
  return versions.filter(({ served }) => served !== false).map(({ name }) => `${group}/${name}/${names.kind}`);
}
