// SPDX-License-Identifier: Apache-2.0
/**
 * From gateways of vendors.yaml to ServiceEntries and to the ports of the plugins.
 */
import { describe, expect, it } from "vitest";
import { declaredGateways, portsOf } from "../../../../installer/objects/declared-gateways.ts";
import { objectsOf } from "../../../../installer/objects/objects.ts";
import type { ServiceEntry } from "../../../../installer/objects/service-entry.ts";
import {
  TRAFFIC_EXTENSION_KIND,
  WASM_PLUGIN_KIND,
  type WasmPlugin,
} from "../../../../installer/objects/wasm-plugin.ts";
import { goldenVendors, ofKind, only, target, vendors } from "./fixtures.ts";

const entriesOf = (text: string) => ofKind<ServiceEntry>(objectsOf(vendors(text), target()), "ServiceEntry");

describe("a ServiceEntry", () => {
  it("with addresses keeps the crawler's choice of address and is seen from its namespace only", () => {
    const [entry] = entriesOf(
      "- {name: acme, gateways: [{host: gw.acme.example, addresses: [203.0.113.10], ports: [8080]}]}",
    );
    expect(entry?.spec).toEqual({
      hosts: ["gw.acme.example"],
      addresses: ["203.0.113.10"],
      exportTo: ["."],
      location: "MESH_EXTERNAL",
      resolution: "NONE",
      ports: [{ number: 8080, name: "tcp-8080", protocol: "TCP" }],
    });
  });

  it("without addresses leaves address and resolution to DNS", () => {
    const [entry] = entriesOf('- {name: acme, gateways: ["gw.acme.example:8080"]}');
    expect(entry?.spec).toMatchObject({ resolution: "DNS" });
    expect(entry?.spec).not.toHaveProperty("addresses");
  });

  it("declares a port as HTTP only for mode http", () => {
    const [api, proxy] = entriesOf(`
- {name: acme, gateways: [{host: api.acme.example, addresses: [203.0.113.10], ports: [8000], mode: http}]}
- {name: globex, gateways: [{host: gw.globex.example, addresses: [203.0.113.20], ports: [443], protocol: https}]}`);
    expect(api?.spec.ports).toEqual([{ number: 8000, name: "http-8000", protocol: "HTTP" }]);
    expect(proxy?.spec.ports).toEqual([{ number: 443, name: "tcp-443", protocol: "TCP" }]);
  });

  it("is one for a host that several gateways name", () => {
    const [entry, ...others] = entriesOf(`
- name: acme
  gateways:
    - {host: gw.acme.example, addresses: [203.0.113.10], ports: [8080]}
    - {host: GW.acme.example, addresses: [203.0.113.11], ports: [1080], protocol: socks5}`);
    expect(others).toEqual([]);
    expect(entry?.spec.addresses).toEqual(["203.0.113.10", "203.0.113.11"]);
    expect(entry?.spec.ports.map(({ number }) => number)).toEqual([1080, 8080]);
  });

  it("of a gateway without a name is called by vendor and address, wherever it stands in the file", () => {
    const gateways = ["203.0.113.10:8080", "203.0.113.20:8080", "[2001:db8::]:8080"].map((text) => `"${text}"`);
    const hosts = (list: string[]) =>
      entriesOf(`- {name: ac_me, gateways: [${list.join(", ")}]}`).map(({ spec }) => spec.hosts[0]);
    expect(hosts(gateways)).toEqual([
      "gw-2001-db8.ac-me.proxymeter.internal",
      "gw-203-0-113-10.ac-me.proxymeter.internal",
      "gw-203-0-113-20.ac-me.proxymeter.internal",
    ]);
    expect(hosts(gateways.toReversed())).toEqual(hosts(gateways));
  });

  it("is left out where another one has all of its endpoints", () => {
    const entries = entriesOf(`
- name: acme
  gateways:
    - {host: gw-1.acme.example, addresses: [203.0.113.10], ports: [8080]}
    - {host: gw-2.acme.example, addresses: [203.0.113.10], ports: [8080]}
    - {host: gw-3.acme.example, addresses: [203.0.113.10], ports: [8080, 8081]}`);
    expect(entries.map(({ spec }) => spec.hosts[0])).toEqual(["gw-1.acme.example", "gw-3.acme.example"]);
  });

  it("has a name that a Kubernetes object can have, for the longest host too", () => {
    const host = `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(53)}.example`;
    const [entry] = entriesOf(`- {name: acme, gateways: ["${host}:8080"]}`);
    expect(entry?.spec.hosts).toEqual([host]);
    expect(entry?.metadata.name.length).toBeLessThanOrEqual(253);
  });
});

