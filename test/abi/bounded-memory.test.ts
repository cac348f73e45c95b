// SPDX-License-Identifier: Apache-2.0
/**
 * The filter where memory can't grow, and with a configuration as large as anybody can push: what is new is refused and counted,
 * what there is goes on, and once there is room again the next connection is metered.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CONFIG_ERRORS, REFUSED_STREAMS, ROOT_NETWORK } from "../../filter/core/contract.ts";
import { vendorBooks } from "../envoy/driver/books.ts";
import { filterConfiguration, sumOf } from "./envoy/subjects.ts";
import { FILTER } from "./files.ts";
import type { Connection } from "./host/streams.ts";
import { type Plugin, Vm } from "./host/vm.ts";
import { World } from "./host/world.ts";
import { withMemoryLimit } from "./variants.ts";

const CLUSTER = { "xds.cluster_name": "outbound|8080||gw.acme.example" };
const TOO_MANY = 10_000;
const head = Buffer.from("CONNECT shop.example:443 HTTP/1.1\r\n\r\n");

function start(module: WebAssembly.Module, configuration: string = filterConfiguration(0)): Plugin {
  return new Vm(module, new World()).startPlugin({ rootId: ROOT_NETWORK, configuration });
}

function openMany(plugin: Plugin): Connection[] {
  return Array.from({ length: TOO_MANY }, () => plugin.openConnection(CLUSTER));
}

function sentBytes(plugin: Plugin): number {
  plugin.tick();
  return vendorBooks(plugin.vm.world.samples(), "acme").bytes[0];
}

describe("where memory can't grow, the filter", () => {
  it("lets every connection pass and counts those that it has no room for", () => {
    const plugin = start(withMemoryLimit(FILTER, 0));
    const answers = openMany(plugin).map((connection) => connection.sent(head));
    expect(new Set(answers)).toEqual(new Set([0]));
    plugin.tick();
    expect(refused(plugin)).toBeGreaterThan(0);
  });

  it("meters the next connection once the many are gone, or counts it as refused", () => {
    const plugin = start(withMemoryLimit(FILTER, 0));
    for (const connection of openMany(plugin)) {
      connection.sent(head);
      connection.close();
    }
    const [before, refusedBefore] = [sentBytes(plugin), refused(plugin)];
    const next = plugin.openConnection(CLUSTER);
    next.sent(head);
    next.close();
    const [metered, counted] = [sentBytes(plugin) - before, refused(plugin) - refusedBefore];
    expect([metered, counted]).toEqual(metered > 0 ? [head.length, 0] : [0, 1]);
  });

  it("starts without a vendor rather than not at all where even the configuration does not fit", () => {
    const plugin = start(withMemoryLimit(FILTER, 0), largeConfiguration(900_000));
    expect(plugin.openConnection(CLUSTER).sent(head)).toBe(0);
    expect(sumOf(plugin.vm.world.samples(), CONFIG_ERRORS)).toBeGreaterThan(0);
  });
});

describe("where memory can grow, the filter", () => {
  it("takes a configuration of almost 1 MiB", () => {
    const plugin = start(built(), largeConfiguration(1_000_000));
    plugin.openConnection(CLUSTER).sent(head);
    expect(sentBytes(plugin)).toBe(head.length);
    expect(sumOf(plugin.vm.world.samples(), CONFIG_ERRORS)).toBe(0);
  });

  it("refuses one of 10 MB by its size: nothing is attributed, and the gauge says so", () => {
    const plugin = start(built(), largeConfiguration(10_000_000));
    expect(plugin.openConnection(CLUSTER).sent(head)).toBe(0);
    expect(sumOf(plugin.vm.world.samples(), CONFIG_ERRORS)).toBe(1);
    expect(plugin.vm.memory.size).toBe(start(built()).vm.memory.size);
  });

  it("gives the memory of ended connections to new ones", () => {
    const plugin = start(built());
    const peak = openMany(plugin);
    const { size } = plugin.vm.memory;
    for (const connection of peak) connection.close();
    for (let round = 0; round < 3; round += 1) for (const connection of openMany(plugin)) connection.close();
    expect(plugin.vm.memory.size).toBe(size);
  });
});

function built(): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(FILTER));
}

function refused(plugin: Plugin): number {
  return sumOf(plugin.vm.world.samples(), REFUSED_STREAMS);
}

/** A right configuration of about so many bytes: a vendor with many gateways. */
function largeConfiguration(size: number): string {
  const gateways = Array.from({ length: size / GATEWAY_BYTES }, (_, index) => ({
    host: gatewayHost(index),
    port: 3128,
  }));
  const acme = { name: "acme", gateways: [{ host: "gw.acme.example", port: 8080 }] };
  return JSON.stringify({ vendors: [acme, { name: "globex", gateways }] });
}

function gatewayHost(index: number): string {
  return `gw-${String(index).padStart(6, "0")}.globex.example`;
}

/** Of one gateway in JSON. */
const GATEWAY_BYTES = JSON.stringify({ host: gatewayHost(0), port: 3128 }).length + 1;
