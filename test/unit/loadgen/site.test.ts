// SPDX-License-Identifier: Apache-2.0
/**
 * What the sites answer to ordinary clients, over HTTP/1.1 and HTTP/2, and what the stand-in for the internet lets
 * through.
 */
import http2 from "node:http2";
import tls from "node:tls";
import { gunzipSync } from "node:zlib";
import { Agent, ProxyAgent, request, WebSocket } from "undici";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSites } from "../../../loadgen/site/site.ts";
import { closeLater, startWorld } from "./rig.ts";

const HOST = "shop-01.example";

/** Asks a site for a path, by plain HTTP to its port. */
async function ask(path: string, options: { method?: string; body?: string; headers?: Record<string, string> } = {}) {
  const { sitePort } = await startWorld();
  const agent = new Agent();
  onTestFinished(() => agent.destroy());
  const response = await request(`http://127.0.0.1:${sitePort}${path}`, { ...options, dispatcher: agent } as object);
  return { ...response, body: Buffer.from(await response.body.arrayBuffer()) };
}

describe("a site", () => {
  it.each([0, 1, 65_536, 65_537, 1_000_000])("answers /bytes with %i bytes and their length", async (size) => {
    const { body, headers } = await ask(`/bytes?size=${size}`);
    expect(body.length).toBe(size);
    expect(headers["content-length"]).toBe(String(size));
  });

  it.each([10, 200_000])("answers /bytes in chunks when asked to, %i bytes", async (size) => {
    const { body, headers } = await ask(`/bytes?size=${size}&chunked=1`);
    expect(body.length).toBe(size);
    expect(headers["transfer-encoding"]).toBe("chunked");
  });

  it("compresses when asked to", async () => {
    const { body, headers } = await ask("/bytes?size=100000&gzip=1");
    expect(headers["content-encoding"]).toBe("gzip");
    expect(body.length).toBeLessThan(10_000);
    expect(gunzipSync(body).length).toBe(100_000);
  });

  it("answers the status that the path names", async () => {
    expect((await ask("/status/503")).statusCode).toBe(503);
    expect((await ask("/status/204")).body.length).toBe(0);
  });

  it("answers an upload with its length", async () => {
    expect((await ask("/x", { method: "POST", body: "y".repeat(70_000) })).body.toString()).toBe("70000\n");
  });

  it("waits before a slow answer", async () => {
    const before = performance.now();
    expect((await ask("/slow?ms=120&size=3")).body.length).toBe(3);
    expect(performance.now() - before).toBeGreaterThan(115);
  });

  it("speaks HTTP/2 where it is offered, with a certificate that its authority vouches for", async () => {
    const { authority } = await startWorld();
    const sites = await closeLater(startSites({ authority, hosts: [HOST] }));
    const socket = tls.connect({ port: sites.httpsPort, servername: HOST, ca: authority.pem, ALPNProtocols: ["h2"] });
    const session = http2.connect(`https://${HOST}`, { createConnection: () => socket });
    onTestFinished(() => session.destroy());
    const stream = session.request({ ":path": "/bytes?size=100000" });
    let size = 0;
    for await (const chunk of stream) size += (chunk as Buffer).length;
    expect(size).toBe(100_000);
    expect(session.alpnProtocol).toBe("h2");
  });

  it("proves an IP address by certificate to a client that sends no name", async () => {
    const { authority } = await startWorld();
    const sites = await closeLater(startSites({ authority, hosts: ["127.0.0.1"] }));
    const agent = new Agent({ connect: { ca: authority.pem } });
    onTestFinished(() => agent.destroy());
    const { statusCode } = await request(`https://127.0.0.1:${sites.httpsPort}/`, { dispatcher: agent });
    expect(statusCode).toBe(200);
  });
});

describe("the stand-in for the internet", () => {
  it("carries a WebSocket through a tunnel, and every message comes back", async () => {
    const { authority, internet } = await startWorld();
    const agent = new ProxyAgent({ uri: `http://127.0.0.1:${internet.port}`, requestTls: { ca: authority.pem } });
    onTestFinished(() => agent.destroy());
    const socket = new WebSocket(`wss://${HOST}/chat`, { dispatcher: agent });
    const echo = await new Promise((resolve, reject) => {
      socket.addEventListener("open", () => socket.send("hello"));
      socket.addEventListener("message", ({ data }) => resolve(data));
      socket.addEventListener("error", ({ error }) => reject(error));
    });
    socket.close();
    expect(echo).toBe("hello");
  });

  it("answers 502 for a name that nobody serves", async () => {
    const { internet } = await startWorld();
    const agent = new ProxyAgent({ uri: `http://127.0.0.1:${internet.port}` });
    onTestFinished(() => agent.destroy());
    await expect(request("https://nowhere.example/", { dispatcher: agent })).rejects.toThrow(/502/);
  });
});
