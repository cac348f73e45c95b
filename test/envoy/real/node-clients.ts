// SPDX-License-Identifier: Apache-2.0
/**
 * What Node programs do through a proxy in these tests: undici's ProxyAgent, node's own http2, and a WebSocket, the latter
 * two in a tunnel of node's own http.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import type { Socket } from "node:net";
import tls from "node:tls";
import { ProxyAgent, request } from "undici";
import { WebSocket } from "ws";
import { type Errand, FILE_BYTES, type Place } from "./curl.ts";

const HOST = "shop-01.example";
const tunnel = { [`none connect 1.1 ${HOST} 200 ok`]: 1 };

async function agentErrand({ proxy, ca }: Place, scheme: "http" | "https", proxyTunnel: boolean): Promise<void> {
  const agent = new ProxyAgent({
    connections: 1,
    uri: `http://${proxy}`,
    proxyTunnel,
    requestTls: { ca: readFileSync(ca) },
  });
  try {
    const down = await request(`${scheme}://${HOST}/bytes?size=${FILE_BYTES}`, { dispatcher: agent });
    expectBytes("download", (await down.body.arrayBuffer()).byteLength);
    const body = Buffer.alloc(FILE_BYTES, "x");
    const up = await request(`${scheme}://${HOST}/form`, { dispatcher: agent, method: "POST", body });
    expectBytes("upload", Number(await up.body.text()));
  } finally {
    await agent.close();
  }
}

async function http2Errand({ proxy, ca }: Place): Promise<void> {
  const socket = tls.connect({
    socket: await openTunnel(proxy, `${HOST}:443`),
    servername: HOST,
    ca: readFileSync(ca),
    ALPNProtocols: ["h2"],
  });
  const session = http2.connect(`https://${HOST}`, { createConnection: () => socket });
  try {
    const asks = Array.from({ length: 5 }, (_, index) =>
      session.request({ ":path": `/bytes?size=${FILE_BYTES + index}` }),
    );
    const sizes = await Promise.all(asks.map(sizeOf));
    for (const [index, size] of sizes.entries()) expectBytes(`stream ${index}`, size - index);
    const post = session.request({ ":path": "/form", ":method": "POST" });
    post.end(Buffer.alloc(FILE_BYTES, "x"));
    await sizeOf(post);
  } finally {
    session.close();
    await once(socket, "close");
  }
}

async function webSocketErrand({ proxy }: Place): Promise<void> {
  const socket = await openTunnel(proxy, `${HOST}:80`);
  const client = new WebSocket(`ws://${HOST}/chat`, { createConnection: () => socket });
  await once(client, "open");
  client.send(Buffer.alloc(FILE_BYTES, "x"));
  const [message] = (await once(client, "message")) as [Buffer];
  expectBytes("echo", message.length);
  client.close();
  await once(client, "close");
}

function openTunnel(proxy: string, authority: string): Promise<Socket> {
  const [host, port] = proxy.split(":");
  return new Promise((resolve, reject) => {
    const connect = http.request({ host, port, method: "CONNECT", path: authority, headers: { host: authority } });
    connect.on("connect", ({ statusCode }, socket) => {
      if (statusCode === 200) resolve(socket as Socket);
      else reject(new Error(`CONNECT was answered by ${statusCode}, want 200`));
    });
    connect.on("error", reject).end();
  });
}

async function sizeOf(stream: http2.ClientHttp2Stream): Promise<number> {
  let size = 0;
  for await (const chunk of stream) size += (chunk as Buffer).length;
  return size;
}

function expectBytes(what: string, got: number): void {
  if (got !== FILE_BYTES) throw new Error(`${what}: got ${got} bytes, want ${FILE_BYTES}`);
}

/** Through proxies that speak HTTP. */
export const NODE_ERRANDS: readonly Errand[] = [
  { name: "undici's ProxyAgent asks by https", run: (place) => agentErrand(place, "https", true), exchanges: tunnel },
  {
    name: "undici's ProxyAgent asks by http in a tunnel",
    run: (place) => agentErrand(place, "http", true),
    exchanges: { [`none connect 1.1 ${HOST}:80 200 ok`]: 1 },
  },
  {
    name: "undici's ProxyAgent asks by http without a tunnel",
    run: (place) => agentErrand(place, "http", false),
    exchanges: { [`none http 1.1 ${HOST} 200 ok`]: 2 },
  },
  { name: "node's http2 asks six streams in a tunnel", run: http2Errand, exchanges: tunnel },
  {
    name: "a WebSocket talks in a tunnel",
    run: webSocketErrand,
    exchanges: { [`none connect 1.1 ${HOST}:80 200 ok`]: 1 },
  },
];
