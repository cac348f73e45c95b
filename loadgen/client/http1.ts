// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP/1.1 on a connection that somebody else opened: request after request, or pipelined, by undici.
 * Never opens a connection of its own and never retries.
 */
import type { Socket } from "node:net";
import { Client, type Dispatcher } from "undici";
import { type Answer, type Connection, type Question, TravelError, travelError } from "./connection.ts";

// No connection is closed for being idle, whatever the server's Keep-Alive header hints at (undici subtracts the
// threshold from the hint): a client that closes while the server speaks would reset it.
const KEEP_ALIVE_MS = 3_600_000;
const HINT_THRESHOLD_MS = -KEEP_ALIVE_MS;

export interface Http1Options {
  /** The request line names the whole URL, as a proxy that forwards plain HTTP expects it, or only the path. */
  form: "absolute" | "origin";
  /** Sent with every request. */
  headers: Record<string, string>;
  /** Requests that may be under way at the same time; 1 waits for each answer. */
  pipelining: number;
  timeoutMs: number;
}

export function speakHttp1(socket: Socket, options: Http1Options): Connection {
  let isTaken = false;
  // The origin is never used: every request names its own host, and the connection is the one that was given.
  const client = new Client("http://site.invalid", {
    pipelining: options.pipelining,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    keepAliveTimeoutThreshold: HINT_THRESHOLD_MS,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    connect: (_options, done) => {
      if (isTaken) return done(new TravelError("closed", "the connection was closed between requests"), null);
      isTaken = true;
      // Not before this call returns: undici sends nothing on a socket that it is given earlier.
      queueMicrotask(() => done(null, socket));
    },
  });
  return {
    isOpen: () => !socket.destroyed && !socket.readableEnded,
    ask: (question) => ask(client, question, options),
    end: () => void socket.end().resume(),
  };
}

async function ask(client: Client, question: Question, options: Http1Options): Promise<Answer> {
  const { method, authority, requestBytes } = question;
  const request: Dispatcher.RequestOptions = {
    method,
    path: options.form === "absolute" ? `http://${authority}${question.path}` : question.path,
    headers: { host: authority, ...options.headers, ...question.headers },
    // undici waits for the headers of an answer before the next request unless told that none will be slow.
    blocking: options.pipelining === 1,
  };
  if (method === "POST") request.body = Buffer.alloc(requestBytes, "x");
  try {
    const response = await client.request(request);
    let bodyBytes = 0;
    for await (const chunk of response.body) bodyBytes += (chunk as Buffer).length;
    return { status: response.statusCode, bodyBytes };
  } catch (error) {
    throw travelError(error);
  }
}
