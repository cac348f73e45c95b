// SPDX-License-Identifier: Apache-2.0
/**
 * Opted-in namespaces and pods as the checks look at them: sidecar, proxy configuration, annotations. Decides nothing.
 */
import { SIDECAR } from "../cluster/sidecar-pods.ts";
import type { KubeObject } from "../objects/object.ts";
import { OPT_IN_LABEL } from "../objects/target.ts";
import { type Facts, known, type ProxyConfig } from "./facts.ts";
import type { Container, Pod } from "./kinds.ts";

export const PROXY_CONFIG_ANNOTATION = "proxy.istio.io/config";
export const STAT_TAGS_ANNOTATION = "sidecar.istio.io/extraStatTags";

export function isOptedIn(namespace: KubeObject): boolean {
  return namespace.metadata.labels?.[OPT_IN_LABEL] === "true";
}

/** Names of the opted-in namespaces. */
export function optedIn(facts: Facts): string[] {
  return known(facts.objects.namespaces)
    .filter(isOptedIn)
    .map(({ metadata }) => metadata.name)
    .sort();
}

/** Pods of the opted-in namespaces that run or are about to. */
export function livePods(facts: Facts): Pod[] {
  return known(facts.pods).filter(isLive);
}

export function isLive({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && status?.phase !== "Succeeded" && status?.phase !== "Failed";
}

/** The sidecar's container; a native sidecar is an init container. */
export function sidecarOf({ spec }: Pod): Container | undefined {
  return [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].find(({ name }) => name === SIDECAR);
}

/** What the injector wrote down for the proxy: the mesh's defaults with the pod's own annotation laid over them. */
export function proxyConfigOf(pod: Pod): ProxyConfig | undefined {
  const text = sidecarOf(pod)?.env?.find(({ name }) => name === "PROXY_CONFIG")?.value;
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as ProxyConfig;
  } catch {
    return undefined;
  }
}

/** Stat tags that the pod's bootstrap knows beside Istio's own, those of the deprecated annotation included. */
export function statTagsOf(pod: Pod): string[] {
  const annotated = annotationOf(pod, STAT_TAGS_ANNOTATION)?.split(",") ?? [];
  return [...(proxyConfigOf(pod)?.extraStatTags ?? []), ...annotated.map((tag) => tag.trim())];
}

export function annotationOf({ metadata }: KubeObject, key: string): string | undefined {
  return metadata.annotations?.[key];
}

export function labelOf({ metadata }: KubeObject, key: string): string | undefined {
  return metadata.labels?.[key];
}

/** `namespace/name` */
export function placeOf({ metadata: { namespace, name } }: KubeObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Whether traffic leaves the mesh through this pod: a proxy that is nobody's sidecar. */
export function isGateway(pod: Pod): boolean {
  return sidecarOf(pod)?.args?.includes("router") ?? false;
}
