// SPDX-License-Identifier: Apache-2.0
/**
 * The hand-written manifests as Istio's own tools and the API server see them.
 */
import { execa } from "execa";
import { afterAll, describe, expect, inject, it } from "vitest";
import { ROOT_NETWORK } from "../../filter/core/contract.ts";
import { EXTRA_STAT_TAGS } from "../../filter/core/stat-tags.ts";
import { Kube } from "./kube.ts";
import { MANIFEST_FILES, MANIFESTS, README } from "./manifests.ts";
import { readTools } from "./tools.ts";

const { istioctl } = readTools();

describe("the manifests in istio/", () => {
  const kube = new Kube(inject("plane").credentials);
  afterAll(() => kube.close());

  it("are valid to istioctl validate", async () => {
    const { exitCode } = await execa(istioctl, ["validate", ...MANIFEST_FILES.flatMap((file) => ["-f", file])]);
    expect(exitCode).toBe(0);
  });

  it("give istioctl analyze nothing to report", async () => {
    const { all } = await execa(istioctl, ["analyze", "--use-kube=false", "-A", ...MANIFEST_FILES], { all: true });
    expect(all).toContain("No validation issues found");
  });

  it("are taken by the API server as they stand", async () => {
    await kube.apply(...MANIFESTS);
    for (const object of MANIFESTS) await kube.remove(object);
  });

  it("name the filter's network plugin", () => {
    const plugin = MANIFESTS.find(({ kind }) => kind === "WasmPlugin");
    expect(plugin?.spec).toMatchObject({
      pluginName: ROOT_NETWORK,
      failStrategy: "FAIL_OPEN",
      type: "NETWORK",
      phase: "STATS",
    });
  });

  it("come with a README that lists the stat tags in the filter's order", () => {
    const listed = [...README.matchAll(/^ {2}- (\w+)$/gm)].map(([, name]) => name);
    expect(listed).toEqual(EXTRA_STAT_TAGS);
  });
});
