// SPDX-License-Identifier: Apache-2.0
/**
 * The state of a pod, by its object and what its metrics say.
 */
import { describe, expect, it } from "vitest";
import { EXTRA_STAT_TAGS } from "../../../../filter/core/stat-tags.ts";
import { isDesired, isReady, judge } from "../../../../installer/status/judgement.ts";
import { BUILTIN, DIGEST, FULL, PLUGIN, podNamed, showing, withoutSidecar } from "./pods.ts";

const pod = podNamed("crawler-0");
const stateOf = (...lines: string[]) => judge(showing(pod, ...lines), [PLUGIN]);

describe("a pod", () => {
  it("is metered where it runs its namespace's module and configuration", () => {
    const status = stateOf(FULL, "proxymeter_config_errors{} 0");
    const { name: _, ...plugin } = PLUGIN;
    expect(status).toEqual({
      name: "crawler-0",
      state: "metered",
      encoding: { value: "full", from: "metrics" },
      plugin,
    });
    expect(isReady(status)).toBe(true);
  });

  it("is metered in the no-restart encoding too, with its release as it is written", () => {
    const { state, encoding, plugin } = stateOf(BUILTIN);
    expect([state, encoding?.value, plugin?.release]).toEqual(["metered", "builtin", "0.1.0"]);
  });

  it("is not metered by what ran before, which shows at 0", () => {
    const status = stateOf(FULL.replace(/1$/, "0"));
    expect([status.state, status.plugin]).toEqual(["unmetered", undefined]);
  });

  it("is outdated with another module, and with another configuration", () => {
    const module = stateOf(FULL.replace(DIGEST, "sha256:ffff"));
    expect([module.state, module.reason]).toEqual(["outdated", `it runs module sha256:ffff (expected ${DIGEST})`]);
    const configuration = stateOf(FULL.replace("5e1f0c9a7b3d", "000000000000"));
    expect(configuration.reason).toBe("it runs configuration 000000000000 (expected 5e1f0c9a7b3d)");
  });

  it("is outdated while one of two plugins in it is", () => {
    expect(stateOf(FULL, FULL.replace("5e1f0c9a7b3d", "000000000000")).state).toBe("outdated");
  });

  it("is metered where its namespace's plugin is not known, as by one in Istio's own namespace", () => {
    expect(judge(showing(pod, FULL), []).state).toBe("metered");
  });

  it("is not ready with configuration errors", () => {
    const status = stateOf(FULL, "proxymeter_config_errors{} 2");
    expect([status.state, status.reason, isReady(status)]).toEqual([
      "config-errors",
      "proxymeter_config_errors is 2",
      false,
    ]);
  });

  it("that can't be read keeps the reason, and its encoding is deduced from its proxy configuration", () => {
    const unreadable = { pod: podNamed("crawler-1", { statTags: ["team"] }), metrics: { unreadable: "503 no route" } };
    expect(judge(unreadable, [PLUGIN])).toEqual({
      name: "crawler-1",
      state: "unreadable",
      reason: "503 no route",
      encoding: { value: "builtin", from: "pod" },
    });
  });

  it("without proxy configuration in its container is judged by its annotation", () => {
    const { metadata } = pod;
    const spec = { containers: [{ name: "istio-proxy" }] };
    const encodingOf = (annotations: Record<string, string>) =>
      judge({ pod: { ...pod, metadata: { ...metadata, annotations }, spec }, metrics: { unreadable: "503" } }, [PLUGIN])
        .encoding?.value;
    const tags = JSON.stringify({ extraStatTags: EXTRA_STAT_TAGS });
    expect(encodingOf({ "proxy.istio.io/config": tags })).toBe("full");
    expect(encodingOf({ "proxy.istio.io/config": "extraStatTags: [team]" })).toBe("builtin");
    expect(encodingOf({ "proxy.istio.io/config": "{" })).toBe("builtin");
    expect(encodingOf({})).toBe("builtin");
  });

  it("that is still pending is not ready", () => {
    const { state, reason } = judge({ pod: { ...pod, status: { phase: "Pending" } } }, [PLUGIN]);
    expect([state, reason]).toEqual(["not-running", "its phase is Pending (expected Running)"]);
  });

  it("without a sidecar is desired unless its owner keeps the sidecar out", () => {
    const bare = withoutSidecar("bare-0");
    expect(isDesired(judge({ pod: bare }, [PLUGIN]))).toBe(true);
    const labels = { "sidecar.istio.io/inject": "false" };
    const keptOut = { ...bare, metadata: { ...bare.metadata, labels } };
    expect(isDesired(judge({ pod: keptOut }, [PLUGIN]))).toBe(false);
    const onHost = { ...bare, spec: { ...bare.spec, hostNetwork: true } };
    expect(judge({ pod: onHost }, [PLUGIN]).state).toBe("kept-out");
  });

  it("with a sidecar that goes on running as an init container has a sidecar", () => {
    const { containers = [], ...spec } = pod.spec ?? {};
    const native = {
      ...pod,
      spec: { ...spec, initContainers: containers.slice(1), containers: containers.slice(0, 1) },
    };
    expect(judge(showing(native, FULL), [PLUGIN]).state).toBe("metered");
  });
});
