// SPDX-License-Identifier: Apache-2.0
/**
 * Waits until every running pod with a sidecar shows the filter that was installed. How a pod is asked is the caller's.
 */
import type { SidecarPod } from "../cluster/sidecar-pods.ts";
import { type MetricsSource, type RunningFilter, runningFilters } from "./metrics-source.ts";
import { pause } from "./pause.ts";
import { inParallel } from "../cluster/in-parallel.ts";

const WIDTH = 20;
const INTERVAL_MS = 500;

/** What the pods of a namespace have to show. */
export type Expected = ReadonlyMap<string, Pick<RunningFilter, "digest" | "configHash">>;

export interface WaitOptions {
  expected: Expected;
  /** Pods to wait for, asked again each round: pods come and go. */
  pods: () => Promise<readonly SidecarPod[]>;
  source: MetricsSource;
  timeoutMs: number;
  onProgress: (metered: number, pods: number) => void;
  signal?: AbortSignal | undefined;
  intervalMs?: number;
}

export interface Waited {
  /** Pods that show the filter. */
  metered: readonly SidecarPod[];
  /** Pods that do not, and what was found instead. */
  missing: readonly { pod: SidecarPod; reason: string }[];
  /** How many of the metered pods report through built-in tags, with fewer labels, until they restart. */
  builtin: number;
}

/** Ends when no pod is missing or the time is over, whichever comes first. A pod that once showed the filter counts. */
export async function waitForPods(options: WaitOptions): Promise<Waited> {
  const { expected, timeoutMs, onProgress, signal, intervalMs = INTERVAL_MS } = options;
  const deadline = Date.now() + timeoutMs;
  const seen = new Map<string, RunningFilter>();
  for (;;) {
    const pods = (await options.pods()).filter(({ namespace }) => expected.has(namespace));
    const reasons = await inParallel(pods, WIDTH, (pod) => ask(pod, options, seen));
    const missing = pods.flatMap((pod, index) => {
      const reason = reasons[index];
      return reason === undefined ? [] : [{ pod, reason }];
    });
    const metered = pods.filter((_, index) => reasons[index] === undefined);
    onProgress(metered.length, pods.length);
    const builtin = metered.filter((pod) => seen.get(nameOfPod(pod))?.encoding === "builtin").length;
    if (missing.length === 0 || Date.now() >= deadline) return { metered, missing, builtin };
    await pause(intervalMs, signal);
  }
}

/** Undefined when the pod shows the filter, else what it shows. */
async function ask(
  pod: SidecarPod,
  options: WaitOptions,
  seen: Map<string, RunningFilter>,
): Promise<string | undefined> {
  const key = nameOfPod(pod);
  if (seen.has(key)) return undefined;
  const expected = options.expected.get(pod.namespace);
  let filters: RunningFilter[];
  try {
    filters = runningFilters(await options.source(pod));
  } catch (error) {
    options.signal?.throwIfAborted();
    return `cannot read its metrics: ${(error as Error).message}`;
  }
  const match = filters.find(
    (filter) => filter.digest === expected?.digest && filter.configHash === expected.configHash,
  );
  if (match === undefined) return found(filters);
  seen.set(key, match);
  return undefined;
}

function found(filters: readonly RunningFilter[]): string {
  if (filters.length === 0) return "its sidecar shows no filter";
  return `it runs ${filters.map(({ digest, configHash }) => `${digest} with configuration ${configHash}`).join(" and ")}`;
}

export function nameOfPod({ namespace, name }: SidecarPod): string {
  return `${namespace}/${name}`;
}
