// SPDX-License-Identifier: Apache-2.0
/**
 * What `detail: "counters"` leaves out, and what it must not change: the same requests through two Envoys, one in full detail.
 */
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { sidecarBootstrap } from "../../demo/envoy/bootstrap.ts";
import { type Envoy, startEnvoy } from "../../demo/envoy/envoy.ts";
import { findFilter } from "../../demo/paths.ts";
import { poll } from "../../demo/poll.ts";
import { Teardown } from "../../demo/teardown.ts";
import { listen } from "../../loadgen/listener.ts";
import { parseExposition, type Sample } from "./driver/exposition.ts";

const CLUSTER = "outbound|80||api.acme.example";
const DETAILS = ["full", "counters"] as const;
type Detail = (typeof DETAILS)[number];

/** Answers with and without a length, bodies both ways, faults of the site and of the vendor. */
const REQUESTS = [
  { path: "/sized", body: "" },
  { path: "/chunked", body: "" },
  { path: "/sized", body: "x".repeat(3000) },
  { path: "/sized", body: "y".repeat(50), isChunked: true },
  { path: "/sized?status=404", body: "" },
  { path: "/chunked?status=503", body: "" },
];

const teardown = new Teardown();
const counted = new Map<Detail, Sample[]>();

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://x");
  response.statusCode = Number(url.searchParams.get("status") ?? 200);
  if (url.pathname === "/sized") response.setHeader("content-length", 700);
  request.resume().on("end", () => {
    response.write("a".repeat(100));
    response.end("b".repeat(600));
  });
}

beforeAll(async () => {
  const server = http.createServer(answer);
  const { port } = await listen(server);
  teardown.add(() => void server.close());
  for (const detail of DETAILS) {
    const envoy = await start(detail, port);
    for (const request of REQUESTS) await send(envoy.ports.get(CLUSTER) ?? 0, request);
    counted.set(detail, await whenAllCounted(envoy));
  }
});
afterAll(() => teardown.run());

function start(detail: Detail, port: number): Promise<Envoy> {
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-test-"));
  teardown.add(() => rmSync(folder, { recursive: true }));
  const configuration = JSON.stringify({ detail, vendors: [{ name: "acme", gateways: [] }] });
  const routes = [{ cluster: CLUSTER, upstream: { host: "127.0.0.1", port }, chain: "http" as const }];
  const pod = { name: "crawler-0", namespace: "crawl", labels: {} };
  return startEnvoy({
    name: detail,
    bootstrap: sidecarBootstrap({ pod, routes, plugin: { module: findFilter(), configuration } }),
    folder,
    concurrency: 1,
    tool: inject("envoyTool") ?? "envoy",
    signal: AbortSignal.timeout(20_000),
    onChild: (child) => teardown.add(() => child.stop()),
  });
}

function send(port: number, { path, body, isChunked }: { path: string; body: string; isChunked?: boolean }) {
  const headers = { host: "shop.example", "x-proxy-vendor": "acme", connection: "close" };
  const length = isChunked ? { "transfer-encoding": "chunked" } : { "content-length": body.length };
  return new Promise<void>((resolve, reject) => {
    const request = http.request({ port, path, method: "POST", headers: { ...headers, ...length } });
    request.on("error", reject).on("response", (response) => response.resume().on("end", resolve));
    request.end(body);
  });
}

function whenAllCounted(envoy: Envoy): Promise<Sample[]> {
  return poll(
    async () => {
      const samples = parseExposition(await envoy.ask("/stats/prometheus?filter=proxymeter"));
      const requests = samples.filter(({ name }) => name === "proxymeter_vendor_requests_total");
      return requests.some(({ value }) => value === REQUESTS.length) ? samples : undefined;
    },
    {
      what: "the requests to be counted",
      deadlineMs: 10_000,
      everyMs: 100,
      signal: new AbortController().signal,
      hint: "",
    },
  );
}

/** Values by name and labels, the HTTP version left out. */
function values(detail: Detail, names: RegExp): Record<string, number> {
  const samples = (counted.get(detail) ?? []).filter(({ name }) => names.test(name));
  return Object.fromEntries(
    samples.map(({ name, labels, value }) => [`${name} ${JSON.stringify({ ...labels, protocol_version: "" })}`, value]),
  );
}

it("counts the same requests and bytes with and without detail", () => {
  const names = /^proxymeter_(vendor_|requests|sent|received|failed)/;
  expect(Object.keys(values("full", names)).length).toBeGreaterThan(8);
  expect(values("counters", names)).toEqual(values("full", names));
});

it("takes no times without detail", () => {
  const names = /milliseconds/;
  expect(Object.keys(values("full", names)).length).toBeGreaterThan(0);
  expect(values("counters", names)).toEqual({});
});

it("names no HTTP version without detail", () => {
  const versions = (detail: Detail) =>
    new Set((counted.get(detail) ?? []).flatMap(({ labels }) => labels.protocol_version ?? []));
  expect([versions("full"), versions("counters")]).toEqual([new Set(["1.1"]), new Set(["none"])]);
});
