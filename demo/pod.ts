// SPDX-License-Identifier: Apache-2.0
/**
 * A simulated crawler pod: its name, namespace and labels, as Kubernetes would give them.
 */

export interface Pod {
  name: string;
  namespace: string;
  labels: Record<string, string>;
}

const NAMESPACE = "crawl";

/** Pods `crawler-0` to `crawler-(count - 1)`. */
export function crawlerPods(count: number): Pod[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `crawler-${index}`,
    namespace: NAMESPACE,
    labels: { app: "crawler" },
  }));
}
