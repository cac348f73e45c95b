// SPDX-License-Identifier: Apache-2.0
/**
 * An uninstall removes nothing of others, not even what it cannot see, and keeps its own rights until all else is done.
 */
import { beforeEach, describe, expect, it } from "vitest";
import type { Cluster } from "../../../../installer/cluster/cluster.ts";
import { KubeError } from "../../../../installer/cluster/kube-error.ts";
import { liveObjects } from "../../../../installer/install/look.ts";
import { type Record, recordObject } from "../../../../installer/install/record.ts";
import { prepareRemoval, remove } from "../../../../installer/install/uninstall.ts";
import { type KubeObject, nameOf, type Reference } from "../../../../installer/objects/object.ts";
import { objectsOf } from "../../../../installer/objects/objects.ts";
import { goldenVendors, PARTS, target } from "../objects/fixtures.ts";

const OPTIONS = { systemNamespace: "proxymeter", keepMetrics: false };
const RECORD: Record = {
  release: "0.1.0",
  state: "applied",
  command: "install",
  current: { vendors: "v", image: "i", statTags: "mesh", parts: PARTS },
  kinds: [],
  mesh: { namespace: "istio-system", name: "istio", before: "a: 1\n", after: "a: 1\nb: 2\n" },
  labelled: [],
  created: ["proxymeter"],
  drainSeconds: 45,
};

const mesh: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "istio", namespace: "istio-system" },
  data: { mesh: "a: 1\nb: 2\n" },
};
const secret: KubeObject = { apiVersion: "v1", kind: "Secret", metadata: { name: "theirs", namespace: "proxymeter" } };
const certificate: KubeObject = {
  apiVersion: "certs.example/v1",
  kind: "Certificate",
  metadata: { name: "theirs", namespace: "proxymeter" },
};
const definition: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "certificates.certs.example" },
  spec: {
    group: "certs.example",
    scope: "Namespaced",
    names: { kind: "Certificate" },
    versions: [
      { name: "v1alpha1", served: false },
      { name: "v1", served: true },
    ],
  },
};

let changes: string[];
beforeEach(() => {
  changes = [];
});

/** A server of an installation and these objects, whose account may not list the hidden kinds. */
function server(others: readonly KubeObject[] = [], hidden: readonly string[] = []): Cluster {
  const all = [...objectsOf(goldenVendors("small"), target()), recordObject("proxymeter", RECORD), mesh, ...others];
  const isSame = (a: Reference) => (b: Reference) => nameOf(a) === nameOf(b);
  const parts: Pick<Cluster, "list" | "read" | "remove" | "replace"> = {
    async list(_apiVersion, kind, { namespace, labelSelector } = {}) {
      if (hidden.includes(kind)) throw new KubeError("GET", `/${kind}`, 403, "forbidden");
      return all
        .filter(
          (object) => object.kind === kind && (namespace === undefined || object.metadata.namespace === namespace),
        )
        .filter(({ metadata }) => labelSelector === undefined || metadata.labels !== undefined);
    },
    read: async (reference) => all.find(isSame(reference)),
    async remove(reference) {
      changes.push(`${reference.kind} ${reference.metadata.name}`);
      return true;
    },
    async replace(object) {
      changes.push(`restored ${object.metadata.name}`);
      return object;
    },
  };
  return parts as Cluster;
}

describe("the namespace that install created", () => {
  it("goes when nothing of others is in it", async () => {
    expect(await prepareRemoval(server(), OPTIONS)).toMatchObject({ namespaces: ["proxymeter"], staying: [] });
  });

  it.each([
    ["holds objects of others", [secret], [], "it holds Secret proxymeter/theirs"],
    ["holds custom resources of others", [definition, certificate], [], "it holds Certificate proxymeter/theirs"],
    ["may hold what this account cannot see", [secret], ["Secret"], "this account may not see whether it holds Secret"],
    [
      "may hold custom resources",
      [],
      ["CustomResourceDefinition"],
      "may not see whether it holds CustomResourceDefinition",
    ],
  ])("stays where it %s", async (_what, others, hidden, why) => {
    const { namespaces, staying } = await prepareRemoval(server(others, hidden), OPTIONS);
    expect(namespaces).toEqual([]);
    expect(staying).toEqual([expect.stringContaining(why)]);
  });
});

describe("objects of ours", () => {
  it("are not guessed at: an account that may not list a kind is refused, with the kind's name", async () => {
    const hiding = server([], ["WasmPlugin"]);
    await expect(liveObjects(hiding, [])).rejects.toMatchObject({ code: "E_HIDDEN" });
    await expect(prepareRemoval(hiding, OPTIONS)).rejects.toThrow(/cannot see WasmPlugin/);
  });
});

describe("what Prometheus was told", () => {
  it("is kept with the account that it reads by, and with nothing else of ours", async () => {
    const { kept, plan } = await prepareRemoval(server(), { ...OPTIONS, keepMetrics: true });
    const names = kept.map(nameOf);
    expect(names).toEqual(
      expect.arrayContaining([
        "ConfigMap proxymeter/proxymeter-scrape-config",
        "ServiceAccount proxymeter/proxymeter-prometheus",
        "ClusterRole proxymeter-prometheus",
        "RoleBinding crawl/proxymeter-prometheus",
      ]),
    );
    expect(names.filter((name) => / (proxymeter\/)?proxymeter$/.test(name))).toEqual([]);
    expect(plan.steps.map(({ reference }) => nameOf(reference))).toContain("ServiceAccount proxymeter/proxymeter");
  });
});

describe("an uninstall", () => {
  it("restores the mesh and forgets the record before it removes the rights by which it may do so", async () => {
    const cluster = server();
    await remove(cluster, await prepareRemoval(cluster, OPTIONS), { done: [], onDone: () => {} });
    const isRight = (change: string) => /^(ServiceAccount|(Cluster)?Role(Binding)?) /.test(change);
    const first = changes.findIndex(isRight);
    expect(changes.slice(0, first)).toEqual(
      expect.arrayContaining(["WasmPlugin proxymeter-network", "restored istio", "ConfigMap proxymeter-installation"]),
    );
    expect(changes.slice(first).filter((change) => !isRight(change))).toEqual(["Namespace proxymeter"]);
  });
});
