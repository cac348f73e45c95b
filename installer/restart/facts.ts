// SPDX-License-Identifier: Apache-2.0
/**
 * Reads what a restart is planned from: pods and their owners in the opted-in namespaces, and what new pods would get.
 */
import type { Pod } from "../checks/kinds.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { ISTIO_NAMESPACE } from "../cluster/istio.ts";
import { KubeError } from "../cluster/kube-error.ts";
import { meshConfigMap } from "../cluster/mesh-config-map.ts";
import { inParallel } from "../cluster/in-parallel.ts";
import { optedIn } from "../cluster/opted-in.ts";
import { statTagsOf } from "../objects/mesh-config.ts";
import type { KubeObject } from "../objects/object.ts";
import {
  type InjectionWebhook,
  type NamespaceWorkloads,
  type Owned,
  type RestartFacts,
  WORKLOAD_API,
  WORKLOAD_KINDS,
  type Workload,
} from "./model.ts";

const NAMESPACES_AT_ONCE = 4;

/** Where to look. */
export interface Where extends WhereIstioIs {
  /** Only these opted-in namespaces; all where empty. */
  namespace?: readonly string[];
}

interface WhereIstioIs {
  istioNamespace?: string | undefined;
  istioRevision?: string | undefined;
}

type Reader = Pick<Cluster, "list" | "read">;

/** @throws ProxymeterError E_NOT_OPTED_IN; KubeError; what the mesh gives to new pods may be unknown */
export async function gatherRestart(cluster: Reader, where: Where = {}): Promise<RestartFacts> {
  const [found, meshTags, webhooks] = await Promise.all([
    optedIn(cluster, where.namespace),
    readMeshTags(cluster, where),
    readWebhooks(cluster).catch(forbidden),
  ]);
  const namespaces = await inParallel(found, NAMESPACES_AT_ONCE, (namespace) => readNamespace(cluster, namespace));
  return { namespaces, meshTags, webhooks };
}

async function readNamespace(cluster: Reader, { metadata: { name, labels = {} } }: KubeObject) {
  const namespace = name;
  const [pods, replicaSets, jobs, ...workloads] = await Promise.all([
    cluster.list("v1", "Pod", { namespace }),
    cluster.list(WORKLOAD_API, "ReplicaSet", { namespace }),
    cluster.list("batch/v1", "Job", { namespace }),
    ...WORKLOAD_KINDS.map((kind) => cluster.list(WORKLOAD_API, kind, { namespace })),
  ]);
  return {
    name,
    labels,
    pods: pods as Pod[],
    workloads: workloads.flat() as Workload[],
    owned: [...replicaSets, ...jobs] as Owned[],
  } satisfies NamespaceWorkloads;
}

async function readMeshTags(cluster: Reader, where: WhereIstioIs): Promise<string[] | undefined> {
  const { istioNamespace = ISTIO_NAMESPACE, istioRevision = "default" } = where;
  const metadata = { name: meshConfigMap(istioRevision), namespace: istioNamespace };
  const map = await cluster.read({ apiVersion: "v1", kind: "ConfigMap", metadata }).catch(forbidden);
  const mesh = (map?.data as Record<string, string> | undefined)?.mesh;
  return mesh === undefined ? undefined : statTagsOf(mesh);
}

async function readWebhooks(cluster: Reader): Promise<InjectionWebhook[]> {
  const found = await cluster.list("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration");
  return found
    .filter(({ metadata }) => metadata.labels?.app === "sidecar-injector")
    .flatMap((configuration) => (configuration.webhooks as InjectionWebhook[] | undefined) ?? []);
}

/** A right that is missing leaves a fact unknown; what rests on it is then not decided. */
function forbidden(error: unknown): undefined {
  if (error instanceof KubeError && error.status === 403) return undefined;
  throw error;
}
