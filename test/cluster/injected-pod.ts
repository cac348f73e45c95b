// SPDX-License-Identifier: Apache-2.0
/**
 * Pods as the injection webhook leaves them, or as they are without it: only the objects. What runs behind their address is the
 * test's business.
 */
import type { Kube, KubeObject } from "./kube.ts";
import { CRAWL, crawlerPod } from "./objects.ts";

export interface PodShape {
  name: string;
  namespace?: string;
  /** `extraStatTags` that the sidecar was started with; absent for a pod without sidecar. */
  statTags?: readonly string[];
  ownerReferences?: readonly object[];
}

/** `crawlerPod` with another sidecar, or with none. */
export function podObject({ name, namespace = CRAWL, statTags, ownerReferences = [] }: PodShape): KubeObject {
  const pod = crawlerPod(name);
  const proxyConfig = { discoveryAddress: "istiod:15012", extraStatTags: statTags };
  const sidecar = {
    name: "istio-proxy",
    image: "proxyv2:dev",
    env: [{ name: "PROXY_CONFIG", value: JSON.stringify(proxyConfig) }],
  };
  const crawler = { name: "crawler", image: "crawler:dev" };
  return {
    ...pod,
    metadata: { ...pod.metadata, namespace, ownerReferences },
    spec: { ...(pod.spec as object), containers: statTags === undefined ? [crawler] : [crawler, sidecar] },
  };
}

export async function createPod(kube: Kube, pod: KubeObject, status: object): Promise<void> {
  await kube.apply(pod);
  await kube.setStatus(pod, status);
}
