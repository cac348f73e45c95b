// SPDX-License-Identifier: Apache-2.0
/**
 * Takes an installation out: what carries our label goes, what we changed is restored, what we did not make stays.
 * Planning and doing; asking and showing are the command's.
 */
import type { Cluster } from "../cluster/cluster.ts";
import { KubeError } from "../cluster/kube-error.ts";
import { ProxymeterError } from "../errors.ts";
import { PROMETHEUS } from "../objects/names.ts";
import { type KubeObject, nameOf, type Reference } from "../objects/object.ts";
import { inApplyOrder } from "../objects/order.ts";
import { applySteps, doing, type Progress, setOptIn } from "./apply.ts";
import { keyOf } from "./listeners.ts";
import { liveObjects, surroundingsOf } from "./look.ts";
import { isMeshEdited, restoreMeshes } from "./install.ts";
import { isMarked } from "./made-namespace.ts";
import { recordedMeshes } from "./mesh-edit.ts";
import { pause } from "./pause.ts";
import { type Plan, removalOf, type Step } from "./plan.ts";
import { type MeshEdit, type Record, readRecord, recordReference } from "./record.ts";
import { refuseElsewhere } from "./elsewhere.ts";
import { foreignObjects } from "./foreign.ts";

/** Kinds of `--keep-metrics`: what Prometheus was told, and the accounts by which it reads. */
const METRICS_COMPONENTS = ["scrape", "rules", "dashboards"];
const METRICS_KINDS = ["PodMonitor", "PrometheusRule"];
/** The rights of the account that may be doing this: without them it cannot go on. */
const ACCESS_KINDS = ["ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"];
const NAMED_KINDS = 4;
const INTERVAL_MS = 500;

export interface Removal {
  systemNamespace: string;
  /** What goes, last made first; the namespaces are apart. */
  plan: Plan;
  /** Ours, but to be kept. */
  kept: readonly Reference[];
  /** Namespaces that our installation created, to be removed when all else is gone. */
  namespaces: readonly string[];
  /** Why a namespace stays, one sentence each. */
  staying: readonly string[];
  record?: Record;
  /** Mesh configurations that have our tags, to be restored. */
  meshes: readonly MeshEdit[];
}

export interface RemovalOptions {
  systemNamespace: string;
  keepMetrics: boolean;
}

/** What an uninstall would do. Changes nothing. */
export async function prepareRemoval(cluster: Cluster, options: RemovalOptions): Promise<Removal> {
  const { systemNamespace, keepMetrics } = options;
  await refuseElsewhere(cluster, systemNamespace);
  const record = await readRecord(cluster, systemNamespace);
  const live = await liveObjects(cluster, record?.kinds ?? []);
  const objects = [...live.values()];
  const kept = keepMetrics ? objects.filter(isForMetrics) : [];
  const going = objects.filter((object) => !kept.includes(object));
  const namespaces = going.filter(({ kind }) => kind === "Namespace");
  const others = going.filter(({ kind }) => kind !== "Namespace");
  const spaces = [...new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))];
  const plan = removalOf(
    new Map(others.map((object) => [keyOf(object), object])),
    await surroundingsOf(cluster, spaces),
  );
  return {
    systemNamespace,
    plan,
    kept: inApplyOrder(kept),
    ...(await splitNamespaces(cluster, namespaces, record, kept)),
    ...(record && { record }),
    meshes: await editedMeshes(cluster, record),
  };
}

function isForMetrics({ kind, metadata }: KubeObject): boolean {
  const component = metadata.labels?.["app.kubernetes.io/component"] ?? "";
  const isAccount = ACCESS_KINDS.includes(kind) && metadata.name === PROMETHEUS;
  return METRICS_KINDS.includes(kind) || METRICS_COMPONENTS.includes(component) || isAccount;
}

/** A namespace goes only if we made it and nobody else has put anything into it. */
async function splitNamespaces(
  cluster: Cluster,
  namespaces: readonly KubeObject[],
  record: Record | undefined,
  kept: readonly KubeObject[],
): Promise<Pick<Removal, "namespaces" | "staying">> {
  const going: string[] = [];
  const staying: string[] = [];
  for (const namespace of namespaces) {
    const { name } = namespace.metadata;
    const { objects: foreign, hidden } = await foreignObjects(cluster, name);
    const metrics = kept.filter((object) => object.metadata.namespace === name);
    const isMade = isMarked(namespace) || record?.created.includes(name);
    if (!isMade) {
      staying.push(`Namespace ${name} stays: it was there before`);
    } else if (foreign.length > 0) {
      staying.push(`Namespace ${name} stays: it holds ${foreign.map(nameOf).join(", ")}`);
    } else if (hidden.length > 0) {
      staying.push(`Namespace ${name} stays: this account may not see whether it holds ${named(hidden)}`);
    } else if (metrics.length > 0) {
      staying.push(`Namespace ${name} stays: it holds what is kept`);
    } else going.push(name);
  }
  return { namespaces: going, staying };
}

