// SPDX-License-Identifier: Apache-2.0
/**
 * What of an Istio of ours goes, and what stays because others need it; and how the plan says so.
 */
import { describe, expect, it } from "vitest";
import type { Cluster, ListOptions } from "../../../../installer/cluster/cluster.ts";
import type { OwnIstio } from "../../../../installer/install/record.ts";
import { isLeftover } from "../../../../installer/istio/leftovers.ts";
import { planIstioRemoval } from "../../../../installer/istio/removal.ts";
import { istioRemovalText } from "../../../../installer/istio/removal-text.ts";
import type { KubeObject, Reference } from "../../../../installer/objects/object.ts";

const OWN: OwnIstio = {
  state: "installed",
  version: "1.31.0",
  namespace: "istio-system",
  revision: "default",
  overlay: "",
  hasMadeNamespace: true,
  hasMadeDefinitions: true,
};
const COMPONENT = { "operator.istio.io/component": "Pilot", "istio.io/rev": "default" };
type Labels = Record<string, string>;
const object = (
  apiVersion: string,
  kind: string,
  name: string,
  namespace?: string,
  labels: Labels = {},
): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace !== undefined && { namespace }), labels },
});
const spec = {
  group: "networking.istio.io",
  scope: "Namespaced",
  names: { kind: "VirtualService" },
  versions: [{ name: "v1", served: true }],
};
const ISTIO: KubeObject[] = [
  object("v1", "Namespace", "istio-system"),
  object("apps/v1", "Deployment", "istiod", "istio-system", { app: "istiod", ...COMPONENT }),
  object("v1", "Secret", "istio-ca-secret", "istio-system"),
  object("v1", "ConfigMap", "istio-leader", "istio-system"),
  { ...object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "virtualservices.networking.istio.io"), spec },
];
const THEIRS = object("networking.istio.io/v1", "VirtualService", "shop", "shop");

function server(...objects: KubeObject[]): Cluster {
  const selects = (labels: Labels | undefined, selector: string | undefined) =>
    (selector?.split(",") ?? []).every((part) => {
      const [name = "", value] = part.split("=");
      return value === undefined ? labels?.[name] !== undefined : labels?.[name] === value;
    });
  return {
    list: async (apiVersion: string, kind: string, { namespace, labelSelector }: ListOptions = {}) =>
      objects.filter(
        (each) =>
          each.apiVersion === apiVersion &&
          each.kind === kind &&
          (namespace === undefined || each.metadata.namespace === namespace) &&
          selects(each.metadata.labels, labelSelector),
      ),
    read: async ({ kind, metadata }: Reference) =>
      objects.find((each) => each.kind === kind && each.metadata.name === metadata.name),
  } as unknown as Cluster;
}

const plan = (own = OWN, ...more: KubeObject[]) =>
  planIstioRemoval(server(...ISTIO, ...more), { istio: own, labelled: ["crawl-eu"] });

describe("an Istio of ours", () => {
  it("goes wholly where nobody else needs it, with its definitions and namespace", async () => {
    const removal = await plan();
    expect(removal).toMatchObject({
      scope: "purge",
      shared: [],
      going: ["Deployment istio-system/istiod"],
      namespace: "istio-system",
    });
    expect(removal.definitions).toEqual(["virtualservices.networking.istio.io"]);
  });

  it("goes wholly although objects of ours are still there: they go before it", async () => {
    const ours = {
      ...THEIRS,
      metadata: { ...THEIRS.metadata, labels: { "app.kubernetes.io/managed-by": "proxymeter" } },
    };
    expect((await plan(OWN, ours)).scope).toBe("purge");
  });

  it.each([
    ["others have objects of its kinds", OWN, [THEIRS], "others have made VirtualService shop/shop"],
    ["its kinds were there before", { ...OWN, hasMadeDefinitions: false }, [], "Istio's kinds were there before"],
    [
      "another control plane runs",
      OWN,
      [object("apps/v1", "Deployment", "istiod-b", "istio-b", { app: "istiod", "istio.io/rev": "b" })],
      "there is another one: istiod unknown, revision b, in namespace istio-b",
    ],
  ])("leaves what is shared where %s", async (_, own, more, reason) => {
    const removal = await plan(own, ...more);
    expect(removal).toMatchObject({ scope: "revision", shared: [reason], definitions: [] });
    expect(removal.namespace).toBeUndefined();
  });

  it("leaves its namespace where somebody has put something into it, or it was there before", async () => {
    const removal = await plan(OWN, object("v1", "Secret", "cacerts", "istio-system"));
    expect(removal.namespaceStays).toBe("Namespace istio-system stays: it holds Secret istio-system/cacerts");
    const { namespaceStays } = await plan({ ...OWN, hasMadeNamespace: false });
    expect(namespaceStays).toBe("Namespace istio-system stays: it was there before");
  });

  it("is not removed where no record says that it is ours", async () => {
    const refused = planIstioRemoval(server(...ISTIO), undefined);
    await expect(refused).rejects.toMatchObject({ code: "E_NOT_OUR_ISTIO", exitCode: 2 });
  });

  const sidecar = (namespace: string) => ({
    ...object("v1", "Pod", "crawler-0", namespace),
    spec: { containers: [{ name: "istio-proxy" }] },
  });

  it("has the pods counted that lose their control plane", async () => {
    const optedIn = object("v1", "Namespace", "crawl", undefined, { "proxymeter.io/enabled": "true" });
    const gateway = sidecar("istio-system");
    const owned = { ...gateway, metadata: { ...gateway.metadata, ownerReferences: [{ kind: "ReplicaSet" }] } };
    const removal = await plan(OWN, optedIn, sidecar("crawl"), owned, object("v1", "Pod", "other", "crawl"));
    const text = istioRemovalText(removal, { path: "istioctl", access: [], signal: new AbortController().signal });
    expect(text).toContain("$ istioctl uninstall --purge --skip-confirmation");
    expect(text).toContain("! 1 pod of namespace crawl");
    expect(text).not.toContain("of namespace istio-system");
    expect(text).toContain("- Namespace istio-system, which install made");
  });
});