describe("a port that two gateways of a host declare differently", () => {
  it("is TCP, since HTTP would break proxying", () => {
    const file = vendors(
      "- {name: acme, gateways: [{host: gw.acme.example, addresses: [203.0.113.10], ports: [8080]}]}",
    );
    const [first] = file.vendors;
    const http = first?.gateways.map((gateway) => ({ ...gateway, mode: "http" as const })) ?? [];
    for (const gateways of [
      [...http, ...(first?.gateways ?? [])],
      [...(first?.gateways ?? []), ...http],
    ]) {
      const both = { vendors: first ? [{ ...first, gateways }] : [] };
      expect(declaredGateways({ ...file, ...both })[0]?.ports).toEqual([{ number: 8080, mode: "tcp" }]);
    }
  });
});

describe("the plugins", () => {
  const FULL = goldenVendors("full");

  it("sit on the ports of their mode only, and are not there without one", () => {
    expect(portsOf(FULL, "tcp")).toEqual([443, 1080, 8080, 8443]);
    expect(portsOf(FULL, "http")).toEqual([8000]);
    const plugins = ofKind<WasmPlugin>(objectsOf(FULL, target()), "WasmPlugin");
    expect(plugins.map(({ metadata, spec }) => [metadata.name, spec.type, spec.pluginName, spec.match])).toEqual([
      ["proxymeter-http", "HTTP", "proxymeter_http", [{ mode: "CLIENT", ports: [{ number: 8000 }] }]],
      [
        "proxymeter-network",
        "NETWORK",
        "proxymeter_network",
        [{ mode: "CLIENT", ports: [443, 1080, 8080, 8443].map((number) => ({ number })) }],
      ],
    ]);
    const networksOnly = objectsOf(vendors("- {name: acme, cidrs: [198.51.100.0/24]}"), target());
    expect(ofKind(networksOnly, "WasmPlugin")).toEqual([]);
    expect(ofKind(networksOnly, "EnvoyFilter")).toHaveLength(1);
  });

  it("let traffic pass when they fail, come last, and are pinned by digest", () => {
    for (const { spec } of ofKind<WasmPlugin>(objectsOf(FULL, target()), "WasmPlugin")) {
      expect(spec).toMatchObject({ failStrategy: "FAIL_OPEN", phase: "STATS", url: target().module.url });
      expect(spec).not.toHaveProperty("imagePullSecret");
    }
  });

  it("name the pull secret where there is one", () => {
    const module = { ...target().module, pullSecret: "registry" };
    const plugin = only<WasmPlugin>(objectsOf(FULL, target({ module })), "WasmPlugin", "proxymeter-network");
    expect(plugin.spec.imagePullSecret).toBe("registry");
  });

  it("are TrafficExtensions where that is all that the cluster has, with the module below `wasm`", () => {
    const to = target({ optionalKinds: new Set([TRAFFIC_EXTENSION_KIND]) });
    const { spec } = only(objectsOf(FULL, to), "TrafficExtension", "proxymeter-network");
    expect(Object.keys(spec as object).sort()).toEqual(["match", "phase", "wasm"]);
    expect(spec).toMatchObject({ wasm: { type: "NETWORK", failStrategy: "FAIL_OPEN", url: to.module.url } });
  });

  it.each([
    ["both kinds", 31, [TRAFFIC_EXTENSION_KIND, WASM_PLUGIN_KIND]],
    ["neither kind", 31, []],
    ["an Istio before 1.30", 29, [TRAFFIC_EXTENSION_KIND]],
  ])("stay WasmPlugins with %s", (_what, minor, kinds) => {
    const to = target({ optionalKinds: new Set(kinds), istio: { namespace: "istio-system", minor } });
    expect(ofKind(objectsOf(FULL, to), "WasmPlugin")).toHaveLength(2);
  });
});
