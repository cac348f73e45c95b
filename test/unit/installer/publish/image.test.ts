// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the images of a module: their shape is what Istio's agent looks for, and their digests depend on the module alone.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFilter } from "../../../../demo/paths.ts";
import { buildImage, digestOf, FORMATS, type Image, imageSize } from "../../../../installer/publish/image.ts";
import { readModule } from "../../../../installer/publish/module.ts";

const MODULE = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
const manifestOf = ({ manifest }: Image) => JSON.parse(manifest.bytes.toString());

describe.each([
  ["artifact", "sha256:9ff93181f8da027b3b6bfcb7a608ff99237213f553cc57712661be44a4bfb94d"],
  ["compat", "sha256:6921fc3a2bc5170c2f90d9b5c5145d1f9a83c87a8ffc3f462bf49f1f0fcf1d84"],
] as const)("buildImage as %s", (format, golden) => {
  it("has this digest, on every machine and for ever", () => {
    expect(buildImage(MODULE, format).manifest.digest).toBe(golden);
  });

  it("yields the same bytes for the compiled filter twice, and others for another module", () => {
    const filter = readModule(findFilter());
    expect(buildImage(filter, format)).toEqual(buildImage(Buffer.from(filter), format));
    const other = Buffer.concat([filter, Buffer.from([0, 1, 0])]);
    expect(buildImage(other, format).manifest.digest).not.toBe(buildImage(filter, format).manifest.digest);
  });

  it("names every blob of the image and no other, by size, type and digest", () => {
    const image = buildImage(MODULE, format);
    const { config, layers } = manifestOf(image);
    const named = [config, ...layers].map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
    const held = image.blobs.map(({ mediaType, digest, bytes }) => ({ mediaType, digest, size: bytes.length }));
    expect(new Set(named.map((one) => JSON.stringify(one)))).toEqual(new Set(held.map((one) => JSON.stringify(one))));
    for (const { digest, bytes } of [...image.blobs, image.manifest]) expect(digestOf(bytes)).toBe(digest);
    expect(imageSize(image)).toBe(held.reduce((sum, { size }) => sum + size, image.manifest.bytes.length));
    expect(image.moduleDigest).toBe(digestOf(MODULE));
  });
});

describe("the artifact", () => {
  it("has exactly two layers, one of them the module as it is", () => {
    const image = buildImage(MODULE, "artifact");
    const { layers, config } = manifestOf(image);
    expect(layers).toHaveLength(2);
    expect(layers[1]).toMatchObject({
      mediaType: "application/vnd.module.wasm.content.layer.v1+wasm",
      digest: digestOf(MODULE),
      size: MODULE.length,
    });
    expect(config.mediaType).toBe("application/vnd.module.wasm.config.v1+json");
    const runtime = image.blobs.find(({ digest }) => digest === config.digest)?.bytes.toString() ?? "";
    expect(JSON.parse(runtime)).toEqual({
      type: "envoy_proxy",
      abiVersions: ["0.2.1"],
      config: { root_ids: ["proxymeter_network", "proxymeter_http"] },
    });
  });
});

describe("the compat image", () => {
  it("has one layer, whose unpacked digest its configuration names for this platform", () => {
    const image = buildImage(MODULE, "compat");
    const { layers, config, annotations } = manifestOf(image);
    expect(layers.map(({ mediaType }: { mediaType: string }) => mediaType)).toEqual([
      "application/vnd.oci.image.layer.v1.tar+gzip",
    ]);
    expect(annotations).toEqual({ "module.wasm.image/variant": "compat" });
    const [configBytes, layerBytes] = image.blobs.map(({ bytes }) => bytes);
    const { rootfs, architecture, os } = JSON.parse(String(configBytes));
    expect(config.mediaType).toBe("application/vnd.oci.image.config.v1+json");
    expect({ architecture, os }).toEqual({ architecture: "amd64", os: "linux" });
    expect(rootfs).toEqual({ type: "layers", diff_ids: [digestOf(gunzipSync(layerBytes ?? MODULE))] });
  });
});

describe("readModule", () => {
  let folder: string;
  const write = (name: string, bytes: Buffer) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "proxymeter-test-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("reads a module", () => {
    expect(readModule(write("module.wasm", MODULE)).equals(MODULE)).toBe(true);
  });

  it("names the file that is missing, and how to make it", () => {
    const file = join(folder, "absent.wasm");
    expect(() => readModule(file)).toThrow(
      expect.objectContaining({
        code: "E_FILTER_MISSING",
        exitCode: 2,
        message: `cannot publish the filter "${file}": no such file (expected a compiled WebAssembly module)`,
        hint: expect.stringContaining("npm run build:filter"),
      }),
    );
  });

  it.each([
    ["an empty file", Buffer.alloc(0)],
    ["the text form", Buffer.from("(module)")],
    ["a component, which is another version", Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00])],
  ])("refuses %s", (name, bytes) => {
    const file = write(`${name}.wasm`, bytes);
    expect(() => readModule(file)).toThrow(expect.objectContaining({ code: "E_FILTER", exitCode: 2 }));
  });

  it("takes every format that the command line offers", () => {
    expect(FORMATS.map((format) => buildImage(MODULE, format).format)).toEqual(["artifact", "compat"]);
  });
});
