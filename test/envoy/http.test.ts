// SPDX-License-Identifier: Apache-2.0
/**
 * The HTTP plugin on a chain where Envoy itself speaks HTTP: whom a request is counted for, what leaves Envoy, how it ends,
 * and how far the counted sizes are from those on the crawler's socket (docs/http-sizes.md gives the bound).
 */
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { sidecarBootstrap } from "../../demo/envoy/bootstrap.ts";
import { type Envoy, startEnvoy } from "../../demo/envoy/envoy.ts";
import { findFilter } from "../../demo/paths.ts";
import { Teardown } from "../../demo/teardown.ts";
import * as contract from "../../filter/core/contract.ts";
import { listen } from "../../loadgen/listener.ts";
import { poll } from "../../demo/poll.ts";
import { EnvoyLog } from "./driver/envoy-log.ts";
import { parseExposition, type Sample } from "./driver/exposition.ts";

const POD = { name: "crawler-0", namespace: "crawl", labels: { app: "crawler" } };
const CLUSTER = "outbound|80||api.acme.example";
const DOWN = "outbound|80||down.globex.example";
/** Bytes of one message by which the counted size may differ from the socket's: see docs/http-sizes.md. */
const BOUND = 64;

const teardown = new Teardown();
const log = new EnvoyLog();
let envoy: Envoy;
let seen: http.IncomingHttpHeaders[] = [];

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  seen.push(request.headers);
  const url = new URL(request.url ?? "/", "http://x");
  const body = Buffer.alloc(Number(url.searchParams.get("size") ?? 0), 97);
  request.resume();
  request.on("end", () => {
    if (url.pathname === "/reset") return void response.socket?.resetAndDestroy();
    response.statusCode = Number(url.searchParams.get("status") ?? 200);
    if (url.searchParams.has("chunked")) response.write(body.subarray(0, 10));
    else response.setHeader("content-length", body.length);
    response.end(url.searchParams.has("chunked") ? body.subarray(10) : body);
  });
}

beforeAll(async () => {
  const server = http.createServer(answer);
  const { port } = await listen(server);
  teardown.add(() => void server.close());
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-test-"));
  teardown.add(() => rmSync(folder, { recursive: true }));
  const configuration = {
    vendors: [
      { name: "acme", gateways: [{ host: "api.acme.example" }] },
      { name: "globex", gateways: [] },
    ],
  };
  const plugin = { module: findFilter(), configuration: JSON.stringify(configuration) };
  const routes = [
    { cluster: CLUSTER, upstream: { host: "127.0.0.1", port }, chain: "http" as const },
    { cluster: DOWN, upstream: { host: "127.0.0.1", port: 1 }, chain: "http" as const },
  ];
  envoy = await startEnvoy({
    name: POD.name,
    bootstrap: sidecarBootstrap({ pod: POD, routes, plugin }),
    folder,
    concurrency: 1,
    tool: inject("envoyTool") ?? "envoy",
    onLine: log.add,
    signal: AbortSignal.timeout(20_000),
    onChild: (child) => teardown.add(() => child.stop()),
  });
});
afterAll(() => teardown.run());

async function samples(): Promise<Sample[]> {
  return parseExposition(await envoy.ask("/stats/prometheus?filter=proxymeter"));
}

function value(all: readonly Sample[], name: string, labels: Record<string, string>): number {
  return all
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, wanted]) => sample.labels[label] === wanted))
    .reduce((sum, sample) => sum + sample.value, 0);
}

/** Waits until a counter has the value, and returns all samples of the next look: the first may fall between two counters. */
function whenCounted(name: string, labels: Record<string, string>, wanted: number): Promise<Sample[]> {
  const check = async () => {
    return value(await samples(), name, labels) === wanted ? samples() : undefined;
  };
  return poll(check, {
    what: `${name} of ${JSON.stringify(labels)} to be ${wanted}`,
    deadlineMs: 15_000,
    signal: new AbortController().signal,
    detail: () => log.tail(),
    hint: "see filter/http.ts",
  });
}

interface Exchanged {
  status: number;
  sent: number;
  received: number;
}

/** One HTTP/1.1 request on a connection of its own, and what its socket carried. */
function request(port: number, head: string[], body = ""): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1");
    const text = `${[...head, "Connection: close"].join("\r\n")}\r\n\r\n${body}`;
    let received = "";
    socket.on("data", (data) => {
      received += data.toString("latin1");
    });
    socket.on("error", reject);
    socket.on("close", () => {
      resolve({ status: Number(received.slice(9, 12)), sent: text.length, received: received.length });
    });
    socket.write(text);
  });
}

const portOf = (cluster: string) => envoy.ports.get(cluster) ?? 0;

