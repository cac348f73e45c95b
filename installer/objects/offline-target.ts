// SPDX-License-Identifier: Apache-2.0
/**
 * A target made of words instead of a cluster: what `render` is told about Istio, the namespaces and the filter's image.
 * Checks each and says what was expected; asks no server.
 */
import { ProxymeterError } from "../errors.ts";
import { parseReference, pinned } from "../publish/reference.ts";
import { RELEASE } from "../release.ts";
import type { FilterImage } from "../vendors/model.ts";
import { PROMETHEUS_RULE_KIND } from "./rules.ts";
import { POD_MONITOR_KIND } from "./scrape.ts";
import type { IstioTarget, ModuleTarget, Parts, Target } from "./target.ts";
import { TRAFFIC_EXTENSION_KIND, TRAFFIC_EXTENSION_SINCE, WASM_PLUGIN_KIND } from "./wasm-plugin.ts";

/** Minor versions that the names in the catch-all are known for. */
export const OLDEST_MINOR = 28;
export const NEWEST_MINOR = 31;

const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export interface Words {
  systemNamespace: string;
  /** Of crawlers. */
  namespaces: readonly string[];
  /** `1.31`. */
  istio: string;
  istioNamespace: string;
  istioRevision?: string | undefined;
  image?: string | undefined;
  pullSecret?: string | undefined;
  pluginKind: "WasmPlugin" | "TrafficExtension";
  parts: Parts;
}

/**
 * @param published  the image that vendors.yaml names; words go before it
 * @throws           ProxymeterError E_RENDER, E_REFERENCE, exit status 2
 */
export function offlineTarget(words: Words, published: FilterImage | undefined): Target {
  const { systemNamespace, pluginKind, parts } = words;
  const namespaces = [...new Set(words.namespaces)].sort();
  const named = [systemNamespace, words.istioNamespace, ...namespaces, ...(parts.scrapeFrom ? [parts.scrapeFrom] : [])];
  for (const name of named) checkName(name);
  const istio = istioOf(words);
  if (pluginKind === "TrafficExtension" && istio.minor < TRAFFIC_EXTENSION_SINCE) {
    throw mistake(`Istio 1.${istio.minor} has no TrafficExtension (expected 1.30 or newer)`, "leave out --plugin-kind");
  }
  const plugin = pluginKind === "TrafficExtension" ? TRAFFIC_EXTENSION_KIND : WASM_PLUGIN_KIND;
  return {
    release: RELEASE,
    systemNamespace,
    namespaces,
    istio,
    module: moduleOf(words.image ?? published?.image, words.pullSecret ?? published?.pullSecret),
    optionalKinds: new Set([plugin, POD_MONITOR_KIND, PROMETHEUS_RULE_KIND]),
    parts,
  };
}

function istioOf({ istio, istioNamespace, istioRevision }: Words): IstioTarget {
  const minor = Number(/^1\.(\d{1,3})(?:\.\d+)?$/.exec(istio)?.[1]);
  if (Number.isNaN(minor) || minor < OLDEST_MINOR || minor > NEWEST_MINOR) {
    throw mistake(
      `found Istio "${istio}" (expected 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR})`,
      `give --istio-version 1.${NEWEST_MINOR}`,
    );
  }
  const isDefault = istioRevision === undefined || istioRevision === "default";
  return { namespace: istioNamespace, minor, ...(!isDefault && { meshConfigMap: `istio-${istioRevision}` }) };
}

/** Without a server a tag cannot be resolved, and an image that is not pinned would change under running crawlers. */
function moduleOf(image: string | undefined, pullSecret: string | undefined): ModuleTarget {
  const hint = "give --image oci://HOST/REPOSITORY@sha256:DIGEST; `proxymeter publish` prints it";
  if (image === undefined) throw mistake("no image of the filter is named", hint);
  const reference = parseReference(image);
  const { digest } = reference;
  if (digest === undefined) throw mistake(`found image "${image}" without a digest (expected @sha256:...)`, hint);
  return { url: pinned(reference, digest), digest, ...(pullSecret !== undefined && { pullSecret }) };
}

function checkName(name: string): void {
  if (DNS_LABEL.test(name)) return;
  throw mistake(`found namespace "${name}" (expected up to 63 of a-z, 0-9 and "-")`, "correct the name");
}

function mistake(found: string, hint: string): ProxymeterError {
  return new ProxymeterError("E_RENDER", `cannot render the objects: ${found}`, hint, { exitCode: 2 });
}
