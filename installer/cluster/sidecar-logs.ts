// SPDX-License-Identifier: Apache-2.0
/**
 * The logs of the opted-in namespaces' sidecars as one stream of lines; followed, it takes up pods that start later.
 */
import { setTimeout as pause } from "node:timers/promises";
import { documentation } from "../documentation.ts";
import { ProxymeterError } from "../errors.ts";
import { OPT_IN_LABEL } from "../objects/target.ts";
import type { Cluster } from "./cluster.ts";
import { podLogLines } from "./pod-log.ts";
import { type SidecarPod, sidecarPods } from "./sidecar-pods.ts";

export interface WatchOptions {
  /** Only pods of these; of all opted-in ones where empty. */
  namespaces: readonly string[];
  /** Only these, as `name` or `namespace/name`; all where empty. */
  pods: readonly string[];
  isFollowed: boolean;
  sinceSeconds: number;
  signal: AbortSignal;
  say: (line: string) => void;
}

type Reader = Pick<Cluster, "list" | "podLog">;

/** Each followed log holds a connection of the API server. */
const MOST_PODS = 200;
const LOOK_AGAIN_MS = 5000;
/** Of a pod that is new to us, everything: it is younger than this. */
const NEW_POD_SECONDS = 60;

/** @throws ProxymeterError E_NO_PODS, E_TOO_MANY_PODS; KubeError */
export async function* watchSidecarLogs(cluster: Reader, options: WatchOptions): AsyncIterable<string> {
  const first = await wantedPods(cluster, options);
  if (first.length === 0) throw noPods(options);
  if (first.length > MOST_PODS) throw tooMany(first.length);
  if (!options.isFollowed) {
    for (const pod of first) yield* podLogLines(cluster, pod, options);
    return;
  }
  options.say(`following ${first.length} ${first.length === 1 ? "sidecar" : "sidecars"}, until Ctrl-C`);
  yield* followed(cluster, first, options);
}

async function* followed(cluster: Reader, first: readonly SidecarPod[], options: WatchOptions): AsyncIterable<string> {
  const queue: string[] = [];
  let wake: (() => void) | undefined;
  let failure: { error: unknown } | undefined;
  const open = new Set<string>();
  const news = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const fail = (error: unknown) => {
    failure ??= { error };
    wake?.();
  };
  const start = async (pod: SidecarPod, sinceSeconds: number) => {
    const key = `${pod.namespace}/${pod.name}`;
    open.add(key);
    for await (const line of podLogLines(cluster, pod, { ...options, sinceSeconds })) {
      queue.push(line);
      wake?.();
    }
    open.delete(key);
  };
  for (const pod of first) void start(pod, options.sinceSeconds).catch(fail);
  void lookAgain(cluster, options, (pod) => {
    const isKnown = open.has(`${pod.namespace}/${pod.name}`) || open.size >= MOST_PODS;
    if (!isKnown) void start(pod, NEW_POD_SECONDS).catch(fail);
  }).catch(fail);
  options.signal.addEventListener("abort", () => wake?.(), { once: true });
  while (!options.signal.aborted) {
    yield* queue.splice(0);
    if (failure !== undefined) throw failure.error;
    if (queue.length === 0 && !options.signal.aborted) await news();
  }
  yield* queue;
}

async function lookAgain(cluster: Reader, options: WatchOptions, found: (pod: SidecarPod) => void): Promise<void> {
  while (!options.signal.aborted) {
    await pause(LOOK_AGAIN_MS, undefined, { signal: options.signal }).catch(() => {});
    if (options.signal.aborted) return;
    for (const pod of await wantedPods(cluster, options)) found(pod);
  }
}

async function wantedPods(cluster: Reader, { namespaces: only, pods }: WatchOptions): Promise<SidecarPod[]> {
  const namespaces =
    pods.length > 0 && pods.every((pod) => pod.includes("/"))
      ? pods.map((pod) => pod.slice(0, pod.indexOf("/")))
      : (await cluster.list("v1", "Namespace", { labelSelector: `${OPT_IN_LABEL}=true` })).map(
          ({ metadata }) => metadata.name,
        );
  const isWanted = (name: string) => only.length === 0 || only.includes(name);
  const all = await sidecarPods(cluster, [...new Set(namespaces)].filter(isWanted));
  return all.filter(
    ({ namespace, name }) => pods.length === 0 || pods.includes(name) || pods.includes(`${namespace}/${name}`),
  );
}

function noPods({ namespaces, pods }: WatchOptions): ProxymeterError {
  const where = namespaces.length > 0 ? `opted-in namespace ${namespaces.join(", ")}` : "any opted-in namespace";
  const which =
    pods.length > 0 ? `a running pod ${pods.join(", ")} with a sidecar` : `a running pod with a sidecar in ${where}`;
  return new ProxymeterError("E_NO_PODS", `cannot find ${which}`, "see `proxymeter status`, or give --file", {
    exitCode: pods.length + namespaces.length > 0 ? 2 : 1,
  });
}

function tooMany(count: number): ProxymeterError {
  return new ProxymeterError(
    "E_TOO_MANY_PODS",
    `cannot read the logs of ${count} pods through the API server (at most ${MOST_PODS} at once)`,
    `name some with --pod, or collect the logs and give --file; ${documentation("ledger.md")} shows how`,
    { exitCode: 2 },
  );
}
