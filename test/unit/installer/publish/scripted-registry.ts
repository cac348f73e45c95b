// SPDX-License-Identifier: Apache-2.0
/**
 * A registry that does what a test tells it to, for what real ones do seldom: overload, broken connections, odd redirects.
 * Keeps every request as it came.
 */
import http from "node:http";
import { listen } from "../../../../loadgen/listener.ts";

export interface Heard {
  method: string;
  path: string;
  authorization: string | undefined;
  body: string;
}

/** Status and headers; `undefined` breaks the connection; a body follows the headers. */
export type Say = [status: number, headers?: Record<string, string>, body?: string] | undefined;

export interface ScriptedRegistry {
  host: string;
  origin: string;
  heard: Heard[];
  close(): Promise<void>;
}

export async function startScripted(answer: (heard: Heard, count: number) => Say): Promise<ScriptedRegistry> {
  const heard: Heard[] = [];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "", url = "", headers } = request;
    const one = {
      method,
      path: url,
      authorization: headers.authorization,
      body: Buffer.concat(chunks).toString("latin1"),
    };
    heard.push(one);
    const said = answer(one, heard.length);
    if (said === undefined) return request.socket.destroy();
    const [status, extra = {}, body = ""] = said;
    return response.writeHead(status, extra).end(body);
  });
  const listener = await listen(server);
  const host = `127.0.0.1:${listener.port}`;
  return { host, origin: `http://${host}`, heard, close: listener.close };
}
