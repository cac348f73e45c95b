// SPDX-License-Identifier: Apache-2.0
/**
 * What holds for every vendors file, tried on seeded random ones, even those that the reader of vendors.yaml would refuse.
 */
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../loadgen/random.ts";
import { portsOf } from "../../../../installer/objects/declared-gateways.ts";
import { nameOf } from "../../../../installer/objects/object.ts";
import { RULES } from "../../../../installer/objects/names.ts";
import type { KubeObject } from "../../../../installer/objects/object.ts";
import { objectsOf } from "../../../../installer/objects/objects.ts";
import { pluginConfigOf } from "../../../../installer/objects/plugin-config.ts";
import { renderStream } from "../../../../installer/objects/rendering.ts";
import type { ServiceEntry } from "../../../../installer/objects/service-entry.ts";
import { MANAGED_BY, MANAGED_BY_LABEL, type Target } from "../../../../installer/objects/target.ts";
import type { WasmPlugin } from "../../../../installer/objects/wasm-plugin.ts";
import { DEFAULTS } from "../../../../installer/vendors/defaults.ts";
import type { Gateway, Vendor, VendorsFile } from "../../../../installer/vendors/model.ts";
import { CORES } from "../../../core/core.ts";
import { goldenVendors, ofKind, PARTS, target } from "./fixtures.ts";

const FILES = 300;
/** Writing YAML takes longer than making objects. */
const RENDERED = 30;
const BASE = goldenVendors("small");

function randomFile(seed: number): VendorsFile {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const some = <T>(most: number, make: () => T): T[] => Array.from({ length: below(most + 1) }, make);
  const address = () => `203.0.113.${below(6)}${random() < 0.2 ? "/32" : ""}`;
  const gateway = (): Gateway => {
    const addresses = [...new Set(some(3, address))];
    const isNamed = addresses.length === 0 || random() < 0.5;
    return {
      ...(isNamed && { host: `${random() < 0.3 ? "GW" : "gw"}-${below(5)}.acme.example` }),
      addresses,
      ports: [...new Set([1000 + below(4), ...some(3, () => 1000 + below(6))])],
      protocol: (["http", "https", "socks5"] as const)[below(3)] ?? "http",
      mode: random() < 0.3 ? "http" : "tcp",
    };
  };
  const vendor = (name: string): Vendor => ({
    name,
    gateways: some(6, gateway),
    cidrs: some(2, () => `198.51.${below(3)}.0/24`),
    ...(random() < 0.5 && { username: { separator: "-", zone: "zone" } }),
    billing: { ...DEFAULTS.billing, unbilledOutcomes: [] },
    alerts: { successRatio: 0.95, handshakeMilliseconds: 2000 },
  });
  const names = ["acme", "globex", "initech", "a_b", "a.b"].slice(0, 1 + below(5));
  return { ...BASE, vendors: names.map(vendor) };
}

function randomTarget(seed: number): Target {
  const random = seededRandom(seed + 1_000_000);
  return target({
    namespaces: ["crawl", "crawl-eu"].slice(0, 1 + Math.floor(random() * 2)),
    parts: { ...PARTS, catchAll: random() < 0.5, telemetry: random() < 0.5 },
    module: { ...target().module, ...(random() < 0.3 && { pullSecret: "registry" }) },
  });
}

const CASES = Array.from({ length: FILES }, (_, seed) => {
  const file = randomFile(seed);
  const random = randomTarget(seed);
  // Refused: a catch-all that could not fetch its module.
  const isRefused = random.module.pullSecret !== undefined && portsOf(file, "tcp").length === 0;
  const to = isRefused ? { ...random, parts: { ...random.parts, catchAll: false } } : random;
  return { seed, file, to, objects: objectsOf(file, to) };
});

const repeated = (values: readonly string[]) => values.filter((value, index) => values.indexOf(value) !== index);

describe(`${FILES} random vendors files`, () => {
  it("never give two objects one name", () => {
    for (const { seed, objects } of CASES) expect(repeated(objects.map(nameOf)), `seed ${seed}`).toEqual([]);
  });

  it("never give two ServiceEntries of a namespace one host and port", () => {
    for (const { seed, objects } of CASES) {
      const endpoints = ofKind<ServiceEntry>(objects, "ServiceEntry").flatMap(({ metadata, spec }) =>
        spec.ports.map(({ number }) => `${metadata.namespace} ${spec.hosts[0]} ${number}`),
      );
      expect(repeated(endpoints), `seed ${seed}`).toEqual([]);
    }
  });

  it("put every port of a gateway into the match of the plugin of its mode", () => {
    for (const { seed, objects } of CASES) {
      const plugins = ofKind<WasmPlugin>(objects, "WasmPlugin");
      for (const { metadata, spec } of ofKind<ServiceEntry>(objects, "ServiceEntry")) {
        for (const { number, protocol } of spec.ports) {
          const type = protocol === "HTTP" ? "HTTP" : "NETWORK";
          const plugin = plugins.find((one) => one.metadata.namespace === metadata.namespace && one.spec.type === type);
          expect(plugin?.spec.match[0]?.ports, `seed ${seed}`).toContainEqual({ number });
        }
      }
    }
  });

  it("declare every endpoint of theirs", () => {
    for (const { seed, file, objects } of CASES) {
      const entries = ofKind<ServiceEntry>(objects, "ServiceEntry").map(({ spec }) => spec);
      const gateways = file.vendors.flatMap((vendor) => vendor.gateways);
      for (const { host, addresses, ports } of gateways) {
        for (const port of ports) {
          const having = entries.filter((entry) => entry.ports.some(({ number }) => number === port));
          for (const address of addresses) {
            expect(
              having.some((entry) => entry.addresses?.includes(address)),
              `seed ${seed}`,
            ).toBe(true);
          }
          // A host without addresses here may have them, and its listener, from another entry.
          const same = gateways.filter(
            (other) => host !== undefined && other.host?.toLowerCase() === host.toLowerCase(),
          );
          if (same.some((other) => other.addresses.length > 0)) continue;
          if (host !== undefined)
            expect(
              having.map(({ hosts }) => hosts[0]),
              `seed ${seed}`,
            ).toContain(host.toLowerCase());
        }
      }
    }
  });

  it("give no plugin without a port, which would sit on every listener", () => {
    for (const { seed, objects } of CASES) {
      for (const { spec } of ofKind<WasmPlugin>(objects, "WasmPlugin")) {
        expect(spec.match.flatMap(({ ports }) => ports).length, `seed ${seed}`).toBeGreaterThan(0);
      }
    }
  });

  it("label every object as ours", () => {
    for (const { objects } of CASES) {
      for (const { metadata } of objects) expect(metadata.labels?.[MANAGED_BY_LABEL]).toBe(MANAGED_BY);
    }
  });

  it("give the same text when they are read again", () => {
    for (const { seed, to, objects } of CASES.slice(0, RENDERED)) {
      // But for the rules: their text is long, and the same whatever the file says.
      const render = (all: readonly KubeObject[]) =>
        renderStream(
          all.filter(({ metadata }) => metadata.name !== RULES),
          to,
        );
      expect(render(objectsOf(randomFile(seed), to)), `seed ${seed}`).toBe(render(objects));
    }
  });

  it("make configurations that the filter reads without an error", () => {
    const [[, core] = []] = CORES;
    for (const { seed, file, to } of CASES) {
      core?.call.configure(core.input(JSON.stringify(pluginConfigOf(file, to))));
      expect(core?.output(), `seed ${seed}`).toMatch(/^usable errors=0 /);
    }
  });
});
