// SPDX-License-Identifier: Apache-2.0
/**
 * Our plugins as the cluster has them, be they WasmPlugins or TrafficExtensions.
 */
import { ROOT_HTTP, ROOT_NETWORK } from "../../filter/core/contract.ts";
import { type Facts, known, Unknown } from "./facts.ts";
import type { Plugin } from "./kinds.ts";
import { optedIn, placeOf } from "./workloads.ts";

export interface OurPlugin {
  object: Plugin;
  /** `namespace/name` */
  place: string;
  namespace: string;
  isNetwork: boolean;
  url: string;
  sha256: string;
  failStrategy: string;
  hasPullSecret: boolean;
  config: Record<string, unknown>;
}

/** Plugins that run our filter, whoever applied them. */
export function ourPlugins(facts: Facts): OurPlugin[] {
  return [...known(facts.objects.wasmPlugins), ...known(facts.objects.trafficExtensions)].flatMap((object) => {
    const part = object.spec?.wasm ?? object.spec ?? {};
    if (part.pluginName !== ROOT_NETWORK && part.pluginName !== ROOT_HTTP) return [];
    return [
      {
        object,
        place: placeOf(object),
        namespace: object.metadata.namespace ?? "",
        isNetwork: part.pluginName === ROOT_NETWORK,
        url: part.url ?? "",
        sha256: part.sha256 ?? "",
        failStrategy: part.failStrategy ?? "FAIL_CLOSE",
        hasPullSecret: part.imagePullSecret !== undefined,
        config: part.pluginConfig ?? {},
      },
    ];
  });
}

/**
 * Our plugins, for checks that have nothing to say without any.
 *
 * @throws Unknown where there are none
 */
export function installedPlugins(facts: Facts): OurPlugin[] {
  const plugins = ourPlugins(facts);
  if (plugins.length === 0) throw new Unknown("Proxymeter's plugins are in no namespace");
  return plugins;
}

/** Opted-in namespaces without our network plugin. */
export function namespacesWithout(facts: Facts): string[] {
  const root = rootNamespace(facts);
  const covered = new Set(ourPlugins(facts).flatMap(({ isNetwork, namespace }) => (isNetwork ? [namespace] : [])));
  return covered.has(root) ? [] : optedIn(facts).filter((name) => !covered.has(name));
}

/** A plugin in this namespace applies to all. */
export function rootNamespace(facts: Facts): string {
  return ("value" in facts.istio && facts.istio.value?.namespace) || "istio-system";
}
