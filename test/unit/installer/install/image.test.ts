// SPDX-License-Identifier: Apache-2.0
/**
 * Whatever the user names, an installation holds a digest.
 */
import { describe, expect, it, vi } from "vitest";
import { digestOf, missingImageWarning, pinnedImage } from "../../../../installer/install/image.ts";

const DIGEST = `sha256:${"1".repeat(64)}`;
const PINNED = `oci://registry.example/proxymeter@${DIGEST}`;

describe("pinnedImage", () => {
  it.each([PINNED, `registry.example/proxymeter:0.1.0@${DIGEST}`])("asks nobody about %s", async (text) => {
    const resolve = vi.fn();
    expect(await pinnedImage(text, resolve)).toBe(PINNED);
    expect(resolve).not.toHaveBeenCalled();
    expect(digestOf(PINNED)).toBe(DIGEST);
  });

  it("asks the registry for the digest of a tag", async () => {
    expect(await pinnedImage("oci://registry.example/proxymeter:0.1.0", async () => DIGEST)).toBe(PINNED);
  });

  it("refuses what is no reference", async () => {
    await expect(pinnedImage("http://registry.example/x", async () => DIGEST)).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe("missingImageWarning", () => {
  it("tells of an image that its registry lacks", async () => {
    const detail = `cannot find the image "${PINNED}"`;
    expect(await missingImageWarning(PINNED, async () => ({ state: "missing", detail }))).toContain(detail);
  });

  it.each(["found", "unreachable", "refused"] as const)("is silent where the registry says: %s", async (state) => {
    expect(await missingImageWarning(PINNED, async () => ({ state, detail: "" }))).toBeUndefined();
  });
});
