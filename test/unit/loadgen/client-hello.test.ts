// SPDX-License-Identifier: Apache-2.0
/**
 * The server name in real ClientHellos, made by node and by hand, whole and cut after each byte.
 */
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import { describe, expect, it } from "vitest";
import { listen } from "../../../loadgen/listener.ts";
import { readTlsOpening } from "../../../loadgen/relay/client-hello.ts";
import { closeLater } from "./rig.ts";

/** The first flight that node sends with these options. */
async function realHello(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer();
  const { port } = await closeLater(listen(server));
  const client = tls.connect({ host: "127.0.0.1", port, ...options });
  client.on("error", () => {});
  const [socket] = (await once(server, "connection")) as [net.Socket];
  const [hello] = (await once(socket, "data")) as [Buffer];
  client.destroy();
  return hello;
}

/** The same handshake bytes in records of `size` bytes each. */
function resplit(hello: Buffer, size: number): Buffer {
  const payload = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const piece = payload.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, piece.length >> 8, piece.length & 255]), piece);
  }
  return Buffer.concat(records);
}

describe("readTlsOpening", () => {
  it("gives the server name in lower case", async () => {
    const hello = await realHello({ servername: "Shop.Example" });
    expect(readTlsOpening(hello)).toEqual({ kind: "request", host: "shop.example" });
  });

  it("waits for more until the ClientHello is complete, wherever it is cut", async () => {
    const hello = await realHello({ servername: "shop.example" });
    for (let at = 0; at < hello.length; at += 1) {
      expect(readTlsOpening(hello.subarray(0, at)), `cut at ${at}`).toEqual({ kind: "incomplete" });
    }
  });

  it("reads a ClientHello that is spread over many records", async () => {
    const hello = resplit(await realHello({ servername: "shop.example" }), 7);
    expect(readTlsOpening(hello)).toEqual({ kind: "request", host: "shop.example" });
    expect(readTlsOpening(hello.subarray(0, -1))).toEqual({ kind: "incomplete" });
  });

  it("counts a request without a name where the client sends none", async () => {
    expect(readTlsOpening(await realHello({}))).toEqual({ kind: "request", host: "" });
  });

  it("gives up on lengths that lead out of the message", async () => {
    const hello = Buffer.from(await realHello({ servername: "shop.example" }));
    hello.writeUInt8(255, 5 + 4 + 34);
    expect(readTlsOpening(hello)).toEqual({ kind: "none" });
  });
});
