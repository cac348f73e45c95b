// SPDX-License-Identifier: Apache-2.0
/**
 * What is read off a cluster: Istio's version and revision by every way that it is stated, namespaces, kinds.
 */
import { describe, expect, it } from "vitest";
import { findIstio, parseVersion } from "../../../../installer/cluster/istio.ts";
import { survey, surveyedNamespace } from "../../../../installer/cluster/survey.ts";
import type { KubeObject, Reference } from "../../../../installer/objects/object.ts";

function istiod(image: string, labels: Record<string, string> = {}, namespace = "istio-system"): KubeObject {
  const containers = [{ name: "discovery", image }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "istiod", namespace, labels: { app: "istiod", ...labels } },
    spec: { template: { spec: { containers } } },
  };
}

function namespace(name: string, labels: Record<string, string> = {}): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

interface Given {
  deployments?: KubeObject[];
  namespaces?: KubeObject[];
  maps?: Record<string, string>;
  kinds?: string[];
}

/** A server that has these objects and no others. */
function server({ deployments = [], namespaces = [], maps = { istio: "{}" }, kinds = [] }: Given) {
  return {
    list: async (_apiVersion: string, kind: string) => (kind === "Deployment" ? deployments : namespaces),
    read: async ({ metadata: { name } }: Reference): Promise<KubeObject | undefined> => {
      const mesh = maps[name];
      return mesh === undefined
        ? undefined
        : { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { mesh } };
    },
    hasKind: async (apiVersion: string, kind: string) => kinds.includes(`${apiVersion}/${kind}`),
  };
}

describe("Istio's version", () => {
  it.each([
    ["1.31", "1.31", 31],
    ["1.28.3", "1.28.3", 28],
    ["v1.30.0-distroless", "1.30.0", 30],
    ["1.31-alpha.0abc", "1.31", 31],
  ])("in %s is %s", (text, version, minor) => {
    expect(parseVersion(text)).toEqual({ version, minor });
  });

  it.each([undefined, "", "latest", "2.0", "1", "1.31foo"])("is not in %s", (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  it.each([
    ["the image's tag", istiod("docker.io/istio/pilot:1.30.1")],
    ["a tag with a digest", istiod("registry.example:5000/pilot:1.30.1@sha256:00")],
    [
      "a label, where the image has only a digest",
      istiod("registry.example/pilot@sha256:00", { "app.kubernetes.io/version": "1.30.1" }),
    ],
  ])("comes from %s", async (_where, deployment) => {
    expect(await findIstio(server({ deployments: [deployment] }))).toMatchObject({ version: "1.30.1", minor: 30 });
  });

  it("comes from the user where nothing else tells, and is asked for then", async () => {
    await expect(findIstio(server({}))).rejects.toMatchObject({ code: "E_ISTIO_VERSION", exitCode: 2 });
    expect(await findIstio(server({}), { version: "1.31" })).toMatchObject({ minor: 31, namespace: "istio-system" });
  });
});

describe("Istio's revision", () => {
  const canary = istiod("istio/pilot:1.31.0", { "istio.io/rev": "canary" });
  const stable = istiod("istio/pilot:1.30.0", { "istio.io/rev": "default" });

  it("names the ConfigMap of the mesh configuration", async () => {
    const found = await findIstio(server({ deployments: [canary], maps: { "istio-canary": "{}" } }));
    expect(found).toMatchObject({ revision: "canary", meshConfigMap: "istio-canary" });
  });

  it("is the default one of several, or the one that is asked for", async () => {
    const both = server({ deployments: [canary, stable], maps: { istio: "{}", "istio-canary": "{}" } });
    expect(await findIstio(both)).toMatchObject({ revision: "default", minor: 30 });
    expect(await findIstio(both, { revision: "canary" })).toMatchObject({ revision: "canary", minor: 31 });
  });

  it("has to be given where none of several is the default", async () => {
    const other = istiod("istio/pilot:1.30.0", { "istio.io/rev": "old" });
    await expect(findIstio(server({ deployments: [canary, other] }))).rejects.toMatchObject({
      code: "E_ISTIO_REVISION",
    });
  });

  it("has no mesh configuration where Istio is not installed", async () => {
    await expect(findIstio(server({ maps: {} }), { version: "1.31" })).rejects.toMatchObject({ code: "E_NO_ISTIO" });
  });
});

describe("the drain time", () => {
  it.each([
    ["{}", 45],
    ["", 45],
    ["defaultConfig: {drainDuration: 90s}", 90],
    ["defaultConfig: {drainDuration: 1m30s}", 90],
    ["defaultConfig: {drainDuration: soon}", 45],
  ])("of mesh configuration %j is %i s", async (mesh, seconds) => {
    const found = await findIstio(server({ maps: { istio: mesh } }), { version: "1.31" });
    expect(found.drainSeconds).toBe(seconds);
  });
});

describe("namespaces and kinds", () => {
  it.each([
    [{}, "none"],
    [{ "istio-injection": "enabled" }, "enabled"],
    [{ "istio-injection": "disabled" }, "disabled"],
    [{ "istio.io/rev": "canary" }, "revision"],
    [{ "istio-injection": "enabled", "istio.io/rev": "canary" }, "both"],
  ])("with labels %j inject: %s", (labels, injection) => {
    expect(surveyedNamespace(namespace("crawl", labels)).injection).toBe(injection);
  });

  it("are not opted in while they are being deleted, by label or otherwise", async () => {
    const going = namespace("shop", { "proxymeter.io/enabled": "true" });
    going.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
    const found = await survey(server({ namespaces: [going, namespace("crawl")] }), {
      systemNamespace: "proxymeter",
      istioVersion: "1.31",
      alsoOptedIn: ["shop", "crawl"],
    });
    expect(found).toMatchObject({ optedIn: ["crawl"], namespaces: [{ name: "crawl" }] });
  });

  it("are opted in by label, or because they are about to be, in order of name", async () => {
    const namespaces = [
      namespace("shop", { "proxymeter.io/enabled": "true" }),
      namespace("crawl"),
      namespace("other", { "proxymeter.io/enabled": "false" }),
    ];
    const found = await survey(server({ namespaces, kinds: ["extensions.istio.io/v1alpha1/WasmPlugin"] }), {
      systemNamespace: "proxymeter",
      istioVersion: "1.31",
      alsoOptedIn: ["crawl"],
    });
    expect(found.optedIn).toEqual(["crawl", "shop"]);
    expect([...found.optionalKinds]).toEqual(["extensions.istio.io/v1alpha1/WasmPlugin"]);
  });
});
