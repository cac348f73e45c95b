// SPDX-License-Identifier: Apache-2.0
/**
 * Waiting for pods: which count, what is said of those that do not, in both encodings of `proxymeter_info`.
 */
import { describe, expect, it, vi } from "vitest";
import type { SidecarPod } from "../../../../installer/cluster/sidecar-pods.ts";
import { checkMetered } from "../../../../installer/install/install.ts";
import { runningFilters } from "../../../../installer/install/metrics-source.ts";
import { type WaitOptions, waitForPods } from "../../../../installer/install/wait.ts";

const FULL = (digest: string, hash: string) =>
  `proxymeter_info{release="0.1.0",digest="${digest}",encoding="full",config_hash="${hash}"} 1\n`;
const BUILTIN = (digest: string, hash: string) =>
  `proxymeter_info{cache="builtin",component="0-1-0",tag="${digest}/${hash}",wasm_filter="info"} 1\n`;

const pod = (name: string): SidecarPod => ({ namespace: "crawl", name, address: "198.51.100.1" });

function options(answers: Record<string, () => string>, more: Partial<WaitOptions> = {}): WaitOptions {
  return {
    expected: new Map([["crawl", { digest: "sha256:2", configHash: "b" }]]),
    pods: async () => Object.keys(answers).map(pod),
    source: async ({ name }) => answers[name]?.() ?? "",
    timeoutMs: 50,
    intervalMs: 1,
    onProgress: () => undefined,
    ...more,
  };
}

describe("runningFilters", () => {
  it.each([
    ["full", FULL("sha256:2", "b")],
    ["builtin", BUILTIN("sha256:2", "b")],
  ])("reads proxymeter_info in the encoding %s", (encoding, text) => {
    expect(runningFilters(`# TYPE proxymeter_info gauge\n${text}other{a="b"} 1\n`)).toEqual([
      { digest: "sha256:2", configHash: "b", encoding },
    ]);
  });

  it("knows none from a sidecar without the filter", () => {
    expect(runningFilters('istio_build{component="proxy",tag="1.31"} 1\n')).toEqual([]);
  });
});

describe("waitForPods", () => {
  it("ends when every pod shows digest and configuration, and counts those with fewer labels", async () => {
    const onProgress = vi.fn();
    const answers = { a: () => FULL("sha256:2", "b"), b: () => BUILTIN("sha256:2", "b") };
    const waited = await waitForPods(options(answers, { onProgress, timeoutMs: 10_000 }));
    expect(waited.missing).toEqual([]);
    expect([waited.metered.length, waited.builtin]).toEqual([2, 1]);
    expect(onProgress).toHaveBeenLastCalledWith(2, 2);
  });

  it("goes on until the new configuration arrives", async () => {
    let asked = 0;
    const answers = { a: () => FULL("sha256:2", ++asked < 4 ? "a" : "b") };
    expect((await waitForPods(options(answers, { timeoutMs: 10_000 }))).missing).toEqual([]);
    expect(asked).toBe(4);
  });

  it("takes a filter that is being replaced for running beside the new one", async () => {
    const answers = { a: () => FULL("sha256:1", "a") + FULL("sha256:2", "b") };
    expect((await waitForPods(options(answers))).missing).toEqual([]);
  });

  it("says of each missing pod what it shows instead", async () => {
    const fail = () => {
      throw new Error("no route");
    };
    const waited = await waitForPods(options({ old: () => FULL("sha256:1", "a"), bare: () => "", deaf: fail }));
    expect(waited.missing.map(({ pod, reason }) => [pod.name, reason])).toEqual([
      ["old", "it runs sha256:1 with configuration a"],
      ["bare", "its sidecar shows no filter"],
      ["deaf", "cannot read its metrics: no route"],
    ]);
    expect(() => checkMetered(waited, 50)).toThrow(
      /3 of 3 running pods do not show the filter[\s\S]*crawl\/deaf: cannot read/,
    );
  });

  it("forgets pods that go meanwhile, and waits for none of other namespaces", async () => {
    let round = 0;
    const pods = async () => [...(++round === 1 ? [pod("gone")] : []), { ...pod("other"), namespace: "shop" }];
    const waited = await waitForPods(options({}, { pods, timeoutMs: 10_000 }));
    expect([round, waited.metered, waited.missing]).toEqual([2, [], []]);
  });

  it("asks a pod no more that has shown the filter", async () => {
    const answer = vi.fn(() => FULL("sha256:2", "b"));
    await waitForPods(options({ a: answer, b: () => "" }));
    expect(answer).toHaveBeenCalledOnce();
  });
});
