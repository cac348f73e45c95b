// SPDX-License-Identifier: Apache-2.0
/**
 * The status of a cluster as counts of what is desired and what is ready, from the verdicts over its pods. Drawing is in tree.ts.
 */
import type { PrometheusFacts } from "../checks/facts.ts";
import type { Pod } from "../checks/kinds.ts";
import type { InstalledPlugin, NamespaceFacts, StatusFacts } from "./facts.ts";
import { isDesired, isReady, judge, type PodState, type PodStatus } from "./judgement.ts";
import { isInPrometheus, type ScrapeFacts } from "./scrape.ts";

export interface Count {
  desired: number;
  ready: number;
}

export interface StatusReport {
  context: string;
  isReady: boolean;
  /** Desired are the opted-in ones, ready those that have a plugin of ours. */
  namespaceCount: Count;
  counts: PodCounts;
  namespaces: NamespaceStatus[];
  /** Where series were looked for, and the scrapes of sidecars that fail; or why nobody could be asked. */
  prometheus: { where: string; failing: { url: string; error: string }[] } | { unknown: string };
}

export interface NamespaceStatus {
  name: string;
  isReady: boolean;
  plugins: readonly InstalledPlugin[];
  counts: PodCounts;
  pods: PodStatus[];
}

/** Each is of the pods that are ready in the one before: a pod without sidecar is not counted among unreadable ones. */
export interface PodCounts {
  /** Pods that should be metered, and those that have a sidecar. */
  sidecars: Count;
  /** Of pods with a sidecar, those that run. */
  running: Count;
  /** Of pods that run, those whose metrics could be read. */
  scraped: Count;
  /** Of pods whose metrics were read, those that run a plugin of ours. */
  metered: Count;
  /** Of metered pods, those with the module and the configuration of their namespace. */
  current: Count;
  /** Of current pods, those without a configuration error. */
  withoutConfigErrors: Count;
  /** Of pods without a configuration error, those whose series arrive in Prometheus; absent where none could be asked. */
  inPrometheus?: Count;
  /** Pods with a sidecar that give few labels until they restart. Metered all the same, so this is no matter of readiness. */
  builtinEncoding: number;
  /** Pods of opted-in namespaces that are meant to have no sidecar. */
  keptOut: number;
}

/** The steps a pod takes, in order, each with the state of those that stopped before it. */
const STEPS = [
  ["sidecars", "no-sidecar"],
  ["running", "not-running"],
  ["scraped", "unreadable"],
  ["metered", "unmetered"],
  ["current", "outdated"],
  ["withoutConfigErrors", "config-errors"],
] as const satisfies readonly (readonly [keyof PodCounts, PodState])[];

export function statusReport({ context, namespaces, scrape }: StatusFacts): StatusReport {
  const found = namespaces.map((namespace) => namespaceStatus(namespace, scrape));
  const ready = found.filter(({ plugins }) => plugins.length > 0).length;
  return {
    context,
    isReady: found.length > 0 && found.every((namespace) => namespace.isReady),
    namespaceCount: { desired: found.length, ready },
    counts: countPods(found.flatMap(({ pods }) => pods)),
    namespaces: found,
    prometheus: "unknown" in scrape ? scrape : prometheusStatus(scrape.value),
  };
}

function prometheusStatus({ where, targets }: Pick<PrometheusFacts, "where" | "targets">) {
  const failing = targets.filter(({ isUp }) => !isUp).map(({ url, lastError }) => ({ url, error: lastError }));
  return { where, failing };
}

function namespaceStatus({ name, plugins, pods }: NamespaceFacts, scrape: ScrapeFacts): NamespaceStatus {
  const judged = pods
    .map((facts) => withScrape(judge(facts, plugins), facts.pod, scrape))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const isWhole = judged.filter(isDesired).every(isReady);
  return { name, isReady: plugins.length > 0 && isWhole, plugins, counts: countPods(judged), pods: judged };
}

function withScrape(status: PodStatus, pod: Pod, scrape: ScrapeFacts): PodStatus {
  if (status.state !== "metered" || "unknown" in scrape) return status;
  return { ...status, isInPrometheus: isInPrometheus(pod, scrape.value.heartbeats) };
}

function countPods(pods: readonly PodStatus[]): PodCounts {
  let rest = pods.filter(isDesired);
  const steps = STEPS.map(([step, stopped]) => {
    const desired = rest.length;
    rest = rest.filter(({ state }) => state !== stopped);
    return [step, { desired, ready: rest.length }] as const;
  });
  const asked = rest.filter((pod) => pod.isInPrometheus !== undefined);
  return {
    ...(asked.length > 0 && { inPrometheus: { desired: asked.length, ready: asked.filter(isReady).length } }),
    ...(Object.fromEntries(steps) as Record<(typeof STEPS)[number][0], Count>),
    builtinEncoding: pods.filter(({ encoding }) => encoding?.value === "builtin").length,
    keptOut: pods.length - pods.filter(isDesired).length,
  };
}
