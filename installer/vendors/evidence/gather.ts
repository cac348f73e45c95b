// SPDX-License-Identifier: Apache-2.0
/**
 * Reads from a cluster what may tell of vendors: ServiceEntries, pods, workloads, and the ConfigMaps that their variables name.
 * Reads no Secrets and changes nothing.
 */
import type { Cluster } from "../../cluster/cluster.ts";
import type { KubeObject } from "../../objects/object.ts";
import type { Finding } from "./candidate.ts";
import { configDataOf, environmentFinding } from "./pod-environment.ts";
import { serviceEntryFinding } from "./service-entries.ts";

const SERVICE_ENTRY = ["networking.istio.io/v1", "ServiceEntry"] as const;
const CONFIG_MAP = ["v1", "ConfigMap"] as const;

/** Templates before pods, so that a workload is named rather than each of its pods. */
const WORKLOADS = [
  ["apps/v1", "Deployment"],
  ["apps/v1", "ReplicaSet"],
  ["apps/v1", "StatefulSet"],
  ["apps/v1", "DaemonSet"],
  ["batch/v1", "CronJob"],
  ["batch/v1", "Job"],
  ["v1", "Pod"],
] as const;

export interface GatherOptions {
  /** Only objects of these; of all where empty. */
  namespaces?: readonly string[];
  /** Called before each kind is read. */
  onStage?: (text: string) => void;
}

export async function gather(
  cluster: Pick<Cluster, "list">,
  { namespaces = [], onStage = () => {} }: GatherOptions = {},
): Promise<Finding> {
  const list = async (kind: readonly [string, string]) => {
    onStage(`reading ${kind[1]} objects`);
    const found = await cluster.list(...kind);
    return found.filter(({ metadata }) => namespaces.length === 0 || namespaces.includes(metadata.namespace ?? ""));
  };
  const findings: Finding[] = [];
  const workloads: KubeObject[] = [];
  for (const kind of WORKLOADS) workloads.push(...(await list(kind)).filter((object) => !hasOwner(object)));
  const configData = configDataOf(hasConfigMap(workloads) ? await list(CONFIG_MAP) : []);
  for (const workload of workloads) findings.push(environmentFinding(workload, configData));
  for (const entry of await list(SERVICE_ENTRY)) findings.push(serviceEntryFinding(entry));
  return {
    candidates: findings.flatMap(({ candidates }) => candidates),
    notes: [...new Set(findings.flatMap(({ notes }) => notes))],
  };
}

const READ_OWNERS: ReadonlySet<string> = new Set(WORKLOADS.map(([, kind]) => kind));

/** Whether the object comes from a template that is read itself. */
function hasOwner({ metadata: { ownerReferences } }: KubeObject): boolean {
  const owners = (ownerReferences ?? []) as { kind: string; controller?: boolean }[];
  return owners.some(({ kind, controller }) => controller === true && READ_OWNERS.has(kind));
}

function hasConfigMap(workloads: readonly KubeObject[]): boolean {
  return workloads.some(({ spec }) => /"configMap(Key)?Ref":/.test(JSON.stringify(spec ?? {})));
}
