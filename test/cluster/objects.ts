// SPDX-License-Identifier: Apache-2.0
/**
 * The Kubernetes objects of the simulated cluster: namespaces, mesh configuration, crawler pods.
 * Istio's and the project's own objects come from files; only what those stand on is written here.
 */
import type { KubeObject } from "./kube.ts";

export const CRAWL = "crawl";
const ISTIO_SYSTEM = "istio-system";

const object = (apiVersion: string, kind: string, name: string, namespace?: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: namespace === undefined ? { name } : { name, namespace },
});

/**
 * Mesh configuration, https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/.
 * `defaultProviders` is empty because the metrics provider needs `istio.stats`, which upstream Envoy does not hold.
 */
const MESH = {
  trustDomain: "cluster.local",
  rootNamespace: ISTIO_SYSTEM,
  enableTracing: false,
  enablePrometheusMerge: false,
  ingressControllerMode: "OFF",
  defaultProviders: {},
};

/** Objects that must exist before istiod starts. */
export const MESH_OBJECTS: readonly KubeObject[] = [
  object("v1", "Namespace", ISTIO_SYSTEM),
  object("v1", "Namespace", CRAWL),
  object("v1", "ServiceAccount", "crawler", CRAWL),
  {
    ...object("v1", "ConfigMap", "istio", ISTIO_SYSTEM),
    data: { meshNetworks: "networks: {}", mesh: JSON.stringify(MESH) },
  },
];

/** istiod publishes its root certificate here in every namespace. */
export const ROOT_CERTIFICATE = object("v1", "ConfigMap", "istio-ca-root-cert", CRAWL);

/** A crawler pod as its owner would write it; nothing in it names a proxy vendor. */
export function crawlerPod(name: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: CRAWL, labels: { ...POD_LABELS } },
    spec: {
      serviceAccountName: "crawler",
      nodeName: "node-0",
      containers: [
        { name: "crawler", image: "crawler:dev" },
        // As the injector adds it; the process itself is started by sidecar.ts.
        { name: "istio-proxy", image: "proxyv2:dev", ports: [{ name: "http-envoy-prom", containerPort: 15_090 }] },
      ],
    },
  };
}

export const POD_LABELS = { app: "crawler", "service.istio.io/canonical-name": "crawler" };

/** What the kubelet would report once the pod runs. */
export function runningStatus(address: string): object {
  const conditions = ["Ready", "ContainersReady"].map((type) => ({ type, status: "True" }));
  return { phase: "Running", podIP: address, podIPs: [{ ip: address }], conditions };
}
