// SPDX-License-Identifier: Apache-2.0
/**
 * The page's server: on loopback, for this machine's browsers only. Answers with the page, the dashboards, and what
 * Prometheus says to the few questions the page may ask.
 */
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Assets, loadAssets } from "./assets.ts";
import { type DashboardFile, readDashboards } from "./dashboards.ts";
import { ViewFailure } from "./failure.ts";
import { contentSecurityPolicy, refusalOf, securityHeaders } from "./policy.ts";
import { ANSWER_BYTES, errorBody, isQuestion, questionOf, type Upstream } from "./upstream.ts";

const BODY_BYTES = 65_536;
const QUESTIONS_AT_ONCE = 32;
const REQUEST_TIMEOUT_MS = 10_000;
const JSON_TYPE = "application/json; charset=utf-8";

export interface ViewOptions {
  upstream: Upstream;
  /** Folder of the dashboards' JSON. */
  dashboards: string;
  /** How often Prometheus scrapes the pods, in seconds: what `$__rate_interval` rests on. */
  scrapeIntervalSeconds: number;
  /** What the page shows at first, such as `now-5m`, instead of what the dashboards say. */
  from?: string;
  /** 0, and unless told, any free one. */
  port?: number;
}

export interface View {
  /** `http://127.0.0.1:PORT/` */
  url: string;
  /** Stops listening and cuts what is open. */
  close(): Promise<void>;
}

interface Site {
  assets: Assets;
  dashboards: readonly DashboardFile[];
  options: ViewOptions;
  port: () => number;
  /** How many questions Prometheus is answering. */
  asking: number;
}

interface Answer {
  status: number;
  type: string;
  body: string | Buffer;
}

/**
 * Starts the server.
 *
 * @throws ViewFailure E_PORT_IN_USE, E_DASHBOARDS
 */
export async function startView(options: ViewOptions): Promise<View> {
  const assets = loadAssets();
  const headers = securityHeaders(contentSecurityPolicy(assets.importMapHash));
  const server = http.createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS });
  const port = () => (server.address() as AddressInfo).port;
  const site: Site = { assets, dashboards: readDashboards(options.dashboards), options, port, asking: 0 };
  server.on("request", (request, response) => {
    void answer(site, request)
      .catch(() => text(500, "this server made a mistake"))
      .then((said) => send(response, said, headers));
  });
  await listen(server, options.port ?? 0);
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port()}/`, close };
}

function listen(server: http.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const message = `cannot serve the page on 127.0.0.1:${port}: ${cause.code ?? cause.message} (expected a free port)`;
      const hint = "choose another port with --port, or leave the option out to get a free one";
      reject(new ViewFailure("E_PORT_IN_USE", message, hint, { cause }));
    });
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

async function answer(site: Site, request: IncomingMessage): Promise<Answer> {
  const refusal = refusalOf(request.headers, site.port());
  if (refusal !== undefined) return text(refusal.status, refusal.reason);
  const url = URL.parse(request.url ?? "", "http://127.0.0.1");
  if (url === null) return text(400, "expected a path");
  if (isQuestion(url.pathname)) return ask(site, url, request);
  if (request.method !== "GET" && request.method !== "HEAD") return text(405, "expected GET");
  return data(site, url.pathname) ?? fileAnswer(site, url.pathname) ?? text(404, "nothing is here");
}

function fileAnswer({ assets, dashboards }: Site, path: string): Answer | undefined {
  // As in Grafana, so that the dashboards' links to each other lead on.
  const isDashboard = dashboards.some(({ uid }) => path === `/d/${encodeURIComponent(uid)}`);
  const asset = assets.find(isDashboard ? "/" : path);
  return asset && { status: 200, ...asset };
}

function data({ dashboards, options }: Site, path: string): Answer | undefined {
  if (path === "/site.json") {
    const { upstream, scrapeIntervalSeconds, from } = options;
    const list = dashboards.map(({ uid, title }) => ({ uid, title }));
    return json(200, JSON.stringify({ prometheus: upstream.address, scrapeIntervalSeconds, from, dashboards: list }));
  }
  const found = dashboards.find(({ uid }) => path === `/dashboards/${encodeURIComponent(uid)}.json`);
  return found && json(200, found.json);
}

async function ask(site: Site, url: URL, request: IncomingMessage): Promise<Answer> {
  const given = request.method === "POST" ? await readForm(request) : url.searchParams;
  if (request.method !== "GET" && request.method !== "POST") return text(405, "expected GET or POST");
  if (given === undefined) return json(413, errorBody("bad_data", `expected a body of at most ${BODY_BYTES} bytes`));
  const asked = questionOf(url.pathname, given);
  if ("mistake" in asked) return json(400, errorBody("bad_data", asked.mistake));
  if (site.asking >= QUESTIONS_AT_ONCE) return json(503, errorBody("busy", "too many questions at once; try again"));
  site.asking += 1;
  try {
    return json(200, await site.options.upstream.get(asked.path, ANSWER_BYTES));
  } catch (error) {
    const { message: reason = String(error), code } = error as Partial<NodeJS.ErrnoException>;
    if (code === "E_TOO_LARGE") return json(502, errorBody("too_large", `Prometheus answers with too much: ${reason}`));
    return json(502, errorBody("unreachable", `Prometheus does not answer: ${reason}`));
  } finally {
    site.asking -= 1;
  }
}

/** Undefined when it is too long. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > BODY_BYTES) return undefined;
    parts.push(part);
  }
  return new URLSearchParams(Buffer.concat(parts).toString("utf8"));
}

function json(status: number, body: string): Answer {
  return { status, type: JSON_TYPE, body };
}

function text(status: number, body: string): Answer {
  return { status, type: "text/plain; charset=utf-8", body: `${body}\n` };
}

function send(response: ServerResponse, { status, type, body }: Answer, headers: Record<string, string>): void {
  const hasBody = response.req.method !== "HEAD";
  response.writeHead(status, { ...headers, "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(hasBody ? body : undefined);
}
