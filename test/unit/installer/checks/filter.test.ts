// SPDX-License-Identifier: Apache-2.0
/**
 * The checks of the installed filter, each with facts that pass and facts that do not.
 */
import { describe, expect, it } from "vitest";
import { ROOT_HTTP } from "../../../../filter/core/contract.ts";
import type { ImageAnswer } from "../../../../installer/checks/facts.ts";
import { parseRejects, readRejects } from "../../../../installer/checks/xds-rejects.ts";
import { type Changes, IMAGE, METRICS, object, plugin, pod, statusOf } from "./facts.ts";
import { describeCheck } from "./rows.ts";

const OTHER = `oci://registry.example/proxymeter@sha256:${"b".repeat(64)}`;
const extension = object(
  "TrafficExtension",
  "proxymeter-network",
  { spec: { wasm: { url: IMAGE, failStrategy: "FAIL_OPEN", pluginName: "proxymeter_network" } } },
  { namespace: "crawl" },
);

describeCheck("plugins-present", [
  ["passes with a WasmPlugin", {}, "pass"],
  ["passes with a TrafficExtension", { objects: { wasmPlugins: [], trafficExtensions: [extension] } }, "pass"],
  ["fails without", { objects: { wasmPlugins: [] } }, "fail", "found none"],
  [
    "fails for plugins elsewhere only",
    { objects: { wasmPlugins: [plugin("old")] } },
    "fail",
    "in an opted-in namespace",
  ],
  ["fails for other people's plugins", { objects: { wasmPlugins: [plugin("crawl", { pluginName: "waf" })] } }, "fail"],
]);

const one = (spec: object): Changes => ({ objects: { wasmPlugins: [plugin("crawl", spec)] } });

describeCheck("digest-pinned", [
  ["passes for a digest in the URL", {}, "pass"],
  [
    "passes for a tag with a digest beside it",
    one({ url: "oci://registry.example/p:1", sha256: "a".repeat(64) }),
    "pass",
  ],
  ["fails for a tag", one({ url: "oci://registry.example/p:latest" }), "fail", "p:latest"],
  [
    "fails for the HTTP plugin's tag too",
    {
      objects: {
        wasmPlugins: [plugin("crawl"), plugin("crawl", { url: "oci://registry.example/p:1", pluginName: ROOT_HTTP })],
      },
    },
    "fail",
    "p:1",
  ],
  [
    "warns of two digests",
    { objects: { wasmPlugins: [plugin("crawl"), plugin("eu", { url: OTHER })] } },
    "warn",
    "2 modules",
  ],
]);

describeCheck("fail-open", [
  ["passes for FAIL_OPEN", {}, "pass"],
  ["fails for another strategy", one({ failStrategy: "FAIL_RELOAD" }), "fail", "FAIL_RELOAD"],
  ["fails where none is said, because Istio then closes", one({ failStrategy: undefined }), "fail", "FAIL_CLOSE"],
]);

describeCheck("vendors-current", [
  ["passes for the file's own hash", {}, "pass"],
  ["warns of another", one({ pluginConfig: { config_hash: "0" } }), "warn", "has 0"],
  ["is skipped without vendors.yaml", { vendors: { unknown: "no vendors.yaml was given (-f)" } }, "skip"],
]);

const image = (state: ImageAnswer["state"], spec: object = {}): Changes => ({
  images: { [IMAGE]: { state, detail: "401" } },
  ...one(spec),
});

describeCheck("image-reachable", [
  ["passes where the registry has it", {}, "pass"],
  ["fails where it has not", image("missing"), "fail", IMAGE],
  ["warns where it can't be asked from here", image("unreachable"), "warn", "from here"],
  ["fails where it wants credentials that no plugin has", image("refused"), "fail", "imagePullSecret"],
  ["passes where the plugin has some", image("refused", { imagePullSecret: "pull" }), "pass"],
]);

const ECDS = "envoy.config.core.v3.TypedExtensionConfig";

describeCheck("modules-run", [
  ["passes for a metered pod", {}, "pass"],
  [
    "fails for one that the module did not reach",
    { running: { value: statusOf({ state: "unmetered", reason: "no module" }) } },
    "fail",
    "crawl/crawler-0: no module",
  ],
  ["fails for one that runs another module", { running: { value: statusOf({ state: "outdated" }) } }, "fail"],
  [
    "warns of one that can't be asked",
    { running: { value: statusOf({ state: "unreadable", reason: "403" }) } },
    "warn",
    "403",
  ],
  ["leaves pods without sidecar to another check", { running: { value: statusOf({ state: "no-sidecar" }) } }, "pass"],
  ["is skipped where nothing is installed", { objects: { wasmPlugins: [] } }, "skip"],
]);

const recently = (type: string, value: number) => ({
  prometheus: { value: { ...METRICS, rejects: [{ labels: { type: `type.googleapis.com/${type}` }, value }] } },
});

describeCheck("xds-rejects", [
  ["passes for counters at 0", { rejects: { value: { [ECDS]: 0 } } }, "pass"],
  ["warns of a counter that does not tell when", { rejects: { value: { [ECDS]: 2 } } }, "warn", "2 times since"],
  ["fails for plugins that were rejected lately", recently(ECDS, 1.5), "fail", /^envoy\.config.*last 15 minutes/],
  ["warns of anything else lately", recently("envoy.config.listener.v3.Listener", 1), "warn", "Listener"],
  [
    "passes over an old count where Prometheus knows of none lately",
    { rejects: { value: { [ECDS]: 2 } }, ...recently(ECDS, 0) },
    "pass",
  ],
  [
    "is skipped where istiod's metrics can't be had",
    { rejects: { unknown: "no pod of istiod was found" } },
    "skip",
    "no pod",
  ],
]);

describe("parseRejects", () => {
  it("reads type and count of each line and nothing else", () => {
    const text = `# TYPE pilot_total_xds_rejects counter
pilot_total_xds_rejects{type="type.googleapis.com/${ECDS}"} 3
pilot_total_xds_rejects{type="cds"} 1e+06
pilot_xds_pushes{type="cds"} 7
`;
    expect(parseRejects(text)).toEqual([
      [ECDS, 3],
      ["cds", 1_000_000],
    ]);
  });

  it("reads none of a text without them", () => {
    expect(parseRejects("pilot_xds 1\n")).toEqual([]);
  });
});

describe("readRejects", () => {
  const istiod = (name: string) => ({
    ...pod(name),
    metadata: { name, namespace: "istio-system", labels: { istio: "pilot" } },
  });

  it("sums over the pods of istiod, through the API server", async () => {
    const paths: string[] = [];
    const get = async (path: string) => {
      paths.push(path);
      return `pilot_total_xds_rejects{type="lds"} ${paths.length}\n`;
    };
    expect(await readRejects({ get }, [istiod("istiod-0"), istiod("istiod-1"), pod("crawler-0")])).toEqual({ lds: 3 });
    expect(paths[0]).toBe("/api/v1/namespaces/istio-system/pods/istiod-0:15014/proxy/metrics");
  });

  it("says that there is none to ask", async () => {
    await expect(readRejects({ get: async () => "" }, [])).rejects.toThrow("no pod of istiod was found");
  });
});
