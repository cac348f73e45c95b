// SPDX-License-Identifier: Apache-2.0
/**
 * A crawler's connection: CONNECT through a vendor's gateway, TLS to the site with its certificate verified, HTTP/2 inside.
 * It connects to the gateway's public address and knows nothing of the sidecar that intercepts it.
 */
import http from "node:http";
import http2, { type ClientHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import tls from "node:tls";
import { setTimeout as pause } from "node:timers/promises";

export interface VendorProxy {
  readonly address: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

export interface Tunnel {
  /** Downloads `size` bytes. Throws when the tunnel is cut. */
  download(size: number): Promise<void>;
  /** Uploads `size` bytes. Throws when the tunnel is cut. */
  upload(size: number): Promise<void>;
  isOpen(): boolean;
  /** Resolves when the connection to the gateway is gone: whether it ended in order (FIN) or broke (RST). */
  readonly closed: Promise<"FIN" | "RST">;
  close(): Promise<void>;
}

/**
 * Opens a tunnel to `host`:443.
 *
 * @param ca  certificate to trust, PEM
 * @throws    Error when the gateway refuses or the certificate does not fit
 */
export async function openTunnel(proxy: VendorProxy, host: string, ca: string): Promise<Tunnel> {
  const socket = await connect(proxy, `${host}:443`);
  let ending: "FIN" | "RST" = "FIN";
  socket.on("error", () => {
    ending = "RST";
  });
  const closed = new Promise<"FIN" | "RST">((resolve) => socket.once("close", () => resolve(ending)));
  const secure = tls.connect({ socket, servername: host, ca, ALPNProtocols: ["h2"] });
  const session = http2.connect(`https://${host}`, { createConnection: () => secure });
  await new Promise<void>((resolve, reject) => session.once("remoteSettings", () => resolve()).once("error", reject));
  session.on("error", () => socket.destroy());
  return {
    download: async (size) => expectSize((await exchange(session, `/bytes?size=${size}`)).length, size),
    upload: async (size) => expectSize(Number(await exchange(session, "/", Buffer.alloc(size, "u"))), size),
    isOpen: () => !socket.destroyed,
    closed,
    close: async () => {
      session.close();
      await closed;
    },
  };
}

/** Small requests in both directions until told to stop; resolves to how many went through before the tunnel was cut. */
export function keepBusy(tunnel: Tunnel, stop: AbortSignal): Promise<number> {
  const run = async () => {
    for (let count = 0; ; count++) {
      if (stop.aborted || !tunnel.isOpen()) return count;
      try {
        await tunnel.download(1000);
        await tunnel.upload(1000);
      } catch (error) {
        if (tunnel.isOpen()) throw error;
        return count;
      }
      await pause(100);
    }
  };
  return run();
}

function connect(proxy: VendorProxy, authority: string): Promise<Socket> {
  const credentials = Buffer.from(`${proxy.username}:${proxy.password}`).toString("base64");
  const headers = { host: authority, "proxy-authorization": `Basic ${credentials}` };
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: proxy.address,
      port: proxy.port,
      method: "CONNECT",
      path: authority,
      headers,
      agent: false,
    });
    request.once("connect", (response, socket: Socket) => {
      if (response.statusCode === 200) resolve(socket);
      else reject(new Error(`cannot CONNECT to ${authority}: ${response.statusCode} (expected 200)`));
    });
    request.once("error", reject).end();
  });
}

/** One request; the body of the answer. */
async function exchange(session: ClientHttp2Session, path: string, body?: Buffer): Promise<Buffer> {
  const stream = session.request({ ":path": path, ":method": body ? "POST" : "GET" });
  stream.end(body);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function expectSize(got: number, want: number): void {
  if (got !== want) throw new Error(`cannot carry ${want} bytes through the tunnel: got ${got}`);
}
