// SPDX-License-Identifier: Apache-2.0
/**
 * The status as a tree for people: the counts, then each namespace with its plugins and its pods, like ones together.
 */
import pc from "picocolors";
import { counted, named } from "../checks/check.ts";
import { isDesired, isReady, type PodState, type PodStatus } from "./judgement.ts";
import type { Count, NamespaceStatus, PodCounts, StatusReport } from "./report.ts";

/** Ready pods that are named before "and ... more"; pods that are not ready are all named. */
const NAMED_READY = 10;
const DIGEST_SHOWN = "sha256:".length + 12;

const ROWS: readonly (readonly [
  keyof PodCounts & ("sidecars" | "running" | "scraped" | "metered" | "current" | "withoutConfigErrors"),
  string,
])[] = [
  ["sidecars", "have a sidecar"],
  ["running", "run"],
  ["scraped", "answer with their metrics"],
  ["metered", "are metered"],
  ["current", "have their namespace's module and configuration"],
  ["withoutConfigErrors", "have no configuration error"],
];

const STATES: Readonly<Record<PodState, string>> = {
  "kept-out": "left without a sidecar on purpose",
  "no-sidecar": "without sidecar",
  "not-running": "not running",
  unreadable: "whose metrics can't be read",
  unmetered: "not metered",
  outdated: "outdated",
  "config-errors": "with configuration errors",
  metered: "metered",
};

export function statusTree(report: StatusReport): string {
  const { context, namespaceCount, counts, namespaces, prometheus } = report;
  return [
    `cluster ${context}`,
    ...branches([
      [`${fraction(namespaceCount)} opted-in namespaces have a plugin of ours`],
      ["pods", ...branches(countRows(counts))],
      ...namespaces.map(namespaceBranch),
      prometheusBranch(prometheus),
    ]),
  ].join("\n");
}

function countRows(counts: PodCounts): string[][] {
  const { builtinEncoding, keptOut, inPrometheus } = counts;
  return [
    ...ROWS.map(([step, text]) => [`${fraction(counts[step])} ${text}`]),
    ...(inPrometheus ? [[`${fraction(inPrometheus)} are in Prometheus`]] : []),
    ...(builtinEncoding > 0
      ? [[`${builtinEncoding} in the no-restart encoding: fewer labels until they restart`]]
      : []),
    ...(keptOut > 0 ? [[`${keptOut} left without a sidecar on purpose`]] : []),
  ];
}

function prometheusBranch(prometheus: StatusReport["prometheus"]): string[] {
  if ("unknown" in prometheus) return [`Prometheus was not asked: ${prometheus.unknown}`];
  const { where, failing } = prometheus;
  const lines = failing.map(({ url, error }) => [`${mark(false)} cannot scrape ${url}: ${error}`]);
  return [`Prometheus ${where}: ${counted(failing.length, "failing scrape")}`, ...branches(lines)];
}

function namespaceBranch({ name, plugins, pods, isReady: isWhole }: NamespaceStatus): string[] {
  const desired = pods.filter(isDesired);
  const ready = fraction({ desired: desired.length, ready: desired.filter(isReady).length });
  const groups = Map.groupBy(pods, describe);
  return [
    `${mark(isWhole)} namespace ${name}: ${ready} pods ready`,
    ...branches([
      ...(plugins.length === 0
        ? [[`${mark(false)} no plugin of ours (expected one: run \`proxymeter install\`)`]]
        : []),
      ...plugins.map((plugin) => [`plugin ${plugin.name}: ${versionOf(plugin)}`]),
      ...[...groups].map(([text, like]) => [
        `${mark(like.every((pod) => isReady(pod) || !isDesired(pod)))} ${counted(like.length, "pod")} ${text}`,
        `  ${namesOf(like)}`,
      ]),
    ]),
  ];
}

/** What is said of a pod, but for its name. */
function describe({ state, reason, encoding, plugin, isInPrometheus }: PodStatus): string {
  const parts = [
    `${STATES[state]}${reason === undefined ? "" : ` (${reason})`}`,
    ...(isInPrometheus === false ? ["not in Prometheus"] : []),
    ...(plugin ? [versionOf(plugin)] : []),
    ...(encoding?.value === "builtin"
      ? [`no-restart encoding${encoding.from === "pod" ? ", by its proxy configuration" : ""}`]
      : []),
  ];
  return parts.join(", ");
}

function namesOf(pods: readonly PodStatus[]): string {
  const names = pods.map(({ name }) => name);
  return named(names, pods.every(isReady) ? NAMED_READY : names.length);
}

function versionOf({ release, digest, configHash }: { release: string; digest: string; configHash: string }): string {
  return `release ${release}, ${digest.slice(0, DIGEST_SHOWN)}, configuration ${configHash}`;
}

function fraction({ desired, ready }: Count): string {
  const text = `${ready}/${desired}`;
  return ready === desired ? text : pc.red(text);
}

function mark(isGood: boolean): string {
  return isGood ? pc.green("√") : pc.red("×");
}

/** Draws the lines of each branch under it: the first one is its head. */
function branches(nodes: readonly (readonly string[])[]): string[] {
  return nodes.flatMap((lines, index) => {
    const isLast = index === nodes.length - 1;
    return lines.map((line, at) => (at === 0 ? (isLast ? "└─ " : "├─ ") : isLast ? "   " : "│  ") + line);
  });
}
