// SPDX-License-Identifier: Apache-2.0
/**
 * What a site answers: a table from path to handler, the same for HTTP/1.1 and HTTP/2.
 * Bodies are the same bytes on every run; listening, TLS and WebSocket belong to site.ts and websocket.ts.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { createGzip } from "node:zlib";

const BLOCK = Buffer.from("the quick brown fox jumps over the lazy dog 0123456789\n".repeat(1192)).subarray(0, 65_536);
const BODILESS = new Set([204, 304]);
const MAX_DELAY_MS = 600_000;

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>;

const ROUTES: [path: RegExp, handler: Handler][] = [
  [/^\/bytes$/, answerBytes],
  [/^\/status\/\d{3}$/, answerStatus],
  [/^\/slow$/, answerSlowly],
];

/** Handles one request of any site: uploads by method, then the table by path, then a short page. */
export async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://site.invalid");
  if (request.method === "POST" || request.method === "PUT") return answerUpload(request, response);
  request.resume();
  const route = ROUTES.find(([path]) => path.test(url.pathname));
  if (route) return route[1](request, response, url);
  sendText(response, 200, "hello\n");
}

/** GET /bytes?size=N[&chunked=1][&gzip=1]: N bytes of body (before gzip), with or without a Content-Length. */
function answerBytes(_request: IncomingMessage, response: ServerResponse, url: URL): void {
  const size = number(url, "size", 0);
  const gzip = url.searchParams.has("gzip");
  response.setHeader("content-type", "application/octet-stream");
  if (gzip) response.setHeader("content-encoding", "gzip");
  else if (!url.searchParams.has("chunked")) response.setHeader("content-length", size);
  if (size <= BLOCK.length && !gzip) {
    // A write before the end makes node choose chunked framing where no length is set.
    if (url.searchParams.has("chunked")) response.write(BLOCK.subarray(0, size));
    response.end(url.searchParams.has("chunked") ? undefined : BLOCK.subarray(0, size));
    return;
  }
  const body = Readable.from(blocks(size), { objectMode: false });
  (gzip ? body.pipe(createGzip()) : body).pipe(response);
  response.on("close", () => body.destroy());
}

/** GET /status/NNN: that status with a short body where the status allows one. */
function answerStatus(_request: IncomingMessage, response: ServerResponse, url: URL): void {
  sendText(response, Number(url.pathname.slice(-3)), `status ${url.pathname.slice(-3)}\n`);
}

/** GET /slow?ms=N[&size=M]: waits N milliseconds, then answers like /bytes. */
async function answerSlowly(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  await delay(Math.min(number(url, "ms", 0), MAX_DELAY_MS), undefined, { ref: false });
  answerBytes(request, response, url);
}

/** POST or PUT, any path: reads the body and answers its length in bytes as decimal text. */
async function answerUpload(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let length = 0;
  for await (const chunk of request) length += (chunk as Buffer).length;
  sendText(response, 200, `${length}\n`);
}

function* blocks(size: number): Generator<Buffer> {
  for (let left = size; left > 0; left -= BLOCK.length) yield left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
}

function sendText(response: ServerResponse, status: number, text: string): void {
  if (BODILESS.has(status)) return void response.writeHead(status).end();
  response.writeHead(status, { "content-type": "text/plain", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

function number(url: URL, name: string, fallback: number): number {
  const value = Number(url.searchParams.get(name) ?? fallback);
  return Number.isSafeInteger(value) && value >= 0 ? value : fallback;
}
