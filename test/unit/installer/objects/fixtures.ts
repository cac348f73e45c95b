// SPDX-License-Identifier: Apache-2.0
/**
 * Vendors files and targets for the tests of the plan, each overridable in part.
 */
import { readFileSync } from "node:fs";
import type { KubeObject } from "../../../../installer/objects/object.ts";
import { PROMETHEUS_RULE_KIND } from "../../../../installer/objects/rules.ts";
import { POD_MONITOR_KIND } from "../../../../installer/objects/scrape.ts";
import type { Parts, Target } from "../../../../installer/objects/target.ts";
import { WASM_PLUGIN_KIND } from "../../../../installer/objects/wasm-plugin.ts";
import type { VendorsFile } from "../../../../installer/vendors/model.ts";
import { parseVendors } from "../../../../installer/vendors/read.ts";

export const GOLDENS = `${import.meta.dirname}/goldens`;
export const DIGEST = `sha256:${"2".repeat(64)}`;
export const PARTS: Parts = { catchAll: true, telemetry: true, monitor: "scrape-config" };

export function target(more: Partial<Target> = {}): Target {
  return {
    release: "0.1.0",
    systemNamespace: "proxymeter",
    namespaces: ["crawl"],
    istio: { namespace: "istio-system", minor: 31 },
    module: { url: `oci://registry.example/proxymeter@${DIGEST}`, digest: DIGEST },
    optionalKinds: new Set([WASM_PLUGIN_KIND, POD_MONITOR_KIND, PROMETHEUS_RULE_KIND]),
    parts: PARTS,
    ...more,
  };
}

export function goldenVendors(name: string): VendorsFile {
  return parseVendors(readFileSync(`${GOLDENS}/${name}.vendors.yaml`, "utf8"), name);
}

/** Vendors as they stand under `vendors:` of a vendors.yaml. */
export function vendors(text: string): VendorsFile {
  return parseVendors(`apiVersion: proxymeter.io/v1\nvendors:\n${text}`, "test");
}

export function ofKind<T extends KubeObject = KubeObject>(objects: readonly KubeObject[], kind: string): T[] {
  return objects.filter((object) => object.kind === kind) as T[];
}

/** The one object of a kind and name. */
export function only<T extends KubeObject = KubeObject>(
  objects: readonly KubeObject[],
  kind: string,
  name?: string,
): T {
  const found = ofKind<T>(objects, kind).filter(({ metadata }) => name === undefined || metadata.name === name);
  const [object] = found;
  if (object === undefined || found.length > 1)
    throw new Error(`found ${found.length} ${kind} ${name ?? ""} (expected 1)`);
  return object;
}
