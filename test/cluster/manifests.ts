// SPDX-License-Identifier: Apache-2.0
/**
 * The project's hand-written manifests in istio/, read as they stand; a test replaces only what a user would.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type KubeObject, readObjects } from "./kube.ts";
import type { Image } from "./registry.ts";

const FOLDER = `${import.meta.dirname}/../../istio`;
export const MANIFEST_FILES = [`${FOLDER}/10-service-entry.yaml`, `${FOLDER}/20-wasm-plugin.yaml`];

export const README = readFileSync(`${FOLDER}/README.md`, "utf8");

/** A vendor's gateway as its ServiceEntry declares it. */
export interface DeclaredGateway {
  readonly vendor: string;
  readonly address: string;
  readonly port: number;
  readonly entry: KubeObject;
}

interface ServiceEntrySpec {
  hosts: [string];
  addresses: [string];
  ports: [{ number: number }];
}

interface PluginConfiguration {
  vendors: { name: string }[];
  [field: string]: unknown;
}

const [entries = [], [template] = []] = MANIFEST_FILES.map((file) => readObjects(readFileSync(file, "utf8")));

export const GATEWAYS: readonly DeclaredGateway[] = entries.map((entry) => {
  const { hosts, addresses, ports } = entry.spec as ServiceEntrySpec;
  const vendor = hosts[0].replace(/^gw\.(.+)\.example$/, "$1");
  return { vendor, address: addresses[0].replace("/32", ""), port: ports[0].number, entry };
});

/** All objects, for tests of the files themselves. */
export const MANIFESTS: readonly KubeObject[] = template ? [...entries, template] : entries;

/** The ServiceEntry and addresses of one vendor. */
export function gateway(vendor: string): DeclaredGateway {
  const found = GATEWAYS.find((candidate) => candidate.vendor === vendor);
  if (!found) throw new Error(`cannot find vendor "${vendor}" in istio/10-service-entry.yaml`);
  return found;
}

export interface Installation {
  readonly plugin: KubeObject;
  readonly digest: string;
  /** Changes with the vendors, as the installer's would. */
  readonly configHash: string;
}

/** The WasmPlugin with a module that exists, for these of its vendors and their gateways' ports only. */
export function installation(image: Image, vendors: readonly string[]): Installation {
  if (!template) throw new Error("cannot read istio/20-wasm-plugin.yaml: no object in it (expected one WasmPlugin)");
  const spec = template.spec as { pluginConfig: PluginConfiguration };
  const chosen = spec.pluginConfig.vendors.filter(({ name }) => vendors.includes(name));
  const configHash = createHash("sha256").update(JSON.stringify(chosen)).digest("hex").slice(0, 8);
  const match = [{ mode: "CLIENT", ports: vendors.map((vendor) => ({ number: gateway(vendor).port })) }];
  const pluginConfig = { ...spec.pluginConfig, vendors: chosen, digest: image.digest, config_hash: configHash };
  return {
    plugin: { ...template, spec: { ...spec, url: image.url, match, pluginConfig } },
    digest: image.digest,
    configHash,
  };
}
