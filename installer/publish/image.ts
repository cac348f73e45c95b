// SPDX-License-Identifier: Apache-2.0
/**
 * The filter as an image: blobs and manifest in the two forms that Istio's agent takes. The bytes, and so the digest, depend on the
 * module alone. Pushing them is push.ts.
 *
 * @see https://github.com/solo-io/wasm/blob/master/spec/spec.md form "artifact"
 * @see https://github.com/solo-io/wasm/blob/master/spec/spec-compat.md form "compat"
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md
 */
import { createHash } from "node:crypto";
import { ROOT_HTTP, ROOT_NETWORK } from "../../filter/core/contract.ts";
import { gzipStored, tar } from "./tar.ts";

export const FORMATS = ["artifact", "compat"] as const;
export type Format = (typeof FORMATS)[number];

export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const MODULE_TYPE = "application/vnd.module.wasm.content.layer.v1+wasm";
const RUNTIME_TYPE = "application/vnd.module.wasm.config.v1+json";
const LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";
const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";

/** The agent looks for a file of this name. */
export const MODULE_FILE = "plugin.wasm";
const RUNTIME_FILE = "runtime-config.json";
const TITLE = "org.opencontainers.image.title";
const ABI_VERSION = "0.2.1";
const DATE = "1970-01-01T00:00:00Z";

export interface Blob {
  mediaType: string;
  /** `sha256:` and 64 hexadecimal digits. */
  digest: string;
  bytes: Buffer;
}

export interface Image {
  format: Format;
  /** All blobs that the manifest names, each once. */
  blobs: readonly Blob[];
  manifest: Blob;
  /** Of the module itself, the same in both forms. */
  moduleDigest: string;
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Record<string, string>;
}

const BUILDERS: Record<Format, (module: Buffer) => Omit<Image, "format" | "moduleDigest">> = { artifact, compat };

/** The image of a module; the same module always yields the same bytes. */
export function buildImage(module: Buffer, format: Format): Image {
  return { format, ...BUILDERS[format](module), moduleDigest: digestOf(module) };
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Bytes of the blobs and the manifest together. */
export function imageSize({ blobs, manifest }: Image): number {
  return blobs.reduce((sum, { bytes }) => sum + bytes.length, manifest.bytes.length);
}

/** Two layers: what the module is for, and the module as it is. The agent refuses any other number of layers. */
function artifact(module: Buffer) {
  const runtime = blob(RUNTIME_TYPE, json(runtimeConfig()));
  const content = blob(MODULE_TYPE, module);
  const layers = [describe(runtime, RUNTIME_FILE), describe(content, MODULE_FILE)];
  return { blobs: [runtime, content], manifest: manifest({ config: describe(runtime), layers }) };
}

/** An image like any other, for registries that take no artifacts: one layer with the module as a file. */
function compat(module: Buffer) {
  const files = tar([{ name: MODULE_FILE, bytes: module }]);
  const layer = blob(LAYER_TYPE, gzipStored(files));
  const config = blob(CONFIG_TYPE, json(imageConfig(digestOf(files))));
  const annotations = { "module.wasm.image/variant": "compat" };
  const members = { config: describe(config), layers: [describe(layer)], annotations };
  return { blobs: [config, layer], manifest: manifest(members) };
}

function runtimeConfig() {
  return { type: "envoy_proxy", abiVersions: [ABI_VERSION], config: { root_ids: [ROOT_NETWORK, ROOT_HTTP] } };
}

function imageConfig(layerDigest: string) {
  return {
    created: DATE,
    // A module runs on any processor; the agent asks for no platform, and other readers take this one for the default.
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: [layerDigest] },
    history: [{ created: DATE, created_by: "proxymeter publish" }],
  };
}

function manifest(members: { config: Descriptor; layers: Descriptor[]; annotations?: Record<string, string> }): Blob {
  return blob(MANIFEST_TYPE, json({ schemaVersion: 2, mediaType: MANIFEST_TYPE, ...members }));
}

function describe({ mediaType, digest, bytes }: Blob, title?: string): Descriptor {
  return { mediaType, digest, size: bytes.length, ...(title !== undefined && { annotations: { [TITLE]: title } }) };
}

function blob(mediaType: string, bytes: Buffer): Blob {
  return { mediaType, digest: digestOf(bytes), bytes };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