it("an Istio that pods of others use is not removed", async () => {
  const pod = { ...object("v1", "Pod", "web-0", "shop"), spec: { containers: [{ name: "istio-proxy" }] } };
  await expect(plan(OWN, pod)).rejects.toMatchObject({ code: "E_ISTIO_IN_USE", exitCode: 2 });
  await expect(plan(OWN, pod)).rejects.toThrow("1 in shop");
});

describe("another control plane beside ours", () => {
  const OTHER = object("apps/v1", "Deployment", "istiod-b", "istio-b", { app: "istiod", "istio.io/rev": "b" });
  const injected = (revision: string, labels: Labels = {}): KubeObject => ({
    ...object("v1", "Pod", "web-0", "shop"),
    metadata: {
      name: "web-0",
      namespace: "shop",
      labels,
      annotations: { "sidecar.istio.io/status": JSON.stringify({ revision, containers: ["istio-proxy"] }) },
    },
    spec: { containers: [{ name: "istio-proxy" }] },
  });

  it("has pods of its own, which are no reason to keep ours, and are not counted", async () => {
    const removal = await plan(OWN, OTHER, injected("b", { "istio.io/rev": "prod-stable" }));
    expect(removal).toMatchObject({ scope: "revision", sidecars: new Map() });
  });

  it("is known by the label of its pods where the injector wrote no revision", async () => {
    const labelled = { ...object("v1", "Pod", "web-0", "shop", { "istio.io/rev": "b" }), spec: injected("b").spec };
    expect((await plan(OWN, OTHER, labelled)).sidecars).toEqual(new Map());
  });

  it("does not make pods of our revision its own", async () => {
    await expect(plan(OWN, OTHER, injected("default"))).rejects.toThrow("1 in shop");
  });

  it("counts for nothing where it is not there any more: its pods are taken for ours", async () => {
    await expect(plan(OWN, injected("b"))).rejects.toMatchObject({ code: "E_ISTIO_IN_USE" });
  });
});

describe("pods in the ambient mesh", () => {
  const AMBIENT = { "istio.io/dataplane-mode": "ambient" };
  const shop = (labels: Labels) => object("v1", "Namespace", "shop", undefined, labels);
  const pod = (labels: Labels = {}) => object("v1", "Pod", "web-0", "shop", labels);

  it.each([
    ["by their namespace", [shop(AMBIENT), pod()]],
    ["by a label of their own", [shop({}), pod(AMBIENT)]],
  ])("keep an Istio that others use: %s", async (_, objects) => {
    await expect(plan(OWN, ...objects)).rejects.toThrow("1 in shop (ambient)");
  });

  it.each([
    ["no pod is in such a namespace", [shop(AMBIENT)]],
    ["the pod is taken out of it", [shop(AMBIENT), pod({ "istio.io/dataplane-mode": "none" })]],
    ["the pod is over", [shop(AMBIENT), { ...pod(), status: { phase: "Succeeded" } }]],
    ["the namespace is opted in", [shop({ ...AMBIENT, "proxymeter.io/enabled": "true" }), pod()]],
  ])("keep none where %s", async (_, objects) => {
    expect((await plan(OWN, ...objects)).scope).toBe("purge");
  });
});

it("Istio's namespace stays with what of ours is kept in it", async () => {
  const kept = object("v1", "ConfigMap", "proxymeter-scrape-config", "istio-system");
  const managed = { ...kept, metadata: { ...kept.metadata, labels: { "app.kubernetes.io/managed-by": "proxymeter" } } };
  const cluster = server(...ISTIO, managed);
  const fate = async (...keeping: KubeObject[]) => planIstioRemoval(cluster, { istio: OWN, labelled: [] }, keeping);
  expect((await fate()).namespace).toBe("istio-system");
  expect(await fate(managed)).toMatchObject({
    scope: "purge",
    namespaceStays: "Namespace istio-system stays: it holds ConfigMap istio-system/proxymeter-scrape-config",
  });
});

it.each(["Succeeded", "Failed"])("an Istio is removed although a pod of others is there that has %s", async (phase) => {
  const pod = {
    ...object("v1", "Pod", "job-0", "shop"),
    spec: { containers: [{ name: "istio-proxy" }] },
    status: { phase },
  };
  expect((await plan(OWN, pod)).sidecars).toEqual(new Map());
});

it("an Istio is removed although an uninstall that was broken off has taken back its labels", async () => {
  const pod = { ...object("v1", "Pod", "crawler-0", "crawl-eu"), spec: { containers: [{ name: "istio-proxy" }] } };
  expect((await plan(OWN, pod)).sidecars).toEqual(new Map([["crawl-eu", 1]]));
});

describe("what istiod writes by itself", () => {
  it.each([
    ["Secret", "istio-ca-secret", true],
    ["Secret", "cacerts", false],
    ["ConfigMap", "istio-leader", true],
    ["ConfigMap", "istio-namespace-controller-election", true],
    ["ConfigMap", "istio-gateway-status-leader-canary", true],
    ["ConfigMap", "istio-custom-bootstrap", false],
    ["Lease", "istio-gateway-deployment-default", true],
  ])("%s %s: %s", (kind, name, is) => {
    expect(isLeftover(object("v1", kind, name, "istio-system"))).toBe(is);
  });
});
