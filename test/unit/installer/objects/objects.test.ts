// SPDX-License-Identifier: Apache-2.0
/**
 * The plan as a whole: which objects there are, in which order, with which labels.
 */
import { describe, expect, it } from "vitest";
import { nameOf } from "../../../../installer/objects/object.ts";
import { objectsOf } from "../../../../installer/objects/objects.ts";
import { inApplyOrder } from "../../../../installer/objects/order.ts";
import { goldenVendors, ofKind, PARTS, target } from "./fixtures.ts";

const FULL = goldenVendors("full");
const names = (...arguments_: Parameters<typeof objectsOf>) => objectsOf(...arguments_).map(nameOf);

describe("the objects", () => {
  it("of one namespace are these, in this order", () => {
    expect(names(FULL, target())).toEqual([
      "Namespace proxymeter",
      "ServiceAccount proxymeter/proxymeter",
      "ServiceAccount proxymeter/proxymeter-prometheus",
      "ClusterRole proxymeter",
      "ClusterRole proxymeter-prometheus",
      "Role istio-system/proxymeter-mesh",
      "Role proxymeter/proxymeter",
      "ClusterRoleBinding proxymeter",
      "RoleBinding crawl/proxymeter-prometheus",
      "RoleBinding istio-system/proxymeter-mesh",
      "RoleBinding proxymeter/proxymeter",
      "ConfigMap proxymeter/proxymeter-rules",
      "ConfigMap proxymeter/proxymeter-scrape-config",
      "WasmPlugin crawl/proxymeter-http",
      "WasmPlugin crawl/proxymeter-network",
      "EnvoyFilter crawl/proxymeter-catch-all",
      "Telemetry crawl/proxymeter",
      "ServiceEntry crawl/proxymeter-api.initech.example",
      "ServiceEntry crawl/proxymeter-gw.acme.example",
      "ServiceEntry crawl/proxymeter-secure.globex.example",
    ]);
  });

  it("finish one namespace of crawlers before the next, its gateways last", () => {
    const found = names(FULL, target({ namespaces: ["crawl", "crawl-eu"] }));
    const [lastOfFirst, firstOfNext] = [
      found.findLastIndex((name) => name.startsWith("ServiceEntry crawl/")),
      found.findIndex((name) => name.startsWith("WasmPlugin crawl-eu/")),
    ];
    expect(firstOfNext).toBe(lastOfFirst + 1);
    expect(found.findIndex((name) => name.startsWith("ServiceEntry crawl/"))).toBeGreaterThan(
      found.indexOf("Telemetry crawl/proxymeter"),
    );
  });

  it("are in an order that sorting them again does not change", () => {
    const objects = objectsOf(FULL, target({ namespaces: ["a", "b", "c"] }));
    expect(inApplyOrder(objects.toReversed())).toEqual(objects);
  });

  it("all carry the recommended labels", () => {
    for (const { metadata } of objectsOf(FULL, target())) {
      expect(metadata.labels).toEqual({
        "app.kubernetes.io/name": "proxymeter",
        "app.kubernetes.io/component": expect.stringMatching(/^[a-z-]+$/),
        "app.kubernetes.io/part-of": "proxymeter",
        "app.kubernetes.io/version": "0.1.0",
        "app.kubernetes.io/managed-by": "proxymeter",
      });
    }
  });

  it("without an opted-in namespace touch no crawler", () => {
    const kinds = new Set(objectsOf(FULL, target({ namespaces: [] })).map(({ kind }) => kind));
    expect([...kinds]).toEqual([
      "Namespace",
      "ServiceAccount",
      "ClusterRole",
      "Role",
      "ClusterRoleBinding",
      "RoleBinding",
    ]);
  });

  it.each([
    ["EnvoyFilter", { ...PARTS, catchAll: false }],
    ["Telemetry", { ...PARTS, telemetry: false }],
    ["ConfigMap", { ...PARTS, monitor: "none" as const }],
    ["NetworkPolicy", PARTS],
  ])("have no %s where it is not wanted", (kind, parts) => {
    expect(ofKind(objectsOf(FULL, target({ parts })), kind)).toEqual([]);
  });

  it("share nothing that a caller could change", () => {
    const [first, second] = [objectsOf(FULL, target()), objectsOf(FULL, target())];
    for (const object of first) Object.assign(object, { spec: { spoilt: true }, rules: [] });
    expect(objectsOf(FULL, target())).toEqual(second);
  });
});
