// SPDX-License-Identifier: Apache-2.0
/**
 * A pod's own metrics through the API server's proxy, so that nothing needs a route to the pod, and no Prometheus.
 * Needs the right to get `pods/proxy`. Reads once; retrying belongs to the caller.
 *
 * @see https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/#manually-constructing-apiserver-proxy-urls
 */
import type { Cluster } from "./cluster.ts";
import { parseOurSamples, type Sample } from "./exposition.ts";
import { relabelled } from "./relabelling.ts";

/** pilot-agent's port: its own metrics, Envoy's and, where Istio merges them, the application's. */
const PORT = 15_020;

/** What a sidecar shows to a scraper, whole. Throws KubeError. */
export function readPodExposition(cluster: Pick<Cluster, "get">, namespace: string, pod: string): Promise<string> {
  return cluster.get(`/api/v1/namespaces/${namespace}/pods/${pod}:${PORT}/proxy/stats/prometheus`);
}

/**
 * Samples of our families, with the label names that they have in Prometheus in whichever encoding the pod gives them.
 *
 * @throws KubeError where the pod can't be reached; Error where its answer is not in Prometheus' text format
 */
export async function readPodMetrics(cluster: Pick<Cluster, "get">, namespace: string, pod: string): Promise<Sample[]> {
  return parseOurSamples(await readPodExposition(cluster, namespace, pod)).map(relabelled);
}
