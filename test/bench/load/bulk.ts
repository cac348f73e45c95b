// SPDX-License-Identifier: Apache-2.0
/**
 * Many bytes through one tunnel in writes of 64 KiB, either way; the far side has to have had all of them.
 */
import { once } from "node:events";
import type { Socket } from "node:net";
import { SINK, SOURCE, WRITE_BYTES } from "./gateway.ts";
import { connectHead, openTunnel } from "./tunnels.ts";

const CHUNK = Buffer.alloc(WRITE_BYTES, 0x2e);

export type Direction = "sent" | "received";

/**
 * Moves bytes, a multiple of 64 KiB; resolves to the milliseconds it took without the opening of the tunnel.
 *
 * @throws Error when the far side got or sent another number of bytes
 */
export async function moveBytes(port: number, direction: Direction, bytes: number): Promise<number> {
  const host = direction === "sent" ? SINK : SOURCE;
  const socket = await openTunnel(port, connectHead(host));
  const start = performance.now();
  const moved = direction === "sent" ? await send(socket, bytes) : await receive(socket, bytes);
  const elapsed = performance.now() - start;
  socket.destroy();
  if (moved !== bytes) throw new Error(`cannot move ${bytes} bytes through a tunnel: ${moved} arrived`);
  return elapsed;
}

async function send(socket: Socket, bytes: number): Promise<number> {
  const answer = once(socket, "data");
  for (let left = bytes; left > 0; left -= WRITE_BYTES) {
    if (!socket.write(CHUNK)) await once(socket, "drain");
  }
  socket.end();
  const [count] = (await answer) as [Buffer];
  return Number(count.toString("latin1"));
}

async function receive(socket: Socket, bytes: number): Promise<number> {
  let got = 0;
  socket.on("data", (chunk: Buffer) => {
    got += chunk.length;
  });
  const ended = once(socket, "end");
  socket.write(String(bytes));
  await ended;
  return got;
}
