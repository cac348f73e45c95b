// SPDX-License-Identifier: Apache-2.0
/**
 * Carries a plan out: marks the template of each workload, so that its controller replaces the pods, and waits for that where asked to.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Cluster } from "../cluster/cluster.ts";
import { ProxymeterError } from "../errors.ts";
import { inParallel } from "../cluster/in-parallel.ts";
import { type KubeObject, nameOf, type Reference } from "../objects/object.ts";
import { RESTARTED_AT_ANNOTATION, WORKLOAD_API, type Workload } from "./model.ts";
import type { PlannedRestart } from "./plan.ts";
import { failureOf, isRolledOut, progressOf } from "./rollout.ts";

const AT_ONCE = 8;
const INTERVAL_MS = 1000;

/**
 * Sets the annotation on one workload after the other.
 *
 * @param at  the time, RFC 3339
 * @throws    ProxymeterError E_RESTART that says which were restarted before the one that failed
 */
export async function restartAll(
  cluster: Pick<Cluster, "apply">,
  restarts: readonly PlannedRestart[],
  { at, isDryRun, onRestart }: { at: string; isDryRun: boolean; onRestart: (name: string) => void },
): Promise<void> {
  for (const [done, restart] of restarts.entries()) {
    try {
      await cluster.apply(marked(restart, at), { dryRun: isDryRun });
    } catch (error) {
      if (isDryRun) throw error;
      throw halfway(error as Error, restarts.slice(0, done), restart);
    }
    onRestart(nameOf(referenceTo(restart)));
  }
}

/** Only what we own of the workload: a server-side apply leaves every other field as it is. */
export function marked(restart: PlannedRestart, at: string): KubeObject {
  const annotations = { [RESTARTED_AT_ANNOTATION]: at };
  return { ...referenceTo(restart), spec: { template: { metadata: { annotations } } } };
}

export interface WaitOptions {
  timeoutMs: number;
  onProgress: (line: string) => void;
  signal: AbortSignal;
  intervalMs?: number;
}

/** @throws ProxymeterError E_RESTART_FAILED, E_RESTART_TIMEOUT */
export async function waitForAll(
  cluster: Pick<Cluster, "read">,
  restarts: readonly PlannedRestart[],
  { timeoutMs, onProgress, signal, intervalMs = INTERVAL_MS }: WaitOptions,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let rest = restarts;
  while (rest.length > 0) {
    const found = await inParallel(rest, AT_ONCE, (restart) => cluster.read(referenceTo(restart)));
    const workloads = found.map((object) => object as Workload | undefined);
    for (const workload of workloads) if (workload && failureOf(workload)) throw failed(workload);
    rest = rest.filter((_, index) => !isOver(workloads[index]));
    if (rest.length === 0) return;
    const lines = workloads.filter((workload) => !isOver(workload)).map((workload) => lineOf(workload as Workload));
    if (Date.now() >= deadline) throw timedOut(lines, timeoutMs);
    onProgress(`waiting for ${lines.slice(0, 3).join("; ")}${lines.length > 3 ? ` and ${lines.length - 3} more` : ""}`);
    await pause(intervalMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** One that was deleted meanwhile needs no waiting for. */
function isOver(workload: Workload | undefined): boolean {
  return workload === undefined || isRolledOut(workload);
}

function lineOf(workload: Workload): string {
  const { updated, available, wanted } = progressOf(workload);
  return `${nameOf(workload)}: ${updated} of ${wanted} pods new, ${available} available`;
}

function referenceTo({ kind, namespace, name }: PlannedRestart): Reference {
  return { apiVersion: WORKLOAD_API, kind, metadata: { name, namespace } };
}

function halfway(cause: Error, done: readonly PlannedRestart[], at: PlannedRestart): ProxymeterError {
  const names = done.map((restart) => nameOf(referenceTo(restart))).join(", ");
  return new ProxymeterError(
    "E_RESTART",
    `cannot restart ${nameOf(referenceTo(at))}: ${cause.message} (restarted before it: ${names || "none"})`,
    "run the command again: workloads whose pods lack nothing any more are left alone",
    { cause },
  );
}

function failed(workload: Workload): ProxymeterError {
  return new ProxymeterError(
    "E_RESTART_FAILED",
    `${nameOf(workload)} does not come up again: ${failureOf(workload)}`,
    `see \`kubectl -n ${workload.metadata.namespace} describe ${workload.kind.toLowerCase()} ${workload.metadata.name}\`; \`kubectl rollout undo\` goes back`,
  );
}

function timedOut(lines: readonly string[], timeoutMs: number): ProxymeterError {
  return new ProxymeterError(
    "E_RESTART_TIMEOUT",
    `not every pod was replaced within ${Math.round(timeoutMs / 1000)} s: ${lines.join("; ")}`,
    "the rollout goes on by itself; see `proxymeter status`, or give a longer --timeout",
  );
}
