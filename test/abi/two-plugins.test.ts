// SPDX-License-Identifier: Apache-2.0
/**
 * A network plugin and an HTTP plugin of one module on one listener of a real Envoy, so in one VM: each serves its own streams,
 * and what happens to one of them leaves the other alone.
 */
import http from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { REQUESTS, ROOT_HTTP, ROOT_NETWORK, VENDOR_REQUESTS } from "../../filter/core/contract.ts";
import { listen } from "../../loadgen/listener.ts";
import type { Sample } from "../envoy/driver/exposition.ts";
import { discoveredFilter, httpManager, listener, type WasmPlugin } from "./envoy/config.ts";
import { type Reconfigurable, startReconfigurable } from "./envoy/reconfigurable.ts";
import { CLUSTER, filterConfiguration, sumOf } from "./envoy/subjects.ts";
import { FILTER, sampleFilter } from "./files.ts";

const ROUNDS = 8;
const LISTENER = "gateway";

interface Pair {
  title: string;
  network(round: number): WasmPlugin;
  http(round: number): WasmPlugin;
  /** Requests that the HTTP plugin has counted. */
  requests(samples: readonly Sample[]): number;
}

const PAIRS: readonly Pair[] = [
  {
    title: "the filter",
    network: (round) => ({
      kind: "network",
      module: FILTER,
      rootId: ROOT_NETWORK,
      configuration: filterConfiguration(round),
    }),
    http: (round) => ({ kind: "http", module: FILTER, rootId: ROOT_HTTP, configuration: filterConfiguration(round) }),
    requests: (samples) => sumOf(samples, VENDOR_REQUESTS),
  },
  {
    title: "a filter of two roots on the base classes",
    network: (round) => twoRoots("network", round),
    http: (round) => twoRoots("http", round),
    requests: (samples) => sumOf(samples, "sample_two_requests_total"),
  },
];

function twoRoots(kind: WasmPlugin["kind"], round: number): WasmPlugin {
  return { kind, module: sampleFilter("two-roots"), rootId: `two_${kind}`, configuration: `${kind}-${round}` };
}

let site: { port: number; close(): Promise<void> };
let envoy: Reconfigurable;
let agent: http.Agent;

beforeEach(async () => {
  site = await listen(
    http.createServer((request, response) => void request.resume().on("end", () => response.end("answer"))),
  );
  envoy = await startReconfigurable([{ name: CLUSTER, port: site.port }]);
  agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
});

afterEach(async () => {
  agent?.destroy();
  await envoy?.stop();
  await site?.close();
});

/** One request on the kept connection; resolves to its status and body. */
function ask(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { port, host: "127.0.0.1", agent, method: "POST", headers: { host: "shop.example" } },
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
        response.on("end", () => resolve(`${response.statusCode} ${body}`));
      },
    );
    request.on("error", reject).end("question");
  });
}

async function startPair({ network, http }: Pair): Promise<number> {
  envoy.writeFilter("outer", network(0));
  envoy.writeFilter("inner", http(0));
  const inner = discoveredFilter("inner", "http", envoy.filterFile("inner"));
  const outer = discoveredFilter("outer", "network", envoy.filterFile("outer"));
  await envoy.pushListeners([listener(LISTENER, [outer, httpManager(CLUSTER, [inner])])]);
  return envoy.port(LISTENER);
}

async function expectRequests({ requests }: Pair, count: number): Promise<void> {
  await envoy.appears(`${count} requests`, (samples) => requests(samples) === count);
  expect(envoy.log.broken()).toEqual([]);
}

describe.each(PAIRS)("$title", (pair) => {
  it("serves both plugins from one VM on each thread", async () => {
    const port = await startPair(pair);
    expect(await ask(port)).toBe("200 answer");
    await expectRequests(pair, 1);
    expect(await envoy.stat("wasm.envoy.wasm.runtime.v8.created")).toBeLessThanOrEqual(CREATED_FOR_TWO_PLUGINS);
  });

  it("goes on with one plugin while the other is configured again and again", async () => {
    const port = await startPair(pair);
    for (let round = 1; round <= ROUNDS; round += 1) {
      await envoy.pushFilter("outer", pair.network(round));
      expect(await ask(port)).toBe("200 answer");
      await envoy.pushFilter("inner", pair.http(round));
      expect(await ask(port)).toBe("200 answer");
    }
    await expectRequests(pair, 2 * ROUNDS);
  });
});

describe("the filter", () => {
  it("counts a request that both plugins see once, with its host and protocol", async () => {
    const [filter] = PAIRS;
    if (filter === undefined) throw new Error("no pair");
    const port = await startPair(filter);
    for (let count = 0; count < 3; count += 1) await ask(port);
    const samples = await envoy.appears("3 requests", (found) => sumOf(found, REQUESTS) === 3);
    const rows = samples.filter(({ name, value }) => name === REQUESTS && value > 0).map(({ labels }) => labels);
    expect(rows).toMatchObject([
      { destination_host: "shop.example", protocol: "http", response_code: "200", outcome: "ok" },
    ]);
  });

  it("attributes a request without a vendor header to its upstream cluster, with the HTTP plugin alone", async () => {
    envoy.writeFilter("inner", {
      kind: "http",
      module: FILTER,
      rootId: ROOT_HTTP,
      configuration: filterConfiguration(0),
    });
    const inner = discoveredFilter("inner", "http", envoy.filterFile("inner"));
    await envoy.pushListeners([listener(LISTENER, [httpManager(CLUSTER, [inner])])]);
    await ask(await envoy.port(LISTENER));
    const samples = await envoy.appears("1 request", (found) => sumOf(found, VENDOR_REQUESTS) === 1);
    const rows = samples.filter(({ name, value }) => name === VENDOR_REQUESTS && value > 0).map(({ labels }) => labels);
    expect(rows).toEqual([{ proxy_vendor: "acme" }]);
  });
});

/** The one that was loaded, a trial for each configuration, and one for each of main thread and worker. */
const CREATED_FOR_TWO_PLUGINS = 5;
