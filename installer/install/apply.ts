// SPDX-License-Identifier: Apache-2.0
/**
 * Does what a plan says, in its order. An error says what was done until then; doing the plan again goes on from there.
 */
import { type Cluster, FIELD_MANAGER, OPT_IN_MANAGER } from "../cluster/cluster.ts";
import { ProxymeterError } from "../errors.ts";
import { type KubeObject, nameOf, type Reference } from "../objects/object.ts";
import { OPT_IN_LABEL } from "../objects/target.ts";
import { inParallel } from "../cluster/in-parallel.ts";
import type { Step } from "./plan.ts";

/** Objects of one kind and namespace do not depend on each other. */
const WIDTH = 8;
const NAMED = 12;

/** Collects what was done, for the sentence of an error. */
export interface Progress {
  /** Sentences in the past tense. */
  readonly done: string[];
  onDone: (done: number) => void;
}

/** A change of the cluster, or of our record of it. Adds its sentence to what was done. */
export async function doing<T>(progress: Progress, sentence: string, work: () => Promise<T>): Promise<T> {
  const result = await work();
  progress.done.push(sentence);
  progress.onDone(progress.done.length);
  return result;
}

/** Applies and removes; steps that change nothing, or hold, are passed over. */
export async function applySteps(cluster: Cluster, steps: readonly Step[], progress: Progress): Promise<void> {
  for (const batch of batches(steps.filter(({ action }) => action in VERBS))) {
    await inParallel(batch, WIDTH, ({ action, reference, object }) =>
      doing(progress, `${VERBS[action]} ${nameOf(reference)}`, async () => {
        if (object) await cluster.apply(object);
        else await cluster.remove(reference);
      }),
    );
  }
}

const VERBS: { readonly [action: string]: string } = { create: "created", change: "changed", remove: "removed" };

/** Neighbours of one kind, namespace and action. */
export function batches(steps: readonly Step[]): Step[][] {
  const result: Step[][] = [];
  let last = "";
  for (const step of steps) {
    const { kind, metadata } = step.reference;
    const group = `${step.action} ${kind} ${metadata.namespace}`;
    if (group === last) result.at(-1)?.push(step);
    else result.push([step]);
    last = group;
  }
  return result;
}

/** Opts a namespace in, or takes the label back that only we had set. It must exist: nothing is created. */
export async function setOptIn(cluster: Cluster, namespace: string, isOptedIn: boolean): Promise<void> {
  const reference: Reference = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  const found = await cluster.read(reference);
  if (found === undefined) {
    if (!isOptedIn) return;
    throw new ProxymeterError(
      "E_NO_NAMESPACE",
      `cannot opt in namespace "${namespace}": it does not exist`,
      "create it, or leave it out of --namespaces",
      { exitCode: 2 },
    );
  }
  // With its uid the server refuses to make the namespace anew, should it go in this moment.
  const metadata = {
    name: namespace,
    uid: found.metadata.uid,
    ...(isOptedIn && { labels: { [OPT_IN_LABEL]: "true" } }),
  };
  await cluster.apply({ ...reference, metadata } as KubeObject, { fieldManager: OPT_IN_MANAGER });
  if (!isOptedIn) await disownOptIn(cluster, reference);
}

/** Builds before this one set the label as what sets all else: what that owns is applied again, without it. */
async function disownOptIn(cluster: Cluster, reference: Reference): Promise<void> {
  const found = await cluster.read(reference);
  if (found?.metadata.labels?.[OPT_IN_LABEL] === undefined) return;
  const owned = ownedMetadata(found);
  if (owned?.labels[OPT_IN_LABEL] === undefined) return;
  const { [OPT_IN_LABEL]: _label, ...labels } = owned.labels;
  const { name, uid } = found.metadata;
  await cluster.apply({ ...reference, metadata: { name, uid, ...owned, labels } } as KubeObject);
}

interface ManagedFields {
  manager: string;
  operation: string;
  fieldsV1?: { "f:metadata"?: { "f:labels"?: object; "f:annotations"?: object } };
}

/** Labels and annotations that our applies set; undefined where they own nothing. */
function ownedMetadata({ metadata }: KubeObject) {
  const all = (metadata.managedFields ?? []) as ManagedFields[];
  const ours = all.find(({ manager, operation }) => manager === FIELD_MANAGER && operation === "Apply");
  const { "f:labels": labels = {}, "f:annotations": annotations = {} } = ours?.fieldsV1?.["f:metadata"] ?? {};
  return ours && { labels: only(metadata.labels, labels), annotations: only(metadata.annotations, annotations) };
}

/** Of the values those that the fields name, as `f:KEY`. */
function only(values: Readonly<Record<string, string>> = {}, fields: object): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => `f:${key}` in fields));
}

/** Runs all of it; an error then also says what was done, and how to go on. */
export async function resumable<T>(what: string, progress: Progress, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code = "E_APPLY", hint, exitCode } = error as Partial<ProxymeterError>;
    const done = progress.done;
    const named = done.length > NAMED ? [...done.slice(0, NAMED), `and ${done.length - NAMED} more`] : done;
    const until = done.length === 0 ? "nothing was changed" : `until then it ${named.join(", ")}`;
    throw new ProxymeterError(
      code,
      `cannot finish ${what}: ${error.message}\n${until}`,
      `${hint ? `${hint}; then ` : ""}run the same command again: it goes on from there`,
      { cause: error, ...(exitCode !== undefined && { exitCode }) },
    );
  }
}
