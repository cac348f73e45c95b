// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about where the cluster comes from, and what is said of a kubeconfig that leads nowhere.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { loadKubeconfig } from "../../../../installer/cluster/kubeconfig.ts";

const folder = mkdtempSync(join(tmpdir(), "proxymeter-kubeconfig-"));
const file = join(folder, "config");
const CONFIG = {
  apiVersion: "v1",
  kind: "Config",
  "current-context": "crawl",
  clusters: [{ name: "production", cluster: { server: "https://203.0.113.1:6443" } }],
  users: [{ name: "someone", user: {} }],
  contexts: [
    { name: "crawl", context: { cluster: "production", user: "someone" } },
    { name: "empty", context: { cluster: "gone", user: "someone" } },
  ],
};
writeFileSync(file, JSON.stringify(CONFIG));

afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true }));

describe("the kubeconfig", () => {
  it("is the named one, else that of $KUBECONFIG", () => {
    vi.stubEnv("KUBECONFIG", file);
    for (const named of [file, undefined])
      expect(loadKubeconfig(named, undefined).getCurrentCluster()?.server).toBe("https://203.0.113.1:6443");
  });

  it.each([
    ["a file that is not there", join(folder, "none"), undefined, `cannot read the kubeconfig "${folder}/none"`],
    [
      "a context without a cluster",
      file,
      "empty",
      'cannot find context "empty" with a cluster (expected one of: crawl',
    ],
  ])("is refused as a mistake where it is %s", (_what, named, context, message) => {
    expect(() => loadKubeconfig(named, context)).toThrow(
      expect.objectContaining({ code: "E_KUBECONFIG", exitCode: 2, message: expect.stringContaining(message) }),
    );
  });

  it("is missed by name where there is none, instead of an address that nobody gave", () => {
    vi.stubEnv("KUBECONFIG", undefined);
    for (const home of ["HOME", "USERPROFILE", "HOMEPATH"]) vi.stubEnv(home, folder);
    expect(() => loadKubeconfig(undefined, undefined)).toThrow("found no kubeconfig");
  });
});
