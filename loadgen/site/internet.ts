// SPDX-License-Identifier: Apache-2.0
/**
 * Stands in for the internet: an HTTP proxy that leads every known name on :443 and :80 to the local sites.
 * Vendor gateways use it as their upstream proxy, so no name is ever resolved and nothing leaves the machine.
 */
import http from "node:http";
import net from "node:net";
import type { Duplex } from "node:stream";
import { listen } from "../listener.ts";
import type { Sites } from "./site.ts";

export interface Internet {
  port: number;
  close(): Promise<void>;
}

/** Listens on a free loopback port. Takes CONNECT and absolute-form requests; an unknown name gets 502. */
export async function startInternet({ sites }: { sites: Sites }): Promise<Internet> {
  const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) =>
    forward(sites, request, response),
  );
  server.on("connect", (request, socket, head) => tunnel(sites, request, socket, head));
  server.on("clientError", (_error, socket) => socket.destroy());
  return listen(server);
}

/** Local port that serves `host:port`, or 0 where nothing does. */
function sitePort(sites: Sites, host: string, port: number): number {
  if (!sites.hosts.has(host.toLowerCase().replace(/^\[(.*)\]$/, "$1"))) return 0;
  return port === 443 ? sites.httpsPort : port === 80 ? sites.httpPort : 0;
}

function tunnel(sites: Sites, request: http.IncomingMessage, client: Duplex, head: Buffer): void {
  client.on("error", () => client.destroy());
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(request.url ?? "") ?? [];
  const local = sitePort(sites, host, Number(port));
  if (local === 0) {
    client.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    return;
  }
  const site = net.connect({ host: "127.0.0.1", port: local, allowHalfOpen: true, noDelay: true });
  site.once("connect", () => {
    client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    site.write(head);
    client.pipe(site);
    site.pipe(client);
  });
  tieEndings(client, site);
  tieEndings(site, client);
}

/** A side that breaks, or is closed before it ended, takes the other one with it. */
function tieEndings(from: Duplex, to: Duplex): void {
  from.on("error", () => to.destroy());
  from.on("close", () => {
    if (!from.readableEnded) to.destroy();
  });
}

function forward(sites: Sites, request: http.IncomingMessage, response: http.ServerResponse): void {
  const url = URL.parse(request.url ?? "");
  const local = url?.protocol === "http:" ? sitePort(sites, url.hostname, Number(url.port || 80)) : 0;
  if (!url || local === 0) {
    request.resume();
    response.writeHead(502, { "content-length": 0 }).end();
    return;
  }
  const { method, headers } = request;
  const path = url.pathname + url.search;
  const onward = http.request({ host: "127.0.0.1", port: local, method, path, headers });
  onward.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
    answer.pipe(response);
    answer.on("error", () => response.destroy());
  });
  onward.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  response.on("close", () => onward.destroy());
  request.pipe(onward);
}
