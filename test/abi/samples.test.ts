// SPDX-License-Identifier: Apache-2.0
/**
 * The filters on the base classes at their work in a real Envoy: headers, HTTP calls, local answers, timers, shared data, queues.
 */
import http from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listen } from "../../loadgen/listener.ts";
import { httpManager, listener, tcpProxy, type WasmPlugin, wasmFilter } from "./envoy/config.ts";
import { type Reconfigurable, startReconfigurable } from "./envoy/reconfigurable.ts";
import { sumOf } from "./envoy/subjects.ts";
import { sampleFilter } from "./files.ts";

const SITE = "site";
const JUDGE = "judge";
const LISTENER = "in";

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

interface Server {
  port: number;
  close(): Promise<void>;
}

/** Heads of the requests that the site got. */
let arrived: http.IncomingHttpHeaders[];
let site: Server;
let judge: Server;
let envoy: Reconfigurable;

beforeEach(async () => {
  arrived = [];
  site = await listen(
    http.createServer((request, response) => {
      arrived.push(request.headers);
      request.resume().on("end", () => response.end("0123456789"));
    }),
  );
  // Says yes to everything but /no, and hangs up on /hang.
  judge = await listen(
    http.createServer((request, response) => {
      if (request.url === "/hang") request.socket.destroy();
      else response.writeHead(request.url === "/no" ? 451 : 200).end();
    }),
  );
  envoy = await startReconfigurable([
    { name: SITE, port: site.port },
    { name: JUDGE, port: judge.port },
  ]);
});

afterEach(async () => {
  const broken = envoy?.log.broken();
  await envoy?.stop();
  await Promise.all([site?.close(), judge?.close()]);
  expect(broken).toEqual([]);
});

function sample(kind: WasmPlugin["kind"], name: string, configuration: string): WasmPlugin {
  return { kind, module: sampleFilter(name), rootId: `sample_${name}`, configuration };
}

async function startHttp(name: string, configuration: string): Promise<number> {
  const filter = wasmFilter(name, sample("http", name, configuration));
  await envoy.pushListeners([listener(LISTENER, [httpManager(SITE, [filter])])]);
  return envoy.port(LISTENER);
}

function ask(port: number, path: string, headers: Record<string, string> = {}, body = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, agent: false, method: "POST", headers } as const;
    const request = http.request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.on("error", reject).end(body);
  });
}

describe("an HTTP filter", () => {
  it("adds a response header from its configuration and removes a request header", async () => {
    const port = await startHttp("http", "configured");
    const { headers } = await ask(port, "/", { "x-secret": "1", "x-kept": "2" });
    expect(headers["x-sample"]).toBe("configured");
    expect(arrived).toMatchObject([{ "x-kept": "2" }]);
    expect(arrived[0]).not.toHaveProperty("x-secret");
  });

  it("counts requests and body bytes of both directions", async () => {
    const port = await startHttp("http", "configured");
    await ask(port, "/", {}, "question");
    await ask(port, "/", {}, "question");
    const samples = await envoy.appears("2 requests", (found) => sumOf(found, "sample_http_requests_total") === 2);
    expect(sumOf(samples, "sample_http_sent_bytes_total")).toBe(2 * "question".length);
    expect(sumOf(samples, "sample_http_received_bytes_total")).toBe(2 * 10);
  });
});

describe("an HTTP filter that asks another cluster", () => {
  it("holds the request until the answer is there, and lets it go on", async () => {
    const port = await startHttp("ask", JUDGE);
    expect(await ask(port, "/yes", {}, "question")).toMatchObject({ status: 200, body: "0123456789" });
    expect(arrived).toMatchObject([{ "x-judged": "200" }]);
  });

  it("answers in the site's place where the answer is no", async () => {
    const port = await startHttp("ask", JUDGE);
    expect(await ask(port, "/no")).toMatchObject({ status: 403, body: "refused: 451", headers: { "x-judged": "451" } });
    expect(arrived).toEqual([]);
  });

  it("is told when there is no cluster of that name", async () => {
    const port = await startHttp("ask", "nobody");
    expect(await ask(port, "/yes")).toMatchObject({ status: 403, body: "refused: not asked" });
  });

  it("is told when the cluster does not answer", async () => {
    const port = await startHttp("ask", JUDGE);
    expect((await ask(port, "/hang")).status).toBe(403);
  });

  it("serves many at a time", async () => {
    const port = await startHttp("ask", JUDGE);
    const paths = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? "/yes" : "/no"));
    const answers = await Promise.all(paths.map((path) => ask(port, path)));
    expect(answers.map(({ status }) => status)).toEqual(paths.map((path) => (path === "/yes" ? 200 : 403)));
  });
});

describe("a filter of a root context alone", () => {
  async function startRoot(name: string, configuration: string): Promise<void> {
    const filter = wasmFilter(name, sample("network", name, configuration));
    await envoy.pushListeners([listener(LISTENER, [filter, tcpProxy(SITE)])]);
  }

  it("ticks, and counts its ticks in shared data", async () => {
    await startRoot("ticker", "50");
    await envoy.appears("5 ticks", (found) => sumOf(found, "sample_ticks") >= 5);
  });
});
