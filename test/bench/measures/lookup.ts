// SPDX-License-Identifier: Apache-2.0
/**
 * The look-up of a gateway's vendor: ten thousand prefixes against ten. In the compiled core over a million different addresses, and
 * in Envoy over ten thousand gateways on loopback addresses, each of which gets a tunnel.
 */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { bootstrap, listener, tcpFilters } from "../envoy/bootstrap.ts";
import { sumOf } from "../envoy/counters.ts";
import { ourNetworkPlugin, settings } from "../envoy/filters.ts";
import { addressesIn, prefixes } from "../envoy/prefixes.ts";
import { interleave } from "../interleave.ts";
import { ALL_LOOPBACK, startGateway } from "../load/outside.ts";
import { visitMany } from "../load/tunnels.ts";
import { cpuNanoseconds } from "../process.ts";
import type { Rig } from "../rig.ts";
import { ratio, typical } from "../statistics.ts";
import type { Finding } from "../verdict.ts";
import { type Measure, turns } from "./measure.ts";

const MANY = 10_000;
const FEW = 10;
const ADDRESSES = 1_000_000;
const GATEWAYS = 10_000;
/** Bytes between two addresses, as `peers/lookup.ts` has them. */
const STRIDE = 24;
/** Not the form of a mesh's cluster names, so that the address decides. */
const CLUSTER = "gateways";
const PAYLOAD = Buffer.alloc(1024, 0x2e);
const AT_A_TIME = 32;
/** Longer than the filter takes to tell how much memory it has. */
const TICK_MS = 1500;

export const lookup: Measure = {
  name: "lookup",
  run: async (rig) => [await inModule(rig), ...(await inEnvoy(rig))],
};

function configuration(prefixCount: number) {
  const gateways = prefixes(prefixCount).map((address) => ({ address }));
  return settings({ vendors: [{ name: "acme", gateways }] });
}

interface Exports {
  memory: WebAssembly.Memory;
  room(size: number): number;
  configure(text: number, length: number): number;
  lookUp(texts: number, count: number): number;
  read(texts: number, count: number): number;
  _initialize(): void;
}

async function inModule(rig: Rig): Promise<Finding> {
  const module = await WebAssembly.compile(readFileSync(rig.modules.lookup));
  const many = lookUps(module, MANY);
  const few = lookUps(module, FEW);
  const variants = {
    many: async () => many.run(),
    few: async () => few.run(),
    reading: async () => many.read(),
  };
  const samples = await interleave(variants, turns(rig, "lookup in the module", rig.many(31, 5)));
  return {
    id: "lookup/module",
    ours: typical(samples.many),
    theirs: typical(samples.few),
    result: ratio(samples.many, samples.few),
    note: `${typical(samples.reading).value.toFixed(0)} ns of it is the reading of an address from text`,
  };
}

/** Nanoseconds for an address, by a module that has been given the prefixes and the addresses. */
function lookUps(module: WebAssembly.Module, prefixCount: number) {
  const exports = new WebAssembly.Instance(module, {}).exports as unknown as Exports;
  exports._initialize();
  const text = Buffer.from(JSON.stringify(configuration(prefixCount)));
  const address = exports.room(text.length);
  new Uint8Array(exports.memory.buffer).set(text, address);
  if (exports.configure(address, text.length) !== 1) throw new Error("the module refuses the configuration");
  const all = addressesIn(ADDRESSES, prefixCount);
  const texts = exports.room(ADDRESSES * STRIDE);
  const bytes = Buffer.from(exports.memory.buffer);
  for (const [index, ip] of all.entries()) bytes.write(`${ip}:8080\0`, texts + index * STRIDE, "latin1");
  const timed = (work: (texts: number, count: number) => number) => {
    const start = performance.now();
    const found = work(texts, ADDRESSES);
    if (found !== ADDRESSES) throw new Error(`the module knows ${found} addresses (expected ${ADDRESSES})`);
    return ((performance.now() - start) * 1e6) / ADDRESSES;
  };
  return { run: () => timed(exports.lookUp), read: () => timed(exports.read) };
}

async function inEnvoy(rig: Rig): Promise<Finding[]> {
  const gateway = await startGateway(ALL_LOOPBACK);
  rig.owns(gateway.stop);
  const starting = async (prefixCount: number) => {
    const plugin = ourNetworkPlugin(rig.modules.filter, configuration(prefixCount));
    const endpoints = addressesIn(GATEWAYS, prefixCount).map((host) => ({ host, port: gateway.port }));
    return rig.start({
      bootstrap: bootstrap([listener("tunnels", tcpFilters(CLUSTER, [plugin]))], { [CLUSTER]: endpoints }),
    });
  };
  const envoys = { many: await starting(MANY), few: await starting(FEW) };
  const count = rig.many(640, 128);
  const opening = (name: keyof typeof envoys) => async () => {
    const { child, ports } = envoys[name];
    const before = cpuNanoseconds(child.pid);
    await visitMany(ports.get("tunnels") ?? 0, count, AT_A_TIME, PAYLOAD);
    return (cpuNanoseconds(child.pid) - before) / count / 1000;
  };
  const memory = async () => {
    await delay(TICK_MS);
    return sumOf(await envoys.many.ask("/stats/prometheus"), "proxymeter_memory_bytes");
  };
  await visitMany(envoys.many.ports.get("tunnels") ?? 0, 4 * count, 2 * AT_A_TIME, PAYLOAD);
  const before = await memory();
  const variants = { many: opening("many"), few: opening("few") };
  const samples = await interleave(variants, turns(rig, "lookup in Envoy", rig.many(21, 5)));
  const exposition = await envoys.many.ask("/stats/prometheus");
  const counted = sumOf(
    exposition.replaceAll(/^.*proxy_vendor="(?!acme).*$/gm, ""),
    "proxymeter_vendor_requests_total",
  );
  if (counted < count) throw new Error(`the filter knew ${counted} of the gateways' tunnels (expected all)`);
  const growth = typical([(await memory()) - before]);
  await Promise.all(Object.values(envoys).map((envoy) => envoy.stop()));
  return [
    {
      id: "lookup/envoy",
      ours: typical(samples.many),
      theirs: typical(samples.few),
      result: ratio(samples.many, samples.few),
    },
    { id: "lookup/memory", ours: growth, result: growth, note: `${before} bytes after the first ${4 * count} tunnels` },
  ];
}
