// SPDX-License-Identifier: Apache-2.0
/**
 * Plays the namespace controller, which does not run here: empties namespaces that are being deleted, and lets them go.
 */
import type { Kube } from "./kube.ts";
import { type Repeating, repeat } from "./repeating.ts";

const JSON_BODY = "application/json";

interface List {
  items: { metadata: { name: string; deletionTimestamp?: string } }[];
}

interface Resource {
  name: string;
  namespaced: boolean;
  verbs: string[];
}

export type NamespaceController = Repeating;

export function startNamespaceController(kube: Kube): NamespaceController {
  return repeat(() => release(kube));
}

async function release(kube: Kube): Promise<void> {
  const { items } = (await kube.call("GET", "/api/v1/namespaces")) as List;
  for (const { metadata } of items.filter(({ metadata }) => metadata.deletionTimestamp !== undefined)) {
    const { name } = metadata;
    const collections = await collectionsOf(kube, name);
    await Promise.all(collections.map((path) => kube.call("DELETE", `${path}?gracePeriodSeconds=0`)));
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name }, spec: { finalizers: [] } };
    await kube.call("PUT", `/api/v1/namespaces/${name}/finalize`, JSON.stringify(body), JSON_BODY);
  }
}

/** A path for each kind that the namespace may hold objects of. */
async function collectionsOf(kube: Kube, namespace: string): Promise<string[]> {
  const { groups } = (await kube.call("GET", "/apis")) as { groups: { preferredVersion: { groupVersion: string } }[] };
  const versions = ["/api/v1", ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const lists = await Promise.all(
    versions.map(async (version) => {
      const { resources } = (await kube.call("GET", version)) as { resources: Resource[] };
      return resources
        .filter(({ namespaced, verbs }) => namespaced && verbs.includes("deletecollection"))
        .map(({ name }) => `${version}/namespaces/${namespace}/${name}`);
    }),
  );
  return lists.flat();
}
