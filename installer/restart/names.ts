// SPDX-License-Identifier: Apache-2.0
/**
 * Workloads as they are named on the command line: `deployment/crawler`, or `crawl/deployment/crawler` where the namespace matters.
 */
import { ProxymeterError } from "../errors.ts";
import { OPT_IN_LABEL } from "../objects/target.ts";
import type { RestartFacts, WorkloadKind } from "./model.ts";

export interface WorkloadName {
  /** As it was written. */
  text: string;
  /** Any opted-in one where absent. */
  namespace?: string;
  kind: WorkloadKind;
  name: string;
}

/** Spellings of kubectl. */
const KINDS: Readonly<Record<string, WorkloadKind>> = {
  deployment: "Deployment",
  deployments: "Deployment",
  deploy: "Deployment",
  statefulset: "StatefulSet",
  statefulsets: "StatefulSet",
  sts: "StatefulSet",
  daemonset: "DaemonSet",
  daemonsets: "DaemonSet",
  ds: "DaemonSet",
};

/** @throws ProxymeterError E_WORKLOAD */
export function parseWorkloadName(text: string): WorkloadName {
  const parts = text.split("/");
  const [kindText = "", name = ""] = parts.slice(-2);
  const kind = KINDS[kindText.toLowerCase()];
  if (kind === undefined || name === "" || parts.length > 3 || parts[0] === "") {
    throw refusal(
      `cannot read "${text}" as a workload (expected KIND/NAME or NAMESPACE/KIND/NAME, KIND one of deployment, statefulset, daemonset)`,
      "for example `proxymeter restart deployment/crawler`",
    );
  }
  return { text, kind, name, ...(parts.length === 3 && { namespace: parts[0] as string }) };
}

/**
 * Refuses to go on where no namespace is opted in, and names that mean nothing in one that is.
 *
 * @throws ProxymeterError E_NOT_OPTED_IN, E_WORKLOAD
 */
export function mustExist(names: readonly WorkloadName[], { namespaces }: RestartFacts): void {
  if (namespaces.length === 0) throw notOptedIn("anything", "no namespace is opted in", "NAMESPACE");
  for (const { text, namespace, kind, name } of names) {
    const searched = namespaces.filter((one) => namespace === undefined || one.name === namespace);
    if (namespace !== undefined && searched.length === 0) {
      throw notOptedIn(`"${text}"`, `namespace ${namespace} is not opted in`, namespace);
    }
    const isThere = searched.some(({ workloads }) =>
      workloads.some((workload) => workload.kind === kind && workload.metadata.name === name),
    );
    if (isThere) continue;
    const where = namespace ?? (namespaces.map((one) => one.name).join(", ") || "none");
    throw refusal(
      `cannot find ${kind} "${name}" in an opted-in namespace (searched: ${where})`,
      `see \`kubectl get ${kind.toLowerCase()} -A\`; a namespace is opted in by the label ${OPT_IN_LABEL}=true`,
    );
  }
}

export function isNamed(
  { namespace, kind, name }: { namespace: string; kind: string; name: string },
  names: readonly WorkloadName[],
): boolean {
  return names.some(
    (one) => one.kind === kind && one.name === name && (one.namespace === undefined || one.namespace === namespace),
  );
}

function notOptedIn(what: string, found: string, namespace: string): ProxymeterError {
  return new ProxymeterError(
    "E_NOT_OPTED_IN",
    `cannot restart ${what}: ${found} (expected the label ${OPT_IN_LABEL}=true)`,
    `kubectl label namespace ${namespace} ${OPT_IN_LABEL}=true`,
    { exitCode: 2 },
  );
}

function refusal(message: string, hint: string): ProxymeterError {
  return new ProxymeterError("E_WORKLOAD", message, hint, { exitCode: 2 });
}
