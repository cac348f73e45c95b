// SPDX-License-Identifier: Apache-2.0
/**
 * A read-only OCI registry on loopback that holds Wasm modules in memory, as a cluster's registry would hold the filter.
 * Only what pilot-agent asks for: manifests and blobs by digest.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pull
 * @see https://github.com/solo-io/wasm/blob/master/spec/spec.md
 */
import { createHash } from "node:crypto";
import http from "node:http";
import { listen } from "../../loadgen/listener.ts";

const REPOSITORY = "proxymeter";
const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const MODULE_TYPE = "application/vnd.module.wasm.content.layer.v1+wasm";
const CONFIG_TYPE = "application/vnd.module.wasm.config.v1+json";

export interface Image {
  /** `oci://host:port/repository@sha256:…`, what a WasmPlugin names; the digest is the manifest's. */
  readonly url: string;
  /** Digest of the module itself, `sha256:…`. */
  readonly digest: string;
}

export interface Registry {
  publish(module: Buffer): Image;
  close(): Promise<void>;
}

export async function startRegistry(): Promise<Registry> {
  const contents = new Map<string, { type: string; bytes: Buffer }>();
  const server = http.createServer((request, response) => {
    const [, digest] = /^\/v2\/proxymeter\/(?:manifests|blobs)\/(sha256:[0-9a-f]{64})$/.exec(request.url ?? "") ?? [];
    const found = digest === undefined ? undefined : contents.get(digest);
    if (request.url === "/v2/") response.writeHead(200).end();
    else if (!found || !digest) response.writeHead(404).end();
    else {
      const headers = {
        "content-type": found.type,
        "content-length": found.bytes.length,
        "docker-content-digest": digest,
      };
      response.writeHead(200, headers).end(request.method === "HEAD" ? undefined : found.bytes);
    }
  });
  const listener = await listen(server);
  const store = (type: string, bytes: Buffer) => {
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    contents.set(digest, { type, bytes });
    return { mediaType: type, digest, size: bytes.length };
  };
  const publish = (module: Buffer): Image => {
    const content = store(MODULE_TYPE, module);
    const config = store(CONFIG_TYPE, Buffer.from("{}"));
    // pilot-agent takes an artifact of exactly two layers, one of them the module.
    const manifest = { schemaVersion: 2, mediaType: MANIFEST_TYPE, config, layers: [config, content] };
    const { digest } = store(MANIFEST_TYPE, Buffer.from(JSON.stringify(manifest)));
    return { url: `oci://127.0.0.1:${listener.port}/${REPOSITORY}@${digest}`, digest: content.digest };
  };
  return { publish, close: listener.close };
}
