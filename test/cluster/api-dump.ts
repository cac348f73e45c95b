// SPDX-License-Identifier: Apache-2.0
/**
 * Every object of an API server, without what the server counts and what passes by itself, to compare two moments.
 */
import type { Kube } from "./kube.ts";

interface ApiObject {
  metadata: Record<string, unknown> & { name: string; namespace?: string };
  [field: string]: unknown;
}

interface Resource {
  name: string;
  kind: string;
  verbs: string[];
}

/** Kinds that come and go by themselves. */
const PASSING = ["Event", "Lease"];
const COUNTED = ["resourceVersion", "generation", "managedFields", "uid", "creationTimestamp"];

export interface DumpOptions {
  /** Whether resourceVersions stay, so that two dumps differ when anything was written between them. */
  hasVersions?: boolean;
}

/** By kind, namespace and name. */
export async function dump(kube: Kube, { hasVersions = false }: DumpOptions = {}): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const group of await groupVersions(kube)) {
    const { resources } = (await kube.call("GET", group)) as { resources: Resource[] };
    for (const { name, kind } of resources.filter(isListed)) {
      const { items } = (await kube.call("GET", `${group}/${name}`)) as { items: ApiObject[] };
      for (const { status: _status, ...object } of items) {
        const dropped = hasVersions ? COUNTED.filter((field) => field !== "resourceVersion") : COUNTED;
        const metadata = Object.fromEntries(
          Object.entries(object.metadata).filter(([field]) => !dropped.includes(field)),
        );
        found[`${group} ${kind} ${object.metadata.namespace ?? ""}/${object.metadata.name}`] = { ...object, metadata };
      }
    }
  }
  return found;
}

/** The preferred version of each group, as a path. */
async function groupVersions(kube: Kube): Promise<string[]> {
  const { groups } = (await kube.call("GET", "/apis")) as { groups: { preferredVersion: { groupVersion: string } }[] };
  return ["/api/v1", ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
}

function isListed({ name, kind, verbs }: Resource): boolean {
  return !name.includes("/") && verbs.includes("list") && !PASSING.includes(kind);
}
