// SPDX-License-Identifier: Apache-2.0
/**
 * A gateway that answers CONNECT and is the site behind it too, as cheap as node can make it. The host that is asked for says what
 * the tunnel then does: gives back what it gets, swallows it and says how much it was, or sends as many bytes as it is told.
 * Reads heads that come in one piece, as this folder's clients send them. Runs in a thread of its own (`gateway-thread.ts`).
 */
import { createServer, type Server, type Socket } from "node:net";

export const ECHO = "echo.example";
export const SINK = "sink.example";
export const SOURCE = "source.example";

/** Size of one write of the source. */
export const WRITE_BYTES = 65_536;

const ESTABLISHED = Buffer.from("HTTP/1.1 200 OK\r\n\r\n");
const CHUNK = Buffer.alloc(WRITE_BYTES, 0x2e);

const TUNNELS: Readonly<Record<string, (socket: Socket) => void>> = { [SINK]: swallow, [SOURCE]: pour };

/** @param host  where it listens; connections to anything but loopback are refused */
export function createGateway(): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    if (!socket.localAddress?.startsWith("127.")) socket.destroy();
    socket.once("data", (head: Buffer) => {
      const [, host = ""] = /^CONNECT ([^: ]+)/.exec(head.subarray(0, 300).toString("latin1")) ?? [];
      socket.write(ESTABLISHED);
      (TUNNELS[host] ?? echo)(socket);
    });
  });
}

function echo(socket: Socket): void {
  socket.on("data", (chunk) => socket.write(chunk));
  socket.on("end", () => socket.end());
}

/** Answers the end of the stream with the number of its bytes. */
function swallow(socket: Socket): void {
  let bytes = 0;
  socket.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  socket.on("end", () => socket.end(`${bytes}\n`));
}

/** Sends as many bytes as the first data says in decimal, then ends. */
function pour(socket: Socket): void {
  socket.once("data", (order: Buffer) => {
    let left = Number(order.toString("latin1"));
    const more = () => {
      while (left > 0) {
        const size = Math.min(left, WRITE_BYTES);
        left -= size;
        if (!socket.write(size === WRITE_BYTES ? CHUNK : CHUNK.subarray(0, size))) return;
      }
      socket.off("drain", more);
      socket.end();
    };
    socket.on("drain", more);
    more();
  });
}