function named(kinds: readonly string[]): string {
  const more = kinds.length - NAMED_KINDS;
  return [...kinds.slice(0, NAMED_KINDS), ...(more > 0 ? [`${more} more kinds`] : [])].join(", ");
}

async function editedMeshes(cluster: Cluster, record: Record | undefined): Promise<MeshEdit[]> {
  const edits = recordedMeshes(record);
  const isEdited = await Promise.all(edits.map((edit) => isMeshEdited(cluster, edit)));
  return edits.filter((_, index) => isEdited[index]);
}

export function hasNothing({ plan, kept, namespaces, record }: Removal): boolean {
  return record === undefined && plan.steps.length === 0 && kept.length === 0 && namespaces.length === 0;
}

/**
 * Does it. The record goes when all is restored: until then a broken-off uninstall knows what to do. Rights and namespaces
 * go last; what is left of them is found by its label, with any other account.
 */
export async function remove(
  cluster: Cluster,
  removal: Removal,
  progress: Progress,
  removeIstio?: () => Promise<void>,
): Promise<void> {
  const { record, plan, namespaces, systemNamespace } = removal;
  for (const namespace of record?.labelled ?? []) {
    await doing(progress, `took back the label of namespace ${namespace}`, () => setOptIn(cluster, namespace, false));
  }
  const isAccess = ({ reference }: Step) => ACCESS_KINDS.includes(reference.kind);
  await applySteps(
    cluster,
    plan.steps.filter((step) => !isAccess(step)),
    progress,
  );
  await restoreMeshes(cluster, removal.meshes, progress);
  // Nothing of ours needs its kinds any more, and the record still says that it is ours.
  await removeIstio?.();
  if (record) await doing(progress, "removed the record", () => cluster.remove(recordReference(systemNamespace)));
  await applySteps(cluster, plan.steps.filter(isAccess), progress).catch((error: unknown) => {
    throw error instanceof KubeError && error.status === 403 ? ownRightsGone(error) : error;
  });
  for (const name of namespaces) {
    const reference: Reference = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    await doing(progress, `removed ${nameOf(reference)}`, () => cluster.remove(reference));
  }
}

/** An account that is bound by the roles that go cannot remove the last of them. */
function ownRightsGone(cause: KubeError): ProxymeterError {
  return new ProxymeterError(
    "E_OWN_RIGHTS",
    `this account has removed its own rights, and what is left of ours is roles and bindings: ${cause.message}`,
    "run `proxymeter uninstall` as an administrator to remove these too",
    { cause },
  );
}

/**
 * Waits until nothing of what was removed is left.
 *
 * @throws ProxymeterError E_LEFT naming what is
 */
export async function checkGone(
  cluster: Cluster,
  removal: Removal,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const kept = new Set(removal.kept.map(keyOf));
  const stays = (object: KubeObject) => kept.has(keyOf(object)) || isStayingNamespace(object, removal);
  for (;;) {
    const live = await liveObjects(cluster, removal.record?.kinds ?? []);
    const left = [...live.values()].filter((object) => !stays(object));
    if (left.length === 0) return;
    if (Date.now() >= deadline) throw stillThere(left);
    await pause(INTERVAL_MS, signal);
  }
}

function isStayingNamespace({ kind, metadata }: KubeObject, { namespaces }: Removal): boolean {
  return kind === "Namespace" && !namespaces.includes(metadata.name);
}

function stillThere(objects: readonly KubeObject[]): ProxymeterError {
  const lines = objects.map((object) => {
    const finalizers = (object.metadata.finalizers as string[] | undefined) ?? [];
    return `\n  ${nameOf(object)}${finalizers.length > 0 ? ` (held by finalizer ${finalizers.join(", ")})` : ""}`;
  });
  return new ProxymeterError(
    "E_LEFT",
    `removed, but ${objects.length} objects are still there:${lines.join("")}`,
    "a namespace takes a while; run `proxymeter uninstall` again to see whether they are gone",
  );
}
