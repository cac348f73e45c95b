// SPDX-License-Identifier: Apache-2.0
/**
 * What a pod's state is, and whether it is ready: metered by the plugin and the configuration that its namespace has.
 * Decides over the facts of one pod; counting is in report.ts.
 */
import {
  CONFIG_ERRORS,
  ENCODING_BUILTIN,
  ENCODING_FULL,
  INFO,
  LABEL_CONFIG_HASH,
  LABEL_DIGEST,
  LABEL_ENCODING,
  LABEL_RELEASE,
} from "../../filter/core/contract.ts";
import type { Sample } from "../cluster/exposition.ts";
import { hasStatTags, isKeptOut } from "../cluster/injection.ts";
import { hasSidecar } from "../cluster/sidecar-pods.ts";
import type { InstalledPlugin, PodFacts } from "./facts.ts";

/** From the first question to the last: a pod is in the first state that applies. */
export type PodState =
  /** Without sidecar, and meant to be. */
  | "kept-out"
  | "no-sidecar"
  | "not-running"
  | "unreadable"
  /** No plugin of ours runs in it. */
  | "unmetered"
  /** Runs another module or configuration than its namespace has. */
  | "outdated"
  | "config-errors"
  | "metered";

export interface PodStatus {
  name: string;
  state: PodState;
  /** What was found, for states that are not ready. */
  reason?: string;
  /** Absent without a sidecar. */
  encoding?: PodEncoding;
  /** What runs in the pod; absent where that is not known. */
  plugin?: RunningPlugin;
  /** Of a metered pod: whether its series arrive there. Absent where no Prometheus could be asked. */
  isInPrometheus?: boolean;
}

export interface PodEncoding {
  value: "full" | "builtin";
  /** `pod`: deduced from the proxy configuration that the pod was started with, because its metrics don't tell. */
  from: "metrics" | "pod";
}

export interface RunningPlugin {
  release: string;
  digest: string;
  configHash: string;
}

const NOT_DESIRED: readonly PodState[] = ["kept-out"];

export function isReady({ state, isInPrometheus }: PodStatus): boolean {
  return state === "metered" && isInPrometheus !== false;
}

export function isDesired({ state }: PodStatus): boolean {
  return !NOT_DESIRED.includes(state);
}

/** @param wanted  the plugins of the pod's namespace */
export function judge({ pod, metrics }: PodFacts, wanted: readonly InstalledPlugin[]): PodStatus {
  const { name } = pod.metadata;
  if (!hasSidecar(pod)) return withoutSidecar(name, isKeptOut(pod));
  const deduced: PodEncoding = { value: hasStatTags(pod) ? ENCODING_FULL : ENCODING_BUILTIN, from: "pod" };
  if (metrics === undefined) {
    const reason = `its phase is ${pod.status?.phase ?? "not known"} (expected Running)`;
    return { name, state: "not-running", reason, encoding: deduced };
  }
  if ("unreadable" in metrics) return { name, state: "unreadable", reason: metrics.unreadable, encoding: deduced };
  const running = runningPlugins(metrics.samples, wanted);
  const [plugin] = running;
  if (plugin === undefined) {
    return { name, state: "unmetered", reason: whyUnmetered(wanted), encoding: deduced };
  }
  const encoding = encodingOf(metrics.samples) ?? deduced;
  return { name, encoding, plugin, ...verdict(running, wanted, errorsIn(metrics.samples)) };
}

function withoutSidecar(name: string, isMeant: boolean): PodStatus {
  return isMeant
    ? { name, state: "kept-out", reason: "sidecar.istio.io/inject is false, or it uses the host's network" }
    : { name, state: "no-sidecar", reason: "it started before injection was on, or its namespace has no injection" };
}

function whyUnmetered(wanted: readonly InstalledPlugin[]): string {
  return wanted.length === 0
    ? "its namespace has no plugin of ours"
    : `its metrics have no ${INFO} at 1: the module did not arrive, or no gateway's listener did`;
}

function verdict(
  running: readonly RunningPlugin[],
  wanted: readonly InstalledPlugin[],
  errors: number,
): Pick<PodStatus, "state" | "reason"> {
  const other = wanted.length > 0 ? running.find((plugin) => !wanted.some((one) => isSame(plugin, one))) : undefined;
  if (other !== undefined) return { state: "outdated", reason: differenceOf(other, wanted) };
  if (errors > 0) return { state: "config-errors", reason: `${CONFIG_ERRORS} is ${errors}` };
  return { state: "metered" };
}

function isSame(running: RunningPlugin, { digest, configHash }: InstalledPlugin): boolean {
  return running.digest === digest && running.configHash === configHash;
}

function differenceOf({ digest, configHash }: RunningPlugin, wanted: readonly InstalledPlugin[]): string {
  const [expected] = wanted;
  const isModule = !wanted.some((plugin) => plugin.digest === digest);
  return isModule
    ? `it runs module ${digest} (expected ${expected?.digest})`
    : `it runs configuration ${configHash} (expected ${expected?.configHash})`;
}

/** Each `proxymeter_info` at 1, once; those of earlier configurations are at 0. */
function runningPlugins(samples: readonly Sample[], wanted: readonly InstalledPlugin[]): RunningPlugin[] {
  const found = active(samples).map(({ labels }) => ({
    release: asWritten(labels[LABEL_RELEASE] ?? "none", wanted),
    digest: labels[LABEL_DIGEST] ?? "none",
    configHash: labels[LABEL_CONFIG_HASH] ?? "none",
  }));
  return [...new Map(found.map((plugin) => [JSON.stringify(plugin), plugin])).values()];
}

function active(samples: readonly Sample[]): Sample[] {
  return samples.filter(({ metric, value }) => metric === INFO && value === 1);
}

/** The built-in encoding shows a release with dashes for its dots; the namespace's plugin knows how it is written. */
function asWritten(release: string, wanted: readonly InstalledPlugin[]): string {
  return wanted.find((plugin) => plugin.release.replaceAll(".", "-") === release)?.release ?? release;
}

function encodingOf(samples: readonly Sample[]): PodEncoding | undefined {
  const values = active(samples).map(({ labels }) => labels[LABEL_ENCODING]);
  if (values.includes(ENCODING_BUILTIN)) return { value: ENCODING_BUILTIN, from: "metrics" };
  return values.includes(ENCODING_FULL) ? { value: ENCODING_FULL, from: "metrics" } : undefined;
}

function errorsIn(samples: readonly Sample[]): number {
  return Math.max(0, ...samples.filter(({ metric }) => metric === CONFIG_ERRORS).map(({ value }) => value));
}
