// SPDX-License-Identifier: Apache-2.0
/**
 * What an installation refuses before it plans anything: a second one in the cluster, and gateways that would take others' traffic.
 */
import { describe, expect, it } from "vitest";
import { refuseElsewhere } from "../../../../installer/install/elsewhere.ts";
import { refuseBareGateways } from "../../../../installer/install/reachable.ts";
import type { KubeObject } from "../../../../installer/objects/object.ts";

const record = (namespace: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "proxymeter-installation", namespace },
});
const listing = (...objects: KubeObject[]) => ({ list: async () => objects });

describe("an installation", () => {
  it("is refused where another namespace has the record of one, which it names", async () => {
    const refusal = refuseElsewhere(listing(record("metering")), "proxymeter");
    await expect(refusal).rejects.toMatchObject({ code: "E_OTHER_NAMESPACE", exitCode: 2, hint: /-n metering/ });
  });

  it("goes on where the record is its own, and where there is none", async () => {
    await expect(refuseElsewhere(listing(record("proxymeter")), "proxymeter")).resolves.toBeUndefined();
    await expect(refuseElsewhere(listing(), "proxymeter")).resolves.toBeUndefined();
  });
});

describe("a gateway without addresses", () => {
  const entry = (spec: object): KubeObject => ({
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: "proxymeter-gw.acme.example", namespace: "crawl" },
    spec,
  });
  const port = (protocol: string) => ({ number: 8080, name: "x", protocol });
  const bare = [entry({ hosts: ["gw.acme.example"], ports: [port("TCP")] })];
  const capturing = 'defaultConfig:\n  proxyMetadata:\n    ISTIO_META_DNS_CAPTURE: "true"\n';

  it("is refused where the mesh does not capture DNS, by the name of its object", () => {
    for (const mesh of ["", "{}", "defaultConfig: {}", capturing.replace("true", "false")])
      expect(() => refuseBareGateways(bare, mesh)).toThrow(/ServiceEntry crawl\/proxymeter-gw.acme.example/);
  });

  it("is accepted where Envoy itself speaks HTTP on all its ports, and refused where it does so on some", () => {
    expect(() => refuseBareGateways([entry({ ports: [port("HTTP")] })], "")).not.toThrow();
    expect(() => refuseBareGateways([entry({ ports: [port("HTTP"), port("TCP")] })], "")).toThrow(/neither addresses/);
  });

  it("is accepted where it does, and with addresses anywhere", () => {
    expect(() => refuseBareGateways(bare, capturing)).not.toThrow();
    expect(() =>
      refuseBareGateways([entry({ addresses: ["203.0.113.10/32"], ports: [port("TCP")] })], ""),
    ).not.toThrow();
  });
});
