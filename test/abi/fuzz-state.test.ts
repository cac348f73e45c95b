// SPDX-License-Identifier: Apache-2.0
/**
 * Damaged configurations, damaged lists of series in shared data, and hostile headers through the compiled filter, without a proxy:
 * none traps, none is refused, and the next connection is metered.
 */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT_HTTP, ROOT_NETWORK, SHARED_SERIES, VENDOR_REQUESTS } from "../../filter/core/contract.ts";
import { type Random, seededRandom } from "../../loadgen/random.ts";
import { vendorBooks } from "../envoy/driver/books.ts";
import { sumOf } from "./envoy/subjects.ts";
import { FILTER } from "./files.ts";
import type { HeaderList } from "./host/context.ts";
import { Vm } from "./host/vm.ts";
import { World } from "./host/world.ts";
import { below, mutate } from "./mutations.ts";

const SEED = 20_260_921;
const CONFIGURATIONS = 10_000;
const LISTS = 2000;
const REQUESTS = 20_000;
const TIMEOUT_MS = 60_000;
const GROWTH_LIMIT_BYTES = 65_536;

const CLUSTER = { "xds.cluster_name": "outbound|8080||gw.acme.example" };
const head = Buffer.from("CONNECT shop.example:443 HTTP/1.1\r\n\r\n");
const CONFIGURATION = JSON.stringify({
  release: "0.1.0",
  digest: "sha256:0123",
  config_hash: "abcd",
  vendors: [
    {
      name: "acme",
      gateways: [
        { host: "gw.acme.example", port: 8080 },
        { address: "203.0.113.10", port: 8080 },
        { address: "203.0.113.0/24" },
        { address: "2001:db8::/32" },
        { sni: "gw.acme.example" },
      ],
      username: { separator: "-", pool: "zone", country: "country" },
    },
    { name: "globex", gateways: [{ host: "gw.globex.example", port: 3128 }] },
  ],
  label_keys: ["proxymeter.io/vendor"],
  headers: { vendor: "x-proxy-vendor", pool: "x-proxy-pool", remove: true },
  extra: { header: "x-job", pod_label: "job" },
  limits: { series: 600, destinations: 25, pools: 10, reserve: 4 },
  fold: "none",
  exclude: ["10.0.0.0/8", "fd00::/8"],
  tick_milliseconds: 1000,
  filter_state: true,
  ledger: true,
});

let module: WebAssembly.Module;
beforeAll(() => {
  module = new WebAssembly.Module(readFileSync(FILTER));
});

describe("the configuration", () => {
  it(`damaged in ${CONFIGURATIONS} ways is taken every time, in memory that does not grow`, {
    timeout: TIMEOUT_MS,
  }, () => {
    const random = seededRandom(SEED, "configuration");
    const vm = new Vm(module, new World());
    const right = Buffer.from(CONFIGURATION);
    const run = (count: number) => {
      for (let index = 0; index < count; index += 1) {
        const plugin = vm.startPlugin({ rootId: ROOT_NETWORK });
        expect(plugin.configure(mutate(right, random, right))).toBe(1);
        const connection = plugin.openConnection(CLUSTER);
        expect(connection.sent(head)).toBe(0);
        connection.close();
        plugin.stop();
      }
    };
    run(CONFIGURATIONS / 2);
    const { size } = vm.memory;
    run(CONFIGURATIONS / 2);
    expect(vm.memory.size - size).toBeLessThanOrEqual(GROWTH_LIMIT_BYTES);
    expect(vm.world.misuse).toEqual([]);
  });
});

describe("the list of series in shared data", () => {
  it(`damaged in ${LISTS} ways is read as far as it makes sense`, { timeout: TIMEOUT_MS }, () => {
    const random = seededRandom(SEED, "series");
    const [key, list] = seriesList();
    for (let index = 0; index < LISTS; index += 1) {
      const world = new World();
      world.write(key, mutate(list, random, list), 0);
      const plugin = new Vm(module, world).startPlugin({ rootId: ROOT_NETWORK, configuration: CONFIGURATION });
      plugin.openConnection(CLUSTER).sent(head);
      plugin.tick();
      expect(vendorBooks(world.samples(), "acme").bytes).toEqual([head.length, 0]);
      expect(world.misuse).toEqual([]);
    }
  });
});

/** The list that a VM leaves behind which has metered some connections, with its key. */
function seriesList(): [key: string, list: Buffer] {
  const world = new World();
  const plugin = new Vm(module, world).startPlugin({ rootId: ROOT_NETWORK, configuration: CONFIGURATION });
  for (const host of ["a.example", "b.example", "c.example"]) {
    const connection = plugin.openConnection(CLUSTER);
    connection.sent(Buffer.from(`CONNECT ${host}:443 HTTP/1.1\r\n\r\n`));
    connection.received(Buffer.from("HTTP/1.1 200 OK\r\n\r\n"));
    connection.close();
  }
  const [entry] = [...world.shared].filter(([name]) => name.startsWith(SHARED_SERIES));
  if (entry === undefined) throw new Error(`nothing under "${SHARED_SERIES}" (expected a list of series)`);
  return [entry[0], Buffer.from(entry[1].value)];
}

describe("the HTTP plugin", () => {
  it(`takes ${REQUESTS} requests with damaged headers and counts each once`, { timeout: TIMEOUT_MS }, () => {
    const random = seededRandom(SEED, "headers");
    const world = new World();
    const plugin = new Vm(module, world).startPlugin({ rootId: ROOT_HTTP, configuration: CONFIGURATION });
    for (let index = 0; index < REQUESTS; index += 1) {
      const request = plugin.openRequest(damaged(REQUEST_HEADERS, random), random() < 0.5, {
        ...CLUSTER,
        "request.protocol": "HTTP/1.1",
      });
      if (random() < 0.5) request.requestBody(new Uint8Array(below(random, 1000)), true);
      if (random() < 0.9) request.responseHeaders(damaged(RESPONSE_HEADERS, random), random() < 0.5);
      if (random() < 0.5) request.responseBody(new Uint8Array(below(random, 1000)), true);
      request.close();
    }
    plugin.tick();
    expect(sumOf(world.samples(), VENDOR_REQUESTS)).toBe(REQUESTS);
    expect(world.misuse).toEqual([]);
  });
});

const REQUEST_HEADERS: HeaderList = [
  [":method", "POST"],
  [":path", "/a"],
  [":authority", "shop.example:8080"],
  ["content-length", "10"],
  ["x-proxy-vendor", "acme"],
  ["x-proxy-pool", "dc"],
  ["x-job", "prices"],
];
const RESPONSE_HEADERS: HeaderList = [
  [":status", "200"],
  ["content-length", "10"],
  ["proxy-status", "gw; error=dns_error"],
  ["x-envoy-upstream-service-time", "3"],
];

/** Headers of which one has another name or value; no proxy would pass on an empty name. */
function damaged(headers: HeaderList, random: Random): HeaderList {
  const chosen = below(random, headers.length);
  const changed = (text: string) => mutate(Buffer.from(text), random, Buffer.from(CONFIGURATION)).toString("latin1");
  return headers.map(([name, value], index) => {
    if (index !== chosen) return [name, value];
    return random() < 0.3 ? [changed(name) || "x", value] : [name, changed(value)];
  });
}
