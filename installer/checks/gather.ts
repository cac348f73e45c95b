// SPDX-License-Identifier: Apache-2.0
/**
 * Gathers the facts: everything is asked once, and a refusal becomes the reason why a fact is not known.
 * Reads only. What the facts mean is decided by the checks.
 */
import { parse } from "yaml";
import type { Cluster } from "../cluster/cluster.ts";
import { inParallel } from "../cluster/in-parallel.ts";
import { findIstio, ISTIO_NAMESPACE, type IstioWanted } from "../cluster/istio.ts";
import { meshConfigMap } from "../cluster/mesh-config-map.ts";
import { ProxymeterError } from "../errors.ts";
import { gatherStatus } from "../status/facts.ts";
import { type StatusReport, statusReport } from "../status/report.ts";
import type { VendorsFile } from "../vendors/model.ts";
import type { Facts, Istio, MeshConfig, ObjectFacts, Read, Right } from "./facts.ts";
import { known } from "./facts.ts";
import { GATHERED, type Objects, type Pod } from "./kinds.ts";
import { ourPlugins } from "./plugins.ts";
import { type Probes, resolveAll } from "./probes.ts";
import { prometheusFacts } from "./prometheus-facts.ts";
import { type Places, type Question, questionsOf } from "./rights.ts";
import { readRejects } from "./xds-rejects.ts";
import { optedIn } from "./workloads.ts";

export type Reader = Pick<Cluster, "context" | "list" | "read" | "create" | "get" | "hasKind">;

export interface GatherOptions {
  stage: Facts["stage"];
  vendors: VendorsFile | undefined;
  /** Namespace of our own objects. */
  systemNamespace: string;
  istio?: IstioWanted;
  probes: Probes;
  /** Told what is being read, often. */
  progress?: (line: string) => void;
}

/** How many questions are under way at once. */
const CALLS = 16;

/** @throws ProxymeterError E_INTERRUPTED; nothing else that the cluster answers */
export async function gatherFacts(cluster: Reader, options: GatherOptions): Promise<Facts> {
  const { stage, vendors, probes } = options;
  const asked = await read(
    async () => JSON.parse(await cluster.get("/version")) as { gitVersion: string; minor: string },
  );
  const api: Facts["api"] =
    "unknown" in asked
      ? asked
      : { value: { gitVersion: asked.value.gitVersion, minor: Number.parseInt(asked.value.minor, 10) } };
  // One answer of an unreachable server is enough; every further question would wait for its own time-out.
  const gate = "unknown" in api ? { unknown: "the Kubernetes API does not answer" } : undefined;
  const ask = <T>(question: () => Promise<T>): Promise<Read<T>> => (gate ? Promise.resolve(gate) : read(question));

  const [rights, kinds, istio, objects] = await Promise.all([
    ask(() => readRights(cluster, placesOf(options))),
    ask(() => readKinds(cluster)),
    ask(() => readIstio(cluster, options.istio ?? {})),
    readObjects(cluster, ask),
  ]);
  const first: Facts = {
    stage,
    context: cluster.context,
    api,
    rights,
    kinds,
    istio,
    objects,
    mesh: { unknown: "not read" },
    pods: { unknown: "not read" },
    istioPods: await ask(() => cluster.list("v1", "Pod", { labelSelector: "istio" }) as Promise<Pod[]>),
    vendors: vendors === undefined ? { unknown: "no vendors.yaml was given (-f)" } : { value: vendors },
    resolved: await resolveAll(vendors, probes),
    images: {},
    rejects: { unknown: "not read" },
    running: { unknown: "not read" },
    prometheus: { unknown: "not read" },
  };
  const isInstalled = stage === "after";
  const [mesh, pods, images, rejects, running, prometheus] = await Promise.all([
    ask(() => readMesh(cluster, known(istio))),
    ask(() => readPods(cluster, optedIn(first))),
    readImages(first, probes),
    isInstalled ? ask(() => readRejects(cluster, known(first.istioPods))) : first.rejects,
    isInstalled ? ask(() => readRunning(cluster, options)) : first.running,
    isInstalled ? read(async () => prometheusFacts(await probes.prometheus())) : first.prometheus,
  ]);
  return { ...first, mesh, pods, images, rejects, running, prometheus };
}

