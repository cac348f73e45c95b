// SPDX-License-Identifier: Apache-2.0
/**
 * The cluster as it will be: what is rendered is read over what is there, and nothing is written.
 */
import { describe, expect, it } from "vitest";
import type { Cluster } from "../../../../installer/cluster/cluster.ts";
import { plannedCluster } from "../../../../installer/istio/planned-cluster.ts";
import type { KubeObject } from "../../../../installer/objects/object.ts";

const object = (kind: string, name: string, body: object = {}): KubeObject =>
  ({ apiVersion: "v1", kind, metadata: { name, namespace: "istio-system" }, ...body }) as KubeObject;
const definition = (kind: string): KubeObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: kind },
  spec: {
    group: "a.istio.io",
    names: { kind },
    versions: [
      { name: "v1", served: true },
      { name: "v1alpha1", served: false },
    ],
  },
});

const live = [object("ConfigMap", "istio", { data: { mesh: "old" } }), object("ConfigMap", "theirs")];
const server = {
  context: "kind",
  read: async ({ metadata }: KubeObject) => live.find(({ metadata: { name } }) => name === metadata.name),
  list: async () => live,
  hasKind: async (_: string, kind: string) => kind === "Pod",
  apply: async () => "applied",
} as unknown as Cluster;

const istio = object("ConfigMap", "istio", { data: { mesh: "new" } });
const istiod = {
  ...object("Deployment", "istiod"),
  metadata: { name: "istiod", namespace: "istio-system", labels: { app: "istiod" } },
};
const planned = plannedCluster(server, [istio, istiod, definition("Plugin")]);

describe("a planned cluster", () => {
  it("reads what is rendered over what is there", async () => {
    expect(await planned.read(istio)).toBe(istio);
    expect(await planned.read(object("ConfigMap", "theirs"))).toBe(live[1]);
    expect(await planned.list("v1", "ConfigMap")).toEqual([live[1], istio]);
  });

  it("lists by namespace and label as a server does", async () => {
    const labelled = async (labelSelector: string) =>
      (await planned.list("v1", "Deployment", { labelSelector })).includes(istiod);
    expect([await labelled("app=istiod"), await labelled("app=other")]).toEqual([true, false]);
    expect(await planned.list("v1", "Deployment", { namespace: "crawl" })).not.toContain(istiod);
  });

  it("has the kinds that will be defined, and those that are", async () => {
    const kinds = [
      ["a.istio.io/v1", "Plugin"],
      ["a.istio.io/v1alpha1", "Plugin"],
      ["v1", "Pod"],
      ["v1", "Other"],
    ] as const;
    const has = await Promise.all(kinds.map(([apiVersion, kind]) => planned.hasKind(apiVersion, kind)));
    expect(has).toEqual([true, false, true, false]);
  });

  it("is otherwise the cluster itself", async () => {
    expect(planned.context).toBe("kind");
    expect(await planned.apply(istio, { dryRun: true })).toBe("applied");
  });
});
