// SPDX-License-Identifier: Apache-2.0
/**
 * Whether new pods of a workload would get what the running ones lack: a restart that gives nothing only costs, and again each time.
 */
import { selects } from "../checks/kinds.ts";
import { missingTags } from "../checks/stat-tags.ts";
import { annotatedTags, isKeptOut } from "../cluster/injection.ts";
import type { NamespaceWorkloads, RestartFacts, Workload } from "./model.ts";
import type { Lack } from "./plan.ts";
import { isUpdated } from "./rollout.ts";

/** Why a restart would give nothing; undefined where it gives something, or where that can't be known. */
export function obstacleOf(
  workload: Workload,
  lacks: readonly Lack[],
  namespace: NamespaceWorkloads,
  facts: RestartFacts,
): string | undefined {
  if (!isUpdated(workload)) return "its pods are being replaced already; wait for that to end, or undo it";
  const obstacles = lacks.map((lack) =>
    lack === "sidecar" ? injectionObstacle(workload, namespace, facts) : tagsObstacle(workload, facts),
  );
  return obstacles.includes(undefined) ? undefined : obstacles.join("; ");
}

function injectionObstacle({ spec }: Workload, { labels }: NamespaceWorkloads, { webhooks }: RestartFacts) {
  const template = spec?.template ?? {};
  if (isKeptOut(template)) return "its template keeps the sidecar out";
  const podLabels = template.metadata?.labels ?? {};
  const injects = webhooks?.some(
    ({ namespaceSelector, objectSelector }) =>
      selects(namespaceSelector ?? {}, { ...labels }) && selects(objectSelector ?? {}, podLabels),
  );
  return injects === false
    ? "no injection webhook selects it; label its namespace istio-injection=enabled, or istio.io/rev=REVISION"
    : undefined;
}

/** The annotation's list replaces the mesh's: https://istio.io/latest/docs/reference/config/annotations/#ProxyConfig */
function tagsObstacle({ spec }: Workload, { meshTags }: RestartFacts): string | undefined {
  const annotated = annotatedTags(spec?.template ?? {});
  if (annotated !== undefined) {
    return missingTags(annotated).length === 0
      ? undefined
      : "extraStatTags in its annotation proxy.istio.io/config replaces the mesh's and lacks ours; add them there";
  }
  if (meshTags === undefined || missingTags(meshTags).length === 0) return undefined;
  return "the mesh configuration lacks our stat tags; run `proxymeter install` first";
}
