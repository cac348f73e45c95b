// SPDX-License-Identifier: Apache-2.0
/**
 * CONNECT tunnels as a crawler opens them: a head with credentials, the answer, bytes each way, the end.
 * As cheap as node can make them; every byte is waited for, and an answer other than 200 fails the run.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { ECHO } from "./gateway.ts";

const CREDENTIALS = Buffer.from("cust-zone-res1-country-us:password").toString("base64");
const ESTABLISHED = "HTTP/1.1 200";

/** A CONNECT head for port 443 of a host; `user` in place of the usual credentials. */
export function connectHead(host: string, user?: string): Buffer {
  const credentials = user === undefined ? CREDENTIALS : Buffer.from(`${user}:password`).toString("base64");
  const target = `${host}:443`;
  return Buffer.from(
    `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nUser-Agent: crawler\r\nProxy-Authorization: Basic ${credentials}\r\n\r\n`,
  );
}

/**
 * Opens a tunnel.
 *
 * @throws Error when the connection ends or something other than 200 is answered
 */
export async function openTunnel(port: number, head: Buffer = connectHead(ECHO)): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  socket.write(head);
  const answer = String(await firstBytes(socket));
  if (answer.startsWith(ESTABLISHED)) return socket;
  socket.destroy();
  throw new Error(`cannot open a tunnel: got "${answer.slice(0, 40).trim()}" (expected "${ESTABLISHED}")`);
}

function firstBytes(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const fail = (error?: Error) => reject(error ?? new Error("cannot open a tunnel: the connection ended"));
    socket.once("error", fail).once("close", fail);
    socket.once("data", (bytes: Buffer) => {
      socket.off("error", fail).off("close", fail);
      resolve(bytes);
    });
  });
}

/** One tunnel from its opening to its end with as many bytes each way as given. */
export async function visit(port: number, payload: Buffer, head?: Buffer): Promise<void> {
  const socket = await openTunnel(port, head);
  await exchange(socket, payload);
  socket.end();
  socket.resume();
  await once(socket, "close");
}

/** Sends bytes through an open tunnel and waits until they are back. */
export function exchange(socket: Socket, payload: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = payload.length;
    const take = (chunk: Buffer) => {
      left -= chunk.length;
      if (left > 0) return;
      socket.off("data", take).off("error", reject).off("close", cut);
      resolve();
    };
    const cut = () => reject(new Error("the tunnel closed before its bytes were back"));
    socket.on("data", take).once("error", reject).once("close", cut);
    socket.write(payload);
  });
}

/** Runs so many tunnels, so many at a time. */
export async function visitMany(port: number, count: number, atATime: number, payload: Buffer): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left-- > 0) await visit(port, payload);
  };
  await Promise.all(Array.from({ length: atATime }, lane));
}
