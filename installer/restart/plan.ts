// SPDX-License-Identifier: Apache-2.0
/**
 * Which workloads a restart helps, and which pods it leaves alone and why. Decides over facts; nothing is changed here.
 */
import type { Pod } from "../checks/kinds.ts";
import { isLive } from "../checks/workloads.ts";
import { hasStatTags, isKeptOut } from "../cluster/injection.ts";
import { hasSidecar } from "../cluster/sidecar-pods.ts";
import { obstacleOf } from "./gain.ts";
import { controllerOf, type NamespaceWorkloads, type RestartFacts, type Workload, type WorkloadKind } from "./model.ts";

/** What a pod has not got that a restart may give it. */
export type Lack = "sidecar" | "stat tags";

export interface PlannedRestart {
  namespace: string;
  kind: WorkloadKind;
  name: string;
  /** Names of the pods that lack something. */
  pods: string[];
  lacks: Lack[];
}

/** Pods that lack something and are not restarted. */
export interface LeftAlone {
  namespace: string;
  /** Of the workload, Job, or other owner; `Pod` for a pod of its own. */
  kind: string;
  name: string;
  pods: string[];
  lacks: Lack[];
  reason: string;
}

export interface RestartPlan {
  restart: PlannedRestart[];
  leftAlone: LeftAlone[];
}

/** Pods that lack something, under what would have to be restarted. */
interface Group {
  owner: { kind: string; name: string };
  workload?: Workload | undefined;
  pods: Pod[];
}

export function planRestart(facts: RestartFacts): RestartPlan {
  const plan: RestartPlan = { restart: [], leftAlone: [] };
  for (const namespace of facts.namespaces) {
    for (const group of groupsOf(namespace)) {
      const lacks = [...new Set(group.pods.map(lackOf))].filter((lack) => lack !== undefined).sort();
      const pods = group.pods.map(({ metadata }) => metadata.name).sort();
      const entry = { namespace: namespace.name, ...group.owner, pods, lacks };
      const reason = reasonToLeave(group, lacks, namespace, facts);
      if (reason === undefined) plan.restart.push({ ...entry, kind: entry.kind as WorkloadKind });
      else plan.leftAlone.push({ ...entry, reason });
    }
  }
  return plan;
}

/** The plan without the workloads that were not asked for. */
export function only(plan: RestartPlan, isAskedFor: (entry: PlannedRestart | LeftAlone) => boolean): RestartPlan {
  return { restart: plan.restart.filter(isAskedFor), leftAlone: plan.leftAlone.filter(isAskedFor) };
}

function lackOf(pod: Pod): Lack | undefined {
  if (!hasSidecar(pod)) return isKeptOut(pod) ? undefined : "sidecar";
  return hasStatTags(pod) ? undefined : "stat tags";
}

function groupsOf(namespace: NamespaceWorkloads): Group[] {
  const lacking = namespace.pods.filter((pod) => isLive(pod) && lackOf(pod) !== undefined);
  const groups = new Map<string, Group>();
  for (const pod of lacking) {
    const { owner, workload } = ownerOf(pod, namespace);
    const key = `${owner.kind}/${owner.name}`;
    const group = groups.get(key) ?? { owner, workload, pods: [] };
    group.pods.push(pod);
    groups.set(key, group);
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/** Up the controllers: a ReplicaSet to its Deployment, a Job to its CronJob; the last one that is known. */
function ownerOf(pod: Pod, { owned, workloads }: NamespaceWorkloads): Pick<Group, "owner" | "workload"> {
  let owner = controllerOf(pod);
  const between = owned.find(({ kind, metadata }) => kind === owner?.kind && metadata.name === owner.name);
  owner = (between && controllerOf(between)) ?? owner;
  if (owner === undefined) return { owner: { kind: "Pod", name: pod.metadata.name } };
  const { kind, name } = owner;
  const workload = workloads.find((candidate) => candidate.kind === kind && candidate.metadata.name === name);
  return { owner: { kind, name }, workload };
}

const UNRESTARTABLE: Readonly<Record<string, string>> = {
  Pod: "nothing would start it again; delete and create it yourself",
  Job: "it would begin its work anew; its next run gets what this one lacks",
  CronJob: "its next run gets what this one lacks",
};

function reasonToLeave(
  { owner, workload }: Group,
  lacks: readonly Lack[],
  namespace: NamespaceWorkloads,
  facts: RestartFacts,
): string | undefined {
  const reason = UNRESTARTABLE[owner.kind];
  if (reason !== undefined) return reason;
  if (workload === undefined) return `a ${owner.kind} is restarted by what owns it, not from here`;
  return hindranceOf(workload) ?? obstacleOf(workload, lacks, namespace, facts);
}

/** Why a change of the workload's template would not start its pods anew. */
function hindranceOf({ spec }: Workload): string | undefined {
  if (spec?.paused) return "it is paused; resume it first";
  if (spec?.updateStrategy?.type === "OnDelete") return "its update strategy is OnDelete; delete its pods yourself";
  return undefined;
}
