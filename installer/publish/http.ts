// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP with a registry: one exchange, and the redirects that it leads to. Credentials go to the origin they are for and to no other, and
 * nothing goes from HTTPS to plain HTTP. Knows nothing of images and repeats nothing.
 */
import { Readable } from "node:stream";
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import { ProxymeterError } from "../errors.ts";
import type { Environment } from "./credentials.ts";

export interface Question {
  method: "GET" | "HEAD" | "POST" | "PUT";
  url: URL;
  headers?: Record<string, string>;
  body?: Buffer;
  /** Called with the bytes of the body sent so far. */
  onSent?: (bytes: number) => void;
}

export interface Answer {
  status: number;
  headers: ReadonlyMap<string, string>;
  body: Buffer;
  /** That answered in the end. */
  url: URL;
}

export interface Transport {
  dispatcher: Dispatcher;
  signal?: AbortSignal | undefined;
  /** Value of Authorization, for this origin only. */
  authorization?: { origin: string; value: string } | undefined;
}

const MOST_REDIRECTS = 5;
/** The specification's limit for manifests; error texts are shorter. */
const MOST_BODY_BYTES = 4 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Connections to one registry, through the proxy that the environment names unless the registry is on this machine. */
export function openDispatcher(env: Environment, isLocal: boolean): Dispatcher {
  const options = { connect: { timeout: CONNECT_MS }, headersTimeout: SILENCE_MS, bodyTimeout: SILENCE_MS };
  if (isLocal) return new Agent(options);
  const named = (name: string) => env[name.toLowerCase()] || env[name] || "";
  const httpProxy = named("HTTP_PROXY");
  const httpsProxy = named("HTTPS_PROXY");
  return new EnvHttpProxyAgent({ ...options, httpProxy, httpsProxy, noProxy: named("NO_PROXY") });
}

/**
 * The answer after all redirects.
 *
 * @throws ProxymeterError E_REGISTRY for redirects that must not be followed; undici's own errors for connections that fail
 */
export async function ask(question: Question, transport: Transport): Promise<Answer> {
  let current = question;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const answer = await exchange(current, transport);
    const location = answer.headers.get("location");
    if (!REDIRECTS.has(answer.status) || location === undefined) return answer;
    current = redirected(current, answer.status, resolveLocation(location, current.url));
  }
  throw broken(question.url, `more than ${MOST_REDIRECTS} redirects`, "an answer");
}

/**
 * Where a registry points to.
 * Behind a proxy that ends TLS, registries write `http:` with their own host: that is the same place by HTTPS.
 *
 * @throws ProxymeterError E_REGISTRY for what is no address, or a plain one elsewhere
 */
export function resolveLocation(location: string, base: URL): URL {
  const url = URL.parse(location, base.href);
  if (url === null || !/^https?:$/.test(url.protocol)) throw broken(base, "a redirect to no web address", "one");
  if (base.protocol !== "https:" || url.protocol === "https:") return url;
  if (url.hostname === base.hostname) return new URL(url.pathname + url.search, base);
  throw broken(base, `a redirect from HTTPS to plain ${url.origin}`, "HTTPS all the way");
}

async function exchange({ method, url, headers, body, onSent }: Question, transport: Transport): Promise<Answer> {
  const { dispatcher, signal, authorization } = transport;
  const isOwn = authorization?.origin === url.origin;
  const answer = await request(url, {
    method,
    dispatcher,
    signal: signal ?? null,
    headers: {
      "user-agent": "proxymeter",
      ...headers,
      ...(method === "POST" || method === "PUT" ? { "content-length": String(body?.length ?? 0) } : {}),
      ...(isOwn && { authorization: authorization.value }),
    },
    body: body && onSent ? Readable.from(watched(body, onSent)) : (body ?? null),
  });
  return {
    status: answer.statusCode,
    headers: flatten(answer.headers),
    body: await readBody(answer.body, url),
    url,
  };
}

/** See RFC 9110, section 15.4: 307 and 308 repeat the request, the others ask for the page by GET. */
function redirected(question: Question, status: number, url: URL): Question {
  if (status === 307 || status === 308 || question.method === "GET" || question.method === "HEAD") {
    return { ...question, url };
  }
  return { method: "GET", url };
}

async function* watched(body: Buffer, onSent: (bytes: number) => void): AsyncGenerator<Buffer> {
  for (let start = 0; start < body.length; start += CHUNK_BYTES) {
    yield body.subarray(start, start + CHUNK_BYTES);
    onSent(Math.min(start + CHUNK_BYTES, body.length));
  }
}

async function readBody(stream: AsyncIterable<Uint8Array>, url: URL): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) throw broken(url, "an answer of more than 4 MiB", "a manifest or less");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function flatten(headers: Record<string, string | string[] | undefined>): Map<string, string> {
  const entries = Object.entries(headers).filter(
    (entry): entry is [string, string | string[]] => entry[1] !== undefined,
  );
  return new Map(entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]));
}

/** Paths and queries stay out: registries put keys into them. */
function broken(url: URL, found: string, expected: string): ProxymeterError {
  const message = `cannot talk to the registry at ${url.origin}: ${found} (expected ${expected})`;
  return new ProxymeterError("E_REGISTRY", message, "check the address of the registry and what stands in front of it");
}
