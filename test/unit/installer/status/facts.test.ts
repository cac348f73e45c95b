// SPDX-License-Identifier: Apache-2.0
/**
 * How the status is gathered: which pods are asked, how many at once, and what becomes of those that don't answer.
 */
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Pod } from "../../../../installer/checks/kinds.ts";
import { KubeError } from "../../../../installer/cluster/kube-error.ts";
import { ProxymeterError } from "../../../../installer/errors.ts";
import type { KubeObject } from "../../../../installer/objects/object.ts";
import { gatherStatus } from "../../../../installer/status/facts.ts";
import { gatherScrape } from "../../../../installer/status/scrape.ts";
import { FULL, podNamed, withoutSidecar } from "./pods.ts";

const NOBODY = { unknown: "found none" };
const CRAWL = { apiVersion: "v1", kind: "Namespace", metadata: { name: "crawl" } };
const PLUGIN_CONFIG = { release: "0.1.0", digest: "sha256:01", config_hash: "5e1f" };
const plugin = (kind: string, spec: object): KubeObject => ({
  apiVersion: "extensions.istio.io/v1alpha1",
  kind,
  metadata: { name: kind.toLowerCase(), namespace: "crawl" },
  spec,
});

/** An API server with these pods; `answer` is what reading a path gives. */
function server(pods: readonly Pod[], answer: (path: string) => Promise<string>, plugins: readonly KubeObject[] = []) {
  const asked: string[] = [];
  return {
    asked,
    context: "test",
    list: async (_apiVersion: string, kind: string) => {
      if (kind === "Namespace") return [CRAWL];
      return kind === "Pod" ? [...pods] : plugins.filter((one) => one.kind === kind);
    },
    get: (path: string) => {
      asked.push(path);
      return answer(path);
    },
  };
}

const gather = (from: ReturnType<typeof server>, options: { progress?: (line: string) => void } = {}) =>
  gatherStatus(from, { ...options, scrape: async () => NOBODY });

describe("gathering the status", () => {
  it("asks every running pod with a sidecar once, and no other", async () => {
    const pods = [
      podNamed("crawler-0"),
      withoutSidecar("bare-0"),
      { ...podNamed("pending-0"), status: { phase: "Pending" } },
      { ...podNamed("over-0"), status: { phase: "Succeeded" } },
    ];
    const from = server(pods, async () => FULL);
    const { namespaces } = await gather(from);
    expect(from.asked).toEqual(["/api/v1/namespaces/crawl/pods/crawler-0:15020/proxy/stats/prometheus"]);
    expect(namespaces[0]?.pods.map(({ pod, metrics }) => [pod.metadata.name, metrics !== undefined])).toEqual([
      ["crawler-0", true],
      ["bare-0", false],
      ["pending-0", false],
    ]);
  });

  it("looks at the opted-in namespaces that are named, and refuses one that is not opted in", async () => {
    const office = { ...CRAWL, metadata: { name: "office" } };
    const from = server([], async () => FULL);
    const both = {
      ...from,
      list: async (version: string, kind: string) =>
        kind === "Namespace" ? [office, CRAWL] : from.list(version, kind),
    };
    const seen = async (...namespaces: string[]) =>
      (await gatherStatus(both, { namespaces, scrape: async () => NOBODY })).namespaces.map(({ name }) => name);
    expect(await seen()).toEqual(["crawl", "office"]);
    expect(await seen("office")).toEqual(["office"]);
    await expect(seen("office", "other")).rejects.toMatchObject({ code: "E_NOT_OPTED_IN", exitCode: 2 });
  });

  it("asks 16 pods at once and says how far it is", async () => {
    let [now, most] = [0, 0];
    const lines: string[] = [];
    const from = server(
      Array.from({ length: 100 }, (_, index) => podNamed(`crawler-${index}`)),
      async () => {
        most = Math.max(most, ++now);
        await pause(1);
        now--;
        return FULL;
      },
    );
    await gather(from, { progress: (line) => lines.push(line) });
    expect(most).toBe(16);
    expect([lines.length, lines.at(-1)]).toEqual([100, "read 100 of 100 pods"]);
  });

  it("keeps the reason of a pod that can't be read, and reads the others", async () => {
    const from = server([podNamed("deaf-0"), podNamed("odd-0"), podNamed("crawler-0")], async (path) => {
      if (path.includes("deaf-0")) throw new KubeError("GET", path, 503, "error trying to reach service: no route");
      return path.includes("odd-0") ? "proxymeter_info{ 1" : FULL;
    });
    const { namespaces } = await gather(from);
    const [deaf, odd, crawler] = namespaces[0]?.pods ?? [];
    expect(deaf?.metrics).toEqual({ unreadable: "503 error trying to reach service: no route" });
    expect(odd?.metrics).toEqual({ unreadable: expect.stringContaining("not a sample") });
    expect(crawler?.metrics).toHaveProperty("samples");
  });

  it("ends at once when it is interrupted", async () => {
    const interrupted = new ProxymeterError("E_INTERRUPTED", "interrupted by SIGTERM", "", { exitCode: 143 });
    const from = server([podNamed("crawler-0")], () => Promise.reject(interrupted));
    await expect(gather(from)).rejects.toBe(interrupted);
  });

  it("takes our plugins in either kind, and nobody else's", async () => {
    const ours = { pluginName: "proxymeter_network", pluginConfig: PLUGIN_CONFIG };
    const plugins = [
      plugin("WasmPlugin", ours),
      plugin("TrafficExtension", { wasm: { ...ours, pluginName: "proxymeter_http" } }),
      plugin("WasmPlugin", { ...ours, pluginName: "coraza" }),
    ];
    const { namespaces } = await gather(server([], async () => "", plugins));
    const { release, digest } = PLUGIN_CONFIG;
    expect(namespaces[0]?.plugins).toEqual([
      { name: "wasmplugin", release, digest, configHash: "5e1f" },
      { name: "trafficextension", release, digest, configHash: "5e1f" },
    ]);
  });
});

describe("a Prometheus that is not there", () => {
  const missing = () =>
    Promise.reject(new ProxymeterError("E_PROMETHEUS_NOT_FOUND", "found none", "give --prometheus"));

  it("is a fact where it was only looked for, and an error where it was named", async () => {
    expect(await gatherScrape(missing)).toEqual(NOBODY);
    await expect(gatherScrape(missing, { isRequired: true })).rejects.toThrow("found none");
  });

  it("does not hide a mistake of ours", async () => {
    await expect(gatherScrape(() => Promise.reject(new TypeError("x is undefined")))).rejects.toThrow(TypeError);
  });
});
