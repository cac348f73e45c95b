// SPDX-License-Identifier: Apache-2.0
/**
 * Every object of an API server, with its identity but without what the server counts and what passes by itself, to compare two
 * moments: an object that was deleted and made again is another one.
 */
import { isDeepStrictEqual } from "node:util";
import { RESTARTED_AT_ANNOTATION } from "../../installer/restart/model.ts";
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

/** The server's copy of a DaemonSet's generation: https://kubernetes.io/docs/reference/labels-annotations-taints/#deprecated-daemonset-template-generation */
const COUNTED_ANNOTATION = "deprecated.daemonset.template.generation";
/** Kinds that come and go by themselves. */
const PASSING = ["Event", "Lease"];
const COUNTED = ["resourceVersion", "generation", "managedFields"];

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
          Object.entries(uncounted(object.metadata)).filter(([field]) => !dropped.includes(field)),
        );
        const key = `${group} ${kind} ${object.metadata.namespace ?? ""}/${object.metadata.name}`;
        found[key] = { ...withoutRestart(object), metadata };
      }
    }
  }
  return found;
}

/** What is not the same in two dumps, a line for each object: for a test's message, where whole dumps would not be read. */
export function differences(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((name) => !isDeepStrictEqual(before[name], after[name]))
    .map(
      (name) =>
        `${name}: ${JSON.stringify(before[name]) ?? "absent"} became ${JSON.stringify(after[name]) ?? "absent"}`,
    );
}

function uncounted(metadata: ApiObject["metadata"]): Record<string, unknown> {
  const { annotations, ...rest } = metadata;
  if (annotations === undefined) return rest;
  const { [COUNTED_ANNOTATION]: _generation, ...others } = annotations as Record<string, string>;
  return { ...rest, annotations: others };
}

/** `restart` leaves its annotation on pod templates, and says so; an uninstall lists it. */
function withoutRestart(object: Omit<ApiObject, "metadata">): Omit<ApiObject, "metadata"> {
  const { template } = (object.spec ?? {}) as { template?: { metadata?: Record<string, unknown> } };
  const { annotations, ...rest } = template?.metadata ?? {};
  const { [RESTARTED_AT_ANNOTATION]: restartedAt, ...others } = (annotations ?? {}) as Record<string, string>;
  if (restartedAt === undefined) return object;
  const metadata = { ...rest, ...(Object.keys(others).length > 0 && { annotations: others }) };
  return { ...object, spec: { ...(object.spec as object), template: { ...template, metadata } } };
}

/** The preferred version of each group, as a path. */
async function groupVersions(kube: Kube): Promise<string[]> {
  const { groups } = (await kube.call("GET", "/apis")) as { groups: { preferredVersion: { groupVersion: string } }[] };
  return ["/api/v1", ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
}

function isListed({ name, kind, verbs }: Resource): boolean {
  return !name.includes("/") && verbs.includes("list") && !PASSING.includes(kind);
}