/** What a question gives, or the reason why it gives nothing. */
async function read<T>(question: () => Promise<T>): Promise<Read<T>> {
  try {
    return { value: await question() };
  } catch (error) {
    if (error instanceof ProxymeterError && error.code === "E_INTERRUPTED") throw error;
    return { unknown: (error as Error).message };
  }
}

async function readObjects(
  cluster: Reader,
  ask: <T>(question: () => Promise<T>) => Promise<Read<T>>,
): Promise<ObjectFacts> {
  const names = Object.keys(GATHERED) as (keyof Objects)[];
  const lists = names.map(async (name) => [name, await ask(() => cluster.list(...GATHERED[name]))] as const);
  return Object.fromEntries(await Promise.all(lists)) as unknown as ObjectFacts;
}

async function readRights(cluster: Reader, places: Places): Promise<Right[]> {
  return inParallel(questionsOf(places), CALLS, async (question) => ({
    ...question,
    isAllowed: await mayI(cluster, question),
  }));
}

async function mayI(cluster: Reader, { needed: _needed, ...resourceAttributes }: Question): Promise<boolean> {
  const review = await cluster.create({
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes },
  });
  return (review.status as { allowed?: boolean } | undefined)?.allowed === true;
}

async function readKinds(cluster: Reader): Promise<string[]> {
  const asked = Object.values(GATHERED).map(async ([apiVersion, kind]) =>
    (await cluster.hasKind(apiVersion, kind)) ? [`${apiVersion}/${kind}`] : [],
  );
  return (await Promise.all(asked)).flat();
}

/** Undefined where there is none; without `minor` where its version can't be told. */
async function readIstio(cluster: Reader, wanted: IstioWanted): Promise<Istio | undefined> {
  try {
    return await findIstio(cluster as Cluster, wanted);
  } catch (error) {
    const code = error instanceof ProxymeterError ? error.code : "";
    if (code === "E_NO_ISTIO") return undefined;
    if (code !== "E_ISTIO_VERSION" || wanted.version !== undefined) throw error;
    // Any version makes the finder say where Istio is; the one that it is told is not believed.
    const { namespace, revision } = await findIstio(cluster as Cluster, { ...wanted, version: "1.0" });
    return { namespace, revision, version: "unknown", minor: undefined };
  }
}

async function readMesh(cluster: Reader, istio: Istio | undefined): Promise<MeshConfig | undefined> {
  if (istio === undefined) return undefined;
  const metadata = { name: meshConfigMap(istio.revision), namespace: istio.namespace };
  const map = await cluster.read({ apiVersion: "v1", kind: "ConfigMap", metadata });
  const text = (map?.data as Record<string, string> | undefined)?.mesh;
  return text === undefined ? undefined : ((parse(text) ?? {}) as MeshConfig);
}

async function readPods(cluster: Reader, namespaces: readonly string[]): Promise<Pod[]> {
  const lists = await inParallel(namespaces, CALLS, (namespace) => cluster.list("v1", "Pod", { namespace }));
  return lists.flat() as Pod[];
}

async function readImages(facts: Facts, probes: Probes): Promise<Facts["images"]> {
  if (facts.stage === "before" || "unknown" in facts.objects.wasmPlugins) return {};
  const plugins = await read(async () => ourPlugins(facts));
  const urls = "unknown" in plugins ? [] : [...new Set(plugins.value.map(({ url }) => url))];
  const answers = urls
    .filter((url) => url.startsWith("oci://"))
    .map(async (url) => [url, await probes.image(url)] as const);
  return Object.fromEntries(await Promise.all(answers));
}

/** What runs in each pod. Prometheus is asked elsewhere here. */
async function readRunning(cluster: Reader, { progress }: GatherOptions): Promise<StatusReport> {
  const scrape = async () => ({ unknown: "not asked" });
  return statusReport(await gatherStatus(cluster, { ...(progress && { progress }), scrape }));
}

function placesOf({ systemNamespace, istio = {} }: GatherOptions): Places {
  return {
    systemNamespace,
    istioNamespace: istio.namespace ?? ISTIO_NAMESPACE,
    meshConfigMap: meshConfigMap(istio.revision ?? ""),
  };
}
