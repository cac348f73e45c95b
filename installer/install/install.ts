// SPDX-License-Identifier: Apache-2.0
/**
 * Carries out an installation that was prepared: record first, then the mesh configuration, labels, objects, and waits for
 * the pods. Doing it again after any failure goes on from there. Asks nobody; shows nothing but progress.
 */
import { kindsOf } from "../cluster/own-objects.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { editMeshConfig, readMeshConfig } from "../cluster/mesh-config-map.ts";
import { sidecarPods } from "../cluster/sidecar-pods.ts";
import { ProxymeterError } from "../errors.ts";
import { accessLogIn } from "../objects/mesh-provider.ts";
import { applySteps, doing, type Progress, setOptIn } from "./apply.ts";
import { editedMesh, isSamePlace, recordedMeshes, restoredMesh } from "./mesh-edit.ts";
import type { MetricsSource } from "./metrics-source.ts";
import type { Prepared } from "./prepare.ts";
import { type MeshEdit, type Record, writeRecord } from "./record.ts";
import { nameOfPod, type Waited, waitForPods } from "./wait.ts";

/** Applies what was prepared. Errors are as the server gave them; `resumable` adds what was done. */
export async function install(cluster: Cluster, prepared: Prepared, progress: Progress): Promise<void> {
  const { plan, optIn, wish, next } = prepared;
  const isNamespace = ({ reference }: { reference: { kind: string } }) => reference.kind === "Namespace";
  const kept = ({ action }: { action: string }) => action !== "remove";
  await applySteps(
    cluster,
    plan.steps.filter((step) => isNamespace(step) && kept(step)),
    progress,
  );
  let version = prepared.recordVersion;
  const record = async (state: Record) => {
    version = await writeRecord(cluster, wish.systemNamespace, state, version);
  };
  // Before anything else changes, so that an uninstall after a crash knows what to restore.
  await doing(progress, "recorded what it is going to do", () =>
    record({ ...next, state: "applying", ...union(prepared) }),
  );
  await restoreMeshes(cluster, prepared.leftMeshes, progress);
  // The provider of the access log is there before a Telemetry names it, and goes after it.
  const isLast = losesAccessLog(prepared.mesh);
  const early = isLast ? {} : await writeMesh(cluster, prepared, progress);
  for (const namespace of optIn) {
    await doing(progress, `opted in namespace ${namespace}`, () => setOptIn(cluster, namespace, true));
  }
  await applySteps(
    cluster,
    plan.steps.filter((step) => !(isNamespace(step) && kept(step))),
    progress,
  );
  const late = isLast ? await writeMesh(cluster, prepared, progress) : {};
  await doing(progress, "recorded that it is done", () => record({ ...next, ...early, ...late }));
}

function losesAccessLog({ current, after }: Prepared["mesh"]): boolean {
  return accessLogIn(current) !== undefined && accessLogIn(after) === undefined;
}

/** What the installation before had counts until all is done: an uninstall looks for it too, also in the mesh configuration. */
function union({ record, next, mesh, leftMeshes }: Prepared): Pick<Record, "kinds" | "mesh" | "formerMeshes"> {
  const { namespace, name, before, current } = mesh;
  const isHeld = current !== before && (next.mesh === undefined || losesAccessLog(mesh));
  return {
    kinds: kindsOf([...next.kinds, ...(record?.kinds ?? [])]),
    ...(isHeld && { mesh: { namespace, name, before, after: current } }),
    ...(leftMeshes.length > 0 && { formerMeshes: leftMeshes }),
  };
}

/** Takes our tags and provider out of mesh configurations; one that went with its Istio is passed over. */
export async function restoreMeshes(cluster: Cluster, edits: readonly MeshEdit[], progress: Progress): Promise<void> {
  for (const edit of edits) {
    if (!(await isMeshEdited(cluster, edit))) continue;
    await doing(progress, `restored the mesh configuration in ConfigMap ${edit.namespace}/${edit.name}`, () =>
      editMeshConfig(cluster, edit, (current) => restoredMesh(current, edit)),
    );
  }
}

/** Whether a mesh configuration is there and has our edit. */
export async function isMeshEdited(cluster: Pick<Cluster, "read">, edit: MeshEdit): Promise<boolean> {
  const current = await readMeshConfig(cluster, edit).catch(isGone);
  return current !== undefined && restoredMesh(current, edit) !== current;
}

/** Istio may have been removed before us, and its configuration with it. */
function isGone(error: unknown): undefined {
  if (error instanceof ProxymeterError && error.code === "E_NO_MESH_CONFIG") return undefined;
  throw error;
}

async function writeMesh(
  cluster: Cluster,
  { mesh, meshWish, record }: Prepared,
  progress: Progress,
): Promise<Pick<Record, "mesh">> {
  const { namespace, name } = mesh;
  if (mesh.after === mesh.current) return {};
  const own = recordedMeshes(record).find((known) => isSamePlace(known, mesh));
  const edit = (current: string) => editedMesh(current, own, meshWish);
  let before = mesh.before;
  const written = await doing(progress, `edited the mesh configuration in ConfigMap ${namespace}/${name}`, () =>
    editMeshConfig(cluster, { namespace, name }, (current) => {
      const edited = edit(current);
      before = edited.before;
      return edited.after;
    }),
  );
  return written.after === before ? {} : { mesh: { namespace, name, before, after: written.after } };
}

export interface WaitFor {
  source: MetricsSource;
  timeoutMs: number;
  onProgress: (metered: number, pods: number) => void;
  signal: AbortSignal;
}

/** Waits for the pods of the opted-in namespaces. */
export async function waitForInstallation(
  cluster: Cluster,
  { survey, expected }: Prepared,
  wait: WaitFor,
): Promise<Waited> {
  return waitForPods({ ...wait, expected, pods: () => sidecarPods(cluster, survey.optedIn) });
}

const NAMED = 10;

/** @throws ProxymeterError E_NOT_METERED naming the pods that do not show the filter, and what they show */
export function checkMetered({ metered, missing }: Waited, timeoutMs: number): void {
  if (missing.length === 0) return;
  const lines = missing.slice(0, NAMED).map(({ pod, reason }) => `\n  ${nameOfPod(pod)}: ${reason}`);
  const more = missing.length > NAMED ? `\n  and ${missing.length - NAMED} more` : "";
  throw new ProxymeterError(
    "E_NOT_METERED",
    `everything is applied, but ${missing.length} of ${missing.length + metered.length} running pods do not show the filter ` +
      `after ${Math.round(timeoutMs / 1000)} s:${lines.join("")}${more}`,
    "their traffic passes unmetered meanwhile; run `proxymeter check` to see why, or give --wait more time. " +
      "Where the API server cannot reach pods, give --metrics-from",
  );
}
