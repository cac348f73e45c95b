// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about `proxymeter publish` and Debian's docker-registry, with skopeo as a reader that shares no code with us.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFilter } from "../../demo/paths.ts";
import { Teardown } from "../../demo/teardown.ts";
import { FORMATS } from "../../installer/publish/image.ts";
import { isReachable, resolveDigest } from "../../installer/publish/resolve.ts";
import { REGISTRY } from "../cluster/debian.ts";
import { publishJson, runPublish } from "./command.ts";
import { type DockerRegistry, settledRequests, startDockerRegistry } from "./docker-registry.ts";
import { type Provided, provideOrSay, run, SKOPEO } from "./programs.ts";

interface Manifest {
  mediaType: string;
  config: { mediaType: string };
  layers: { mediaType: string; digest: string; size: number }[];
}

const LAYER_TYPES = {
  artifact: ["application/vnd.module.wasm.config.v1+json", "application/vnd.module.wasm.content.layer.v1+wasm"],
  compat: ["application/vnd.oci.image.layer.v1.tar+gzip"],
};
/** A custom section that every engine skips. */
const EXTRA_SECTION = Buffer.from([0, 4, 2, 0x70, 0x6d, 1]);

const provided: Provided[] = [await provideOrSay(REGISTRY), await provideOrSay(SKOPEO)];
const lack = provided.flatMap((one) => ("lack" in one ? [one.lack] : [])).join("; ");
const [registryProgram, skopeoProgram] = provided.flatMap((one) => ("program" in one ? [one.program] : []));

describe.skipIf(lack !== "")(`publish to a real registry${lack && ` (left out: ${lack})`}`, { timeout: 60_000 }, () => {
  const teardown = new Teardown();
  const module = readFileSync(findFilter());
  let registry: DockerRegistry;
  let folder: string;

  beforeAll(async () => {
    if (!registryProgram) throw new Error("got no docker-registry, want one");
    folder = mkdtempSync(join(tmpdir(), "proxymeter-test-"));
    teardown.add(() => rmSync(folder, { recursive: true }));
    registry = await startDockerRegistry(registryProgram);
    teardown.add(() => registry.stop());
  });
  afterAll(() => teardown.run());

  const skopeo = async (...args: string[]): Promise<string> => {
    if (!skopeoProgram) throw new Error("got no skopeo, want one");
    const { failed, stdout, stderr } = await run(skopeoProgram, ["--insecure-policy", ...args]);
    if (failed) throw new Error(`skopeo ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  const inspect = async (name: string) =>
    JSON.parse(await skopeo("inspect", "--raw", "--tls-verify=false", `docker://${name}`)) as Manifest;

  /** The image as skopeo copies it to a folder, which checks every digest on the way; the files are named by digests. */
  const copied = async (name: string): Promise<(digest: string) => Buffer> => {
    const target = mkdtempSync(join(folder, "copy-"));
    await skopeo("copy", "--src-tls-verify=false", `docker://${name}`, `dir:${target}`);
    return (digest) => readFileSync(join(target, digest.replace("sha256:", "")));
  };

  describe.each(FORMATS)("as %s", (format) => {
    const name = () => `${registry.host}/team/proxymeter:${format}`;

    it("has the digest that skopeo finds, under the tag and under the printed reference", async () => {
      const published = await publishJson(`oci://${name()}`, "--format", format);
      expect(published).toMatchObject({ format, tag: format });
      expect(published.url).toBe(`oci://${registry.host}/team/proxymeter@${published.digest}`);
      const raw = await skopeo("inspect", "--raw", "--tls-verify=false", `docker://${name()}`);
      writeFileSync(join(folder, "manifest.json"), raw);
      expect((await skopeo("manifest-digest", join(folder, "manifest.json"))).trim()).toBe(published.digest);
      const pinned = await inspect(published.url.replace("oci://", ""));
      expect(pinned).toEqual(JSON.parse(raw));
      expect(pinned.mediaType).toBe("application/vnd.oci.image.manifest.v1+json");
    });

    it("has the layers that Istio's agent looks for", async () => {
      const { layers } = await inspect(name());
      expect(layers.map(({ mediaType }) => mediaType)).toEqual(LAYER_TYPES[format]);
    });

    it("holds the module byte by byte, as skopeo copies it", async () => {
      const { layers } = await inspect(name());
      const layer = layers.at(-1);
      const bytes = (await copied(name()))(layer?.digest ?? "");
      expect(bytes.length).toBe(layer?.size);
      const content = format === "artifact" ? bytes : gunzipSync(bytes).subarray(512, 512 + module.length);
      expect(content.equals(module)).toBe(true);
    });

    it("uploads nothing the second time, and prints the same reference alone", async () => {
      const before = (await settledRequests(registry, 1)).length;
      const again = await publishJson(`oci://${name()}`, "--format", format);
      expect(again.uploadedBytes).toBe(0);
      const requests = (await settledRequests(registry, before + 3)).slice(before);
      expect(requests.filter((line) => !/^(GET|HEAD) /.test(line))).toEqual([]);
      const { stdout, stderr } = await runPublish([`oci://${name()}`, "--format", format]);
      expect(stdout).toBe(`${again.url}\n`);
      expect(stderr).toBe("the registry has all of it\n");
    });

    it("is found by its tag and by its digest, and no other is", async () => {
      const digest = await resolveDigest(`oci://${name()}`);
      expect(digest).toBe((await publishJson(`oci://${name()}`, "--format", format)).digest);
      expect(await resolveDigest(`oci://${registry.host}/team/proxymeter@${digest}`)).toBe(digest);
      expect(await isReachable(`oci://${name()}`)).toBe(true);
      expect(await isReachable(`oci://${registry.host}/team/proxymeter:absent`)).toBe(false);
      await expect(resolveDigest(`oci://${registry.host}/team/absent:1`)).rejects.toMatchObject({
        code: "E_IMAGE_MISSING",
        hint: expect.stringContaining(`publish oci://${registry.host}/team/absent:1`),
      });
    });
  });

  it("moves a tag to another module, uploads only what changed, and keeps the first by its digest", async () => {
    const file = join(folder, "next.wasm");
    writeFileSync(file, Buffer.concat([module, EXTRA_SECTION]));
    const target = `oci://${registry.host}/moving:1`;
    const first = await publishJson(target);
    const second = await publishJson(target, "--filter", file);
    expect(second.digest).not.toBe(first.digest);
    expect(second.uploadedBytes).toBeGreaterThan(module.length);
    expect(second.uploadedBytes).toBeLessThan(second.size);
    expect(await resolveDigest(target)).toBe(second.digest);
    expect(await resolveDigest(first.url)).toBe(first.digest);
  });

  it("pushes by digest alone when the reference has no tag", async () => {
    const published = await publishJson(`oci://${registry.host}/untagged`);
    expect(published.tag).toBe(null);
    expect(await resolveDigest(published.url)).toBe(published.digest);
    expect(await isReachable(`oci://${registry.host}/untagged:latest`)).toBe(false);
  });
});
