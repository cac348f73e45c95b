// SPDX-License-Identifier: Apache-2.0
/**
 * What install and rollback have in common: show the plan, ask, do it, wait for the pods, and say how it went.
 * What is wished for is decided by the commands; stdout gets the plan, or one document with all of it.
 */
import type { Report } from "../checks/run.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Output } from "../commands/options.ts";
import { print, say } from "../commands/output.ts";
import { occasionally } from "../commands/progress.ts";
import { ProxymeterError } from "../errors.ts";
import { nameOf } from "../objects/object.ts";
import { type Progress, resumable } from "./apply.ts";
import { confirm } from "./confirm.ts";
import { checkInOrder, endingText } from "./ending-check.ts";
import { checkMetered, install, waitForInstallation } from "./install.ts";
import { dryRunNew } from "./look.ts";
import type { MetricsSource } from "./metrics-source.ts";
import { documentOf, planText } from "./plan-text.ts";
import { type Prepared, prepare, type Wish } from "./prepare.ts";
import { plural } from "./show.ts";
import type { Waited } from "./wait.ts";

export interface SessionOptions {
  /** As in "cannot finish WHAT". */
  what: string;
  output: Output;
  isDryRun: boolean;
  isConfirmed: boolean;
  waitMs: number;
  source: MetricsSource;
  signal: AbortSignal;
  /** Looks at the cluster at the end; absent where nobody wants it. */
  check?: (() => Promise<Report>) | undefined;
  /** More members of the document. */
  also?: object | undefined;
}

/** How it went once everything was applied. */
export interface Ended {
  /** The opted-in namespaces, which all have it. */
  namespaces: readonly string[];
  /** Pods that do not show the filter, or a check that failed. */
  failure?: ProxymeterError | undefined;
}

/** @throws ProxymeterError of preparing, confirming, applying, waiting and checking */
export async function runSession(cluster: Cluster, wish: Wish, options: SessionOptions): Promise<void> {
  const { failure } = await carryOut(cluster, wish, options);
  if (failure) throw failure;
}

/** @throws ProxymeterError of preparing, confirming and applying, and E_INTERRUPTED */
export async function carryOut(cluster: Cluster, wish: Wish, options: SessionOptions): Promise<Ended> {
  say(`reading the cluster of context "${cluster.context}"`);
  const prepared = await prepare(cluster, wish);
  const ended: Ended = { namespaces: prepared.survey.optedIn };
  if (options.isDryRun) {
    await dryRun(cluster, prepared, options.output);
    return ended;
  }
  const isTable = options.output === "table";
  if (isTable) print(prepared, "table", planText);
  // Who is asked must have seen it; stdout is the document's.
  else if (prepared.hasWork && !options.isConfirmed) say(planText(prepared));
  if (prepared.hasWork) {
    await confirm("Apply this?", options);
    await apply(cluster, prepared, options);
  } else {
    say("nothing to change: the cluster has all of this already");
  }
  const waited = await wait(cluster, prepared, options);
  const check = await options.check?.();
  if (check) say(endingText(check));
  const outcome = { isChanged: prepared.hasWork, ...podsOf(waited), ...(check && { check }) };
  if (!isTable) print({ ...options.also, ...documentOf(prepared), ...outcome }, options.output, String);
  return { ...ended, failure: failureOf(waited, check, options) };
}

/** Missing pods before failed checks: they are what the user waited for. */
function failureOf(
  waited: Waited | undefined,
  check: Report | undefined,
  { waitMs }: SessionOptions,
): ProxymeterError | undefined {
  try {
    if (waited) checkMetered(waited, waitMs);
    if (check) checkInOrder(check);
    return undefined;
  } catch (error) {
    if (error instanceof ProxymeterError) return error;
    throw error;
  }
}

async function dryRun(cluster: Cluster, prepared: Prepared, output: Output): Promise<void> {
  const fresh = prepared.plan.steps.filter(({ action }) => action === "create").flatMap(({ object }) => object ?? []);
  const notTried = await dryRunNew(cluster, fresh);
  const document = { ...documentOf(prepared), isDryRun: true, notTried };
  print(document, output, () => [planText(prepared), ...notTried.map((line) => `  ? ${line}`), ""].join("\n"));
  say(`dry run: nothing was changed; the server accepts all that it could be asked about`);
}

async function apply(cluster: Cluster, prepared: Prepared, { what }: SessionOptions): Promise<void> {
  const speak = occasionally();
  const total = prepared.plan.steps.filter(({ action }) => action !== "unchanged" && action !== "hold").length;
  const progress: Progress = { done: [], onDone: (done) => speak(`${done} changes made, ${total} objects planned`) };
  await resumable(what, progress, () => install(cluster, prepared, progress));
  say(`applied: ${progress.done.length} ${plural("change", progress.done.length)}`);
}

async function wait(cluster: Cluster, prepared: Prepared, options: SessionOptions): Promise<Waited | undefined> {
  if (options.waitMs === 0 || prepared.expected.size === 0) return undefined;
  const speak = occasionally();
  const waited = await waitForInstallation(cluster, prepared, {
    source: options.source,
    timeoutMs: options.waitMs,
    onProgress: (metered, pods) => speak(`${metered} of ${pods} running pods show the filter`),
    signal: options.signal,
  });
  if (waited.missing.length === 0) say(waitedText(waited));
  return waited;
}

function waitedText({ metered, builtin }: Waited): string {
  if (metered.length === 0) return "no pod with a sidecar runs in the opted-in namespaces yet";
  const fewer = builtin === 0 ? "" : `; ${builtin} of them report fewer labels until they restart`;
  return `${metered.length} running ${plural("pod", metered.length)} metered${fewer}`;
}

function podsOf(waited: Waited | undefined) {
  if (waited === undefined) return {};
  const { metered, missing, builtin } = waited;
  const pods = { metered: metered.length, builtin, missing: missing.map(({ pod, reason }) => ({ ...pod, reason })) };
  return { pods };
}

/** Objects that a plan removes, as people read them. */
export function removedNames({ plan }: Pick<Prepared, "plan">): string[] {
  return plan.steps.filter(({ action }) => action === "remove").map(({ reference }) => nameOf(reference));
}
