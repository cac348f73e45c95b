// SPDX-License-Identifier: Apache-2.0
/**
 * What a pod, or the template of one, says about injection: whether its owner keeps the sidecar out, and which stat tags a sidecar
 * starts with. What runs in it is told by its metrics only.
 *
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
 */
import { parse } from "yaml";
import type { Pod } from "../checks/kinds.ts";
import { missingTags } from "../checks/stat-tags.ts";
import { PROXY_CONFIG_ANNOTATION, proxyConfigOf } from "../checks/workloads.ts";

const INJECT = "sidecar.istio.io/inject";

/** What a new pod is made from, as far as it decides about the sidecar. */
export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: { hostNetwork?: boolean };
}

/** Whether its owner keeps the sidecar out; Istio also injects none into a pod with the network of its node. */
export function isKeptOut({ metadata, spec }: PodTemplate): boolean {
  const inject = metadata?.labels?.[INJECT] ?? metadata?.annotations?.[INJECT];
  return inject === "false" || spec?.hostNetwork === true;
}

/** Whether the pod was started with all of our stat tags, as the filter will find them. */
export function hasStatTags(pod: Pod): boolean {
  const tags = proxyConfigOf(pod)?.extraStatTags ?? annotatedTags(pod);
  return missingTags(tags ?? []).length === 0;
}

/** The stat tags of annotation `proxy.istio.io/config`, which replace those of the mesh; undefined where it has none. */
export function annotatedTags({ metadata }: PodTemplate): string[] | undefined {
  const text = metadata?.annotations?.[PROXY_CONFIG_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    const tags = (parse(text) as { extraStatTags?: unknown } | null)?.extraStatTags;
    return Array.isArray(tags) ? tags.map(String) : undefined;
  } catch {
    return undefined;
  }
}