describe("a request with the vendor header", () => {
  it("is counted for that vendor and pool, and leaves Envoy without the headers", async () => {
    seen = [];
    const head = [
      "GET /x HTTP/1.1",
      "Host: one.example",
      "X-Proxy-Vendor: Globex",
      "X-Proxy-Pool: res1",
      "X-Other: kept",
    ];
    expect((await request(portOf(CLUSTER), head)).status).toBe(200);
    expect(seen[0]).toMatchObject({ "x-other": "kept" });
    expect(Object.keys(seen[0] ?? {})).not.toContain("x-proxy-vendor");
    expect(Object.keys(seen[0] ?? {})).not.toContain("x-proxy-pool");
    const labels = {
      proxy_vendor: "globex",
      proxy_pool: "res1",
      destination_host: "one.example",
      protocol: "http",
      protocol_version: "1.1",
      response_code: "200",
      outcome: "ok",
    };
    await whenCounted(contract.REQUESTS, labels, 1);
  });

  it("that names nobody is counted for other", async () => {
    await request(portOf(CLUSTER), ["GET / HTTP/1.1", "Host: two.example", "X-Proxy-Vendor: nobody"]);
    await whenCounted(contract.REQUESTS, { proxy_vendor: "other", destination_host: "two.example" }, 1);
  });
});

describe("a request without the vendor header", () => {
  it("is counted for the vendor of the upstream cluster", async () => {
    await request(portOf(CLUSTER), ["GET /?status=404 HTTP/1.1", "Host: three.example:8080"]);
    const labels = {
      proxy_vendor: "acme",
      destination_host: "three.example:8080",
      outcome: "target_error",
      response_code: "404",
    };
    await whenCounted(contract.REQUESTS, labels, 1);
  });

  it("over HTTP/2 has that version", async () => {
    const session = http2.connect(`http://127.0.0.1:${portOf(CLUSTER)}`);
    const stream = session.request({ ":path": "/?size=1000", ":authority": "h2.example" });
    for await (const _chunk of stream);
    session.close();
    await whenCounted(contract.REQUESTS, { destination_host: "h2.example", protocol_version: "2", outcome: "ok" }, 1);
  });

  it("that the upstream breaks off is a reset with no code", async () => {
    await request(portOf(CLUSTER), ["GET /reset HTTP/1.1", "Host: reset.example"]);
    await whenCounted(
      contract.REQUESTS,
      { destination_host: "reset.example", response_code: "0", outcome: "reset" },
      1,
    );
  });
});

describe("an upstream that can't be reached", () => {
  it("gives one request without a code, and none of Envoy's own answer is counted", async () => {
    const { status } = await request(portOf(DOWN), ["GET / HTTP/1.1", "Host: down.example", "X-Proxy-Vendor: globex"]);
    expect(status).toBe(503);
    const all = await whenCounted(
      contract.REQUESTS,
      { destination_host: "down.example", response_code: "0", outcome: "vendor_unreachable" },
      1,
    );
    expect(value(all, contract.RECEIVED_BYTES, { destination_host: "down.example" })).toBe(0);
  });
});

describe("counted sizes are within the bound of those on the socket", () => {
  it.each([
    ["a small answer", "small.example", "/?size=3", [], ""],
    ["an answer of 1 MB", "large.example", "/?size=1000000", [], ""],
    ["a chunked answer", "chunked.example", "/?size=5000&chunked=1", [], ""],
    ["a body of 100 kB", "upload.example", "/", ["Content-Length: 100000"], "b".repeat(100_000)],
    [
      "a request with twenty headers",
      "headers.example",
      "/",
      Array.from({ length: 20 }, (_, n) => `X-Header-${n}: value`),
      "",
    ],
    ["an answer that is an error", "error.example", "/?status=500&size=10", [], ""],
  ])("for %s", async (_name, host, path, headers, body) => {
    const method = body === "" ? "GET" : "POST";
    const got = await request(portOf(CLUSTER), [`${method} ${path} HTTP/1.1`, `Host: ${host}`, ...headers], body);
    const all = await whenCounted(contract.REQUESTS, { destination_host: host }, 1);
    const counted = {
      sent: value(all, contract.SENT_BYTES, { destination_host: host }),
      received: value(all, contract.RECEIVED_BYTES, { destination_host: host }),
    };
    const difference = { sent: counted.sent - got.sent, received: counted.received - got.received };
    expect(Math.abs(difference.sent), JSON.stringify(difference)).toBeLessThanOrEqual(BOUND);
    expect(Math.abs(difference.received), JSON.stringify(difference)).toBeLessThanOrEqual(BOUND);
  });
});

it("no byte of these requests is counted a second time by the network plugin", async () => {
  const all = await samples();
  expect(
    value(all, contract.SENT_BYTES, { protocol: "connect" }) + value(all, contract.SENT_BYTES, { protocol: "tcp" }),
  ).toBe(0);
  expect(value(all, contract.VENDOR_SENT_BYTES, {})).toBe(value(all, contract.SENT_BYTES, {}));
  expect(value(all, contract.VENDOR_RECEIVED_BYTES, {})).toBe(value(all, contract.RECEIVED_BYTES, {}));
});
