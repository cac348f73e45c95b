// SPDX-License-Identifier: Apache-2.0
/**
 * Every object that is rendered, before the judges: the API server, Istio's own tools, and the rights that are rendered along.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Cluster } from "../../installer/cluster/cluster.ts";
import { type KubeObject, nameOf } from "../../installer/objects/object.ts";
import { objectsOf } from "../../installer/objects/objects.ts";
import type { Target } from "../../installer/objects/target.ts";
import { TRAFFIC_EXTENSION_KIND } from "../../installer/objects/wasm-plugin.ts";
import { parseVendors } from "../../installer/vendors/read.ts";
import { Kube, readObjects } from "./kube.ts";
import { RUN_FOLDER } from "./namespace.ts";
import { startNamespaceController } from "./namespace-controller.ts";
import { until } from "./poll.ts";
import { writeKubeconfig } from "./service-account.ts";
import { istioMinor, readTools } from "./tools.ts";

const { istioctl } = readTools();
const plane = inject("plane");
const GOLDENS = `${import.meta.dirname}/../unit/installer/objects/goldens`;
const MANIFESTS = `${import.meta.dirname}/../../istio`;
const NAMES = ["small", "full", "address-only"] as const;
const DIGEST = `sha256:${"2".repeat(64)}`;

const TARGET: Target = {
  release: "0.1.0",
  systemNamespace: "proxymeter",
  namespaces: ["crawl", "crawl-eu"],
  istio: { namespace: "istio-system", minor: istioMinor() },
  module: { url: `oci://registry.example/proxymeter@${DIGEST}`, digest: DIGEST, pullSecret: "registry" },
  optionalKinds: new Set(),
  parts: {
    ...{ catchAll: true, telemetry: true, accessLog: true, dashboards: true },
    ...{ monitor: "scrape-config", scrapeFrom: "monitoring" },
  },
};
const TARGETS: readonly Target[] = [
  TARGET,
  { ...TARGET, optionalKinds: new Set([TRAFFIC_EXTENSION_KIND]), module: { url: TARGET.module.url, digest: DIGEST } },
];

const objects = (name: string, target: Target) =>
  objectsOf(parseVendors(readFileSync(`${GOLDENS}/${name}.vendors.yaml`, "utf8"), name), target);
const namespace = (name: string): KubeObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

describe("rendered objects", () => {
  const kube = new Kube(plane.credentials);
  const admin = new Cluster({ kubeconfig: plane.credentials.kubeconfigFile });
  const controller = startNamespaceController(kube);
  const ownKubeconfig = `${RUN_FOLDER}/installer-kubeconfig`;
  const applied: KubeObject[] = [];
  const apply = async (object: KubeObject) => {
    applied.push(object);
    await admin.apply(object);
  };

  beforeAll(async () => {
    await apply(namespace("crawl-eu"));
    for (const object of objects("small", TARGET)) {
      const isAccess = object.metadata.labels?.["app.kubernetes.io/component"] === "access";
      if (object.kind === "Namespace" || isAccess) await apply(object);
    }
    await writeKubeconfig(plane.credentials, kube, { namespace: "proxymeter", name: "proxymeter" }, ownKubeconfig);
  });
  afterAll(async () => {
    for (const object of applied.toReversed()) await admin.remove(object);
    for (const object of applied)
      await until(async () => (await admin.read(object)) === undefined, { what: "it gone" });
    await controller.close();
    await kube.close();
    rmSync(ownKubeconfig, { force: true });
  });

  it.each(NAMES)("of %s.vendors.yaml are taken by the API server field by field", async (name) => {
    for (const target of TARGETS) {
      for (const object of objects(name, target)) {
        await kube.check(object);
        const stored = await admin.apply(object, { dryRun: true });
        expect(stored, nameOf(object)).toMatchObject(withoutEmpty(object));
      }
    }
  });

  it("and the examples of docs/objects.md are taken by the API server as they stand", async () => {
    const page = readFileSync(`${import.meta.dirname}/../../docs/objects.md`, "utf8");
    const blocks = [...page.matchAll(/^```yaml \S+\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
    const examples = blocks.filter((text) => text.startsWith("apiVersion:")).flatMap((text) => readObjects(text));
    expect(examples.map(({ kind }) => kind)).toEqual(["Sidecar", "HorizontalPodAutoscaler", "HorizontalPodAutoscaler"]);
    for (const example of examples as KubeObject[]) {
      await kube.check(example);
      expect(await admin.apply(example, { dryRun: true }), nameOf(example)).toMatchObject(example);
    }
  });

  it("would be refused by the API server with a field that it does not know", async () => {
    for (const [part, object] of objects("small", TARGET).entries()) {
      const mistaken = { ...object, [part % 2 === 0 ? "specification" : "setting"]: {} };
      await expect(kube.check(mistaken), nameOf(object)).rejects.toThrow(/field not declared in schema|unknown field/);
    }
  });

  it.each(NAMES)(
    "of %s.vendors.yaml can be applied, read, listed and removed with the rights they bring",
    async (name) => {
      const installer = new Cluster({ kubeconfig: ownKubeconfig });
      for (const object of objects(name, TARGET)) {
        await installer.apply(object, { dryRun: true });
        await installer.read(object);
        await installer.list(object.apiVersion, object.kind, {
          labelSelector: "app.kubernetes.io/managed-by=proxymeter",
        });
      }
      await expect(installer.remove(object("WasmPlugin", "crawl", "none"))).resolves.toBe(false);
    },
  );

  it("let the installer write the mesh configuration, and no other ConfigMap of Istio", async () => {
    const installer = new Cluster({ kubeconfig: ownKubeconfig });
    const mesh = await installer.read(object("ConfigMap", "istio-system", "istio"));
    await installer.replace(mesh ?? object("ConfigMap", "istio-system", "istio"));
    await expect(installer.read(object("ConfigMap", "istio-system", "other"))).rejects.toThrow(/403/);
    await expect(installer.list("v1", "Secret")).rejects.toThrow(/403/);
    await expect(installer.apply(object("ConfigMap", "crawl", "x"), { dryRun: true })).rejects.toThrow(/403/);
  });

  it.each(NAMES)(
    "in goldens/%s.yaml are valid to istioctl validate and leave istioctl analyze silent",
    async (name) => {
      const file = `${GOLDENS}/${name}.yaml`;
      const validated = await execa(istioctl, ["validate", "-f", file], { reject: false, all: true });
      expect({ exitCode: validated.exitCode, errors: /error/i.test(validated.all) }).toEqual({
        exitCode: 0,
        errors: false,
      });
      const { all } = await execa(istioctl, ["analyze", "--use-kube=false", "-A", file], { reject: false, all: true });
      expect(all).toContain("No validation issues found");
    },
  );
});

describe("the manifests in istio/", () => {
  const files = readdirSync(MANIFESTS).filter((name) => name.endsWith(".yaml"));
  const admin = new Cluster({ kubeconfig: plane.credentials.kubeconfigFile });

  beforeAll(async () => {
    await admin.apply(namespace("proxymeter"));
  });
  afterAll(async () => {
    const kube = new Kube(plane.credentials);
    const controller = startNamespaceController(kube);
    await admin.remove(namespace("proxymeter"));
    await until(async () => (await admin.read(namespace("proxymeter"))) === undefined, { what: "the namespace gone" });
    await controller.close();
    await kube.close();
  });

  it.each(files)("are taken by the API server: %s", async (file) => {
    const written = readObjects(readFileSync(`${MANIFESTS}/${file}`, "utf8")) as KubeObject[];
    expect(written.length).toBeGreaterThan(0);
    // Nothing here defines the kinds of the Prometheus Operator.
    for (const object of written.filter(({ kind }) => kind !== "PodMonitor")) {
      expect(await admin.apply(object, { dryRun: true }), nameOf(object)).toMatchObject(withoutEmpty(object));
    }
  });

  it("are valid to istioctl, all together", async () => {
    const paths = files.map((file) => `${MANIFESTS}/${file}`);
    const validated = await execa(istioctl, ["validate", ...paths.flatMap((path) => ["-f", path])], { reject: false });
    expect(validated.exitCode).toBe(0);
    const { all } = await execa(istioctl, ["analyze", "--use-kube=false", "-A", ...paths], {
      reject: false,
      all: true,
    });
    expect(all).toContain("No validation issues found");
  });
});

function object(kind: string, namespace: string, name: string): KubeObject {
  const apiVersion = kind === "WasmPlugin" ? "extensions.istio.io/v1alpha1" : "v1";
  return { apiVersion, kind, metadata: { name, namespace } };
}

/** The server does not store empty members; what else it drops or changes is a mistake of ours. */
function withoutEmpty<T>(value: T): T {
  const keep = (key: string, member: unknown) => (member === "" && !/^\d+$/.test(key) ? undefined : member);
  return JSON.parse(JSON.stringify(value, keep)) as T;
}
