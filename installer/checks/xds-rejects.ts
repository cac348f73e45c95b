// SPDX-License-Identifier: Apache-2.0
/**
 * How often proxies rejected what istiod sent them, by istiod's own metrics.
 *
 * @see https://istio.io/latest/docs/reference/commands/pilot-discovery/#metrics
 */
import type { Cluster } from "../cluster/cluster.ts";
import type { Pod } from "./kinds.ts";
import { isLive, labelOf } from "./workloads.ts";

/** Counter of istiod; its label `type` names what was rejected. */
export const REJECTS = "pilot_total_xds_rejects";

const PORT = 15_014;
const LINE = new RegExp(`^${REJECTS}(?:\\{(.*)\\})? ([\\d.e+]+)$`, "gm");

/** Sums over the pods of istiod. Throws Error where there are none; KubeError where the API server refuses. */
export async function readRejects(
  cluster: Pick<Cluster, "get">,
  istioPods: readonly Pod[],
): Promise<Record<string, number>> {
  const istiods = istioPods.filter((pod) => isLive(pod) && labelOf(pod, "istio") === "pilot");
  if (istiods.length === 0) throw new Error("no pod of istiod was found, whose metrics tell");
  const texts = await Promise.all(
    istiods.map(({ metadata: { namespace, name } }) =>
      cluster.get(`/api/v1/namespaces/${namespace}/pods/${name}:${PORT}/proxy/metrics`),
    ),
  );
  const sums: Record<string, number> = {};
  for (const [type, count] of texts.flatMap(parseRejects)) sums[type] = (sums[type] ?? 0) + count;
  return sums;
}

/** Type, without the prefix that all have, and count of each line of istiod's exposition. */
export function parseRejects(exposition: string): [string, number][] {
  return [...exposition.matchAll(LINE)].map(([, labels = "", count]) => {
    const type = /type="([^"]*)"/.exec(labels)?.[1] ?? "unknown";
    return [shortType(type), Number(count)];
  });
}

/** A type without the prefix that all have. */
export function shortType(type: string): string {
  return type.replace(/^type\.googleapis\.com\//, "");
}
