// SPDX-License-Identifier: Apache-2.0
/**
 * The relay on real sockets: endings, backpressure and counts, with a raw client on one side and a raw gateway on the
 * other.
 */
import { once } from "node:events";
import net, { type Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { listen } from "../../../loadgen/listener.ts";
import { type Relay, startRelay } from "../../../loadgen/relay/relay.ts";
import { closeLater } from "./rig.ts";

const CONNECT = "CONNECT a.example:443 HTTP/1.1\r\n\r\n";
const ESTABLISHED = "HTTP/1.1 200 OK\r\n\r\n";

interface Pair {
  relay: Relay;
  client: Socket;
  gateway: Socket;
}

/** A client and a gateway, connected through a relay. Neither end closes by itself when the other one ends. */
async function startPair(): Promise<Pair> {
  const server = net.createServer({ allowHalfOpen: true });
  const upstream = await closeLater(listen(server));
  const relay = await closeLater(
    startRelay({ pod: "crawler-0", vendor: "acme", upstream: { host: "127.0.0.1", port: upstream.port } }),
  );
  const client = net.connect({ host: "127.0.0.1", port: relay.port, allowHalfOpen: true });
  onTestFinished(() => void client.destroy());
  const [gateway] = (await once(server, "connection")) as [Socket];
  return { relay, client, gateway };
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Code of the error that a socket ends with; "" if it ends without one. */
function ending(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let code = "";
    socket.on("error", (error: NodeJS.ErrnoException) => {
      code = error.code ?? "error";
    });
    socket.on("close", () => resolve(code));
    socket.resume();
  });
}

const allClosed = (relay: Relay) => vi.waitFor(() => expect(relay.snapshot().openConnections).toBe(0));

describe("startRelay", () => {
  it("passes on a client's half-close and everything the gateway says after it", async () => {
    const { relay, client, gateway } = await startPair();
    const upload = Buffer.alloc(300_000, "u");
    const download = Buffer.alloc(1_000_000, "d");
    client.end(Buffer.concat([Buffer.from(CONNECT), upload]));
    expect((await readAll(gateway)).length).toBe(CONNECT.length + upload.length);
    expect(client.readableEnded).toBe(false);
    gateway.end(download);
    expect(await readAll(client)).toEqual(download);
    await allClosed(relay);
    expect(relay.snapshot()).toMatchObject({
      connections: 1,
      requests: 1,
      resets: 0,
      sentBytes: CONNECT.length + upload.length,
      receivedBytes: download.length,
    });
  });

  it("passes on a gateway's half-close and everything the client says after it", async () => {
    const { relay, client, gateway } = await startPair();
    gateway.end("bye");
    expect((await readAll(client)).toString()).toBe("bye");
    client.end(Buffer.alloc(200_000, "u"));
    expect((await readAll(gateway)).length).toBe(200_000);
    await allClosed(relay);
    expect(relay.snapshot()).toMatchObject({ resets: 0, sentBytes: 200_000, receivedBytes: 3 });
  });

  it("passes on a client's reset and counts what was exchanged before it", async () => {
    const { relay, client, gateway } = await startPair();
    client.write(CONNECT);
    await once(gateway, "data");
    gateway.write(ESTABLISHED);
    await once(client, "data");
    const gatewayEnding = ending(gateway);
    client.resetAndDestroy();
    expect(await gatewayEnding).toBe("ECONNRESET");
    await allClosed(relay);
    const { destinations, lastCloseAt, ...counts } = relay.snapshot();
    expect(counts).toEqual({
      connections: 1,
      openConnections: 0,
      requests: 1,
      resets: 1,
      sentBytes: CONNECT.length,
      receivedBytes: ESTABLISHED.length,
    });
    expect(destinations).toEqual([
      { host: "a.example", requests: 1, sentBytes: CONNECT.length, receivedBytes: ESTABLISHED.length },
    ]);
    expect(lastCloseAt).toBeGreaterThan(Date.now() - 10_000);
  });

  it("passes on a gateway's reset after the client was answered", async () => {
    const { relay, client, gateway } = await startPair();
    client.write(CONNECT);
    await once(gateway, "data");
    gateway.write(ESTABLISHED);
    await once(client, "data");
    const clientEnding = ending(client);
    gateway.resetAndDestroy();
    expect(await clientEnding).toBe("ECONNRESET");
    await allClosed(relay);
    expect(relay.snapshot()).toMatchObject({ resets: 1, receivedBytes: ESTABLISHED.length });
  });

  it("resets a client whose gateway cannot be reached", async () => {
    const gone = await listen(net.createServer());
    await gone.close();
    const upstream = { host: "127.0.0.1", port: gone.port };
    const relay = await closeLater(startRelay({ pod: "crawler-0", vendor: "acme", upstream }));
    const client = net.connect(relay.port, "127.0.0.1");
    expect(await ending(client)).toBe("ECONNRESET");
    await allClosed(relay);
    expect(relay.snapshot()).toMatchObject({ connections: 1, resets: 1, sentBytes: 0, receivedBytes: 0 });
  });

  it("stops reading from the gateway while the client does not read, and loses nothing", async () => {
    const { relay, client, gateway } = await startPair();
    const total = 50_000_000;
    gateway.end(Buffer.alloc(total, "d"));
    client.pause();
    let last = -1;
    await vi.waitFor(
      () => {
        const { receivedBytes } = relay.snapshot();
        const isStalled = receivedBytes > 0 && receivedBytes === last;
        last = receivedBytes;
        expect(isStalled).toBe(true);
      },
      { interval: 100 },
    );
    expect(last).toBeLessThan(total / 2);
    expect((await readAll(client)).length).toBe(total);
    client.end();
    gateway.resume();
    await allClosed(relay);
    expect(relay.snapshot()).toMatchObject({ receivedBytes: total, resets: 0 });
  });

  it("cuts both sides of what is open when it is closed", async () => {
    const { relay, client, gateway } = await startPair();
    client.write(CONNECT);
    await once(gateway, "data");
    const clientEnd = once(client.resume(), "end");
    const gatewayEnding = ending(gateway);
    await relay.close();
    await clientEnd;
    expect(await gatewayEnding).toBe("ECONNRESET");
    await allClosed(relay);
  });

  it("counts bytes while a connection is still open", async () => {
    const { relay, client, gateway } = await startPair();
    client.write(CONNECT);
    await once(gateway, "data");
    expect(relay.snapshot()).toMatchObject({ openConnections: 1, requests: 1, sentBytes: CONNECT.length });
    client.end();
    gateway.end();
  });
});
