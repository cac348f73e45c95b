// SPDX-License-Identifier: Apache-2.0
/**
 * Which pod a name on the command line means.
 */
import { describe, expect, it } from "vitest";
import { wantedPod } from "../../../../installer/status/wanted-pod.ts";
import { podNamed } from "./pods.ts";

const here = podNamed("crawler-0");
const twin = { ...here, metadata: { ...here.metadata, namespace: "fleet" } };
const find = (text: string, ...pods: (typeof here)[]) => wantedPod(text, async () => pods);

describe("a pod's name", () => {
  it("is looked for in the opted-in namespaces", async () => {
    expect(await find("crawler-0", here, podNamed("crawler-1"))).toEqual({ namespace: "crawl", pod: "crawler-0" });
  });

  it("with its namespace is taken as it is", async () => {
    expect(await find("office/web-0")).toEqual({ namespace: "office", pod: "web-0" });
  });

  it.each([
    ["crawler-9", 'cannot find pod "crawler-9" in any opted-in namespace'],
    ["crawler-0", 'pod "crawler-0" is in several namespaces: crawl/crawler-0, fleet/crawler-0'],
    ["a/b/c", 'cannot read "a/b/c" as a pod'],
    ["/b", 'cannot read "/b" as a pod'],
    ["a/", 'cannot read "a/" as a pod'],
  ])("%j is refused where it means none or several", async (text, message) => {
    await expect(find(text, here, twin)).rejects.toMatchObject({
      message: expect.stringContaining(message),
      exitCode: 2,
    });
  });
});
