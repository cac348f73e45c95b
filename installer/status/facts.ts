// SPDX-License-Identifier: Apache-2.0
/**
 * What `status` looks at: opted-in namespaces, their plugins and pods, and what each pod's metrics say. Gathers, decides nothing.
 */
import { ROOT_HTTP, ROOT_NETWORK } from "../../filter/core/contract.ts";
import type { Plugin, Pod } from "../checks/kinds.ts";
import { isLive } from "../checks/workloads.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Sample } from "../cluster/exposition.ts";
import { inParallel } from "../cluster/in-parallel.ts";
import { KubeError } from "../cluster/kube-error.ts";
import { optedIn } from "../cluster/opted-in.ts";
import { readPodMetrics } from "../cluster/pod-metrics.ts";
import { hasSidecar } from "../cluster/sidecar-pods.ts";
import { ProxymeterError } from "../errors.ts";
import type { ScrapeFacts } from "./scrape.ts";

const EXTENSIONS = "extensions.istio.io/v1alpha1";
/** Pods that are read at once: each holds a connection of the API server for as long as the pod takes to answer. */
const AT_ONCE = 16;

export interface StatusFacts {
  /** The kubeconfig's name of the context. */
  context: string;
  namespaces: readonly NamespaceFacts[];
  scrape: ScrapeFacts;
}

export interface NamespaceFacts {
  name: string;
  plugins: readonly InstalledPlugin[];
  pods: readonly PodFacts[];
}

/** A plugin of ours, and what its configuration makes `proxymeter_info` say. */
export interface InstalledPlugin {
  name: string;
  release: string;
  digest: string;
  configHash: string;
}

export interface PodFacts {
  pod: Pod;
  /** Absent where nothing was asked: no sidecar, or not running. */
  metrics?: PodMetrics;
}

export type PodMetrics = { samples: readonly Sample[] } | { unreadable: string };

export interface GatherOptions {
  /** Only this pod of this namespace, opted in or not. */
  only?: { namespace: string; pod: string } | undefined;
  /** Only these opted-in ones; all where empty. */
  namespaces?: readonly string[];
  progress?: (line: string) => void;
  scrape: () => Promise<ScrapeFacts>;
}

type Reader = Pick<Cluster, "context" | "list" | "get">;

/** @throws KubeError where the API can't be read; a pod that can't be read is a fact */
export async function gatherStatus(cluster: Reader, options: GatherOptions): Promise<StatusFacts> {
  const { only, progress, scrape, namespaces: asked = [] } = options;
  const names = only ? [only.namespace] : await optedInNamespaces(cluster, asked);
  const [plugins, pods, scraped] = await Promise.all([listPlugins(cluster), listPods(cluster, names), scrape()]);
  const wanted = only ? pods.filter(({ metadata }) => metadata.name === only.pod) : pods;
  const read = await readPods(cluster, wanted.filter(isLive), progress);
  const namespaces = names.map((name) => ({
    name,
    plugins: plugins.filter(({ metadata }) => metadata.namespace === name).flatMap(installedPlugin),
    pods: read.filter(({ pod }) => pod.metadata.namespace === name),
  }));
  return { context: cluster.context, namespaces, scrape: scraped };
}

/** Names, sorted; of those that are named only. Throws as `optedIn` does. */
export async function optedInNamespaces(
  cluster: Pick<Cluster, "list">,
  only: readonly string[] = [],
): Promise<string[]> {
  return (await optedIn(cluster, only)).map(({ metadata }) => metadata.name);
}

export async function listPods(cluster: Pick<Cluster, "list">, namespaces: readonly string[]): Promise<Pod[]> {
  const lists = await inParallel(namespaces, AT_ONCE, (namespace) => cluster.list("v1", "Pod", { namespace }));
  return lists.flat() as Pod[];
}

async function listPlugins(cluster: Reader): Promise<Plugin[]> {
  const kinds = ["WasmPlugin", "TrafficExtension"];
  return (await Promise.all(kinds.map((kind) => cluster.list(EXTENSIONS, kind)))).flat() as Plugin[];
}

function installedPlugin({ metadata, spec }: Plugin): InstalledPlugin[] {
  const { pluginName, pluginConfig = {} } = spec?.wasm ?? spec ?? {};
  if (pluginName !== ROOT_NETWORK && pluginName !== ROOT_HTTP) return [];
  const text = (member: string) => String(pluginConfig[member] ?? "none");
  return [{ name: metadata.name, release: text("release"), digest: text("digest"), configHash: text("config_hash") }];
}

async function readPods(
  cluster: Reader,
  pods: readonly Pod[],
  progress: (line: string) => void = () => {},
): Promise<PodFacts[]> {
  let done = 0;
  return inParallel(pods, AT_ONCE, async (pod) => {
    const isRunning = hasSidecar(pod) && pod.status?.phase === "Running";
    const facts = isRunning ? { pod, metrics: await metricsOf(cluster, pod) } : { pod };
    progress(`read ${++done} of ${pods.length} pods`);
    return facts;
  });
}

async function metricsOf(cluster: Reader, { metadata: { name, namespace = "" } }: Pod): Promise<PodMetrics> {
  try {
    return { samples: await readPodMetrics(cluster, namespace, name) };
  } catch (error) {
    // An interrupt is nothing that a pod can be blamed for.
    if (error instanceof ProxymeterError && !(error instanceof KubeError)) throw error;
    return { unreadable: reasonOf(error as Error) };
  }
}

/** The message without the path, which names the pod once more. */
function reasonOf({ message }: Error): string {
  return message.replace(/^the API server answered (\d+) to GET \S+:\s*/, "$1 ").trim();
}
