// SPDX-License-Identifier: Apache-2.0
/**
 * Starts a server on a free loopback port and stops it with everything it holds open.
 * Knows nothing of what the server speaks.
 */
import type { AddressInfo, Server, Socket } from "node:net";

/** A server that listens on 127.0.0.1. */
export interface Listener {
  port: number;
  /** Stops listening, cuts what is still open, and resolves when all of it is closed. */
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1.
 *
 * @param port  0 asks the system for a free one
 * @throws      the listen error (EADDRINUSE ...), before anything is left open
 */
export async function listen(server: Server, port = 0): Promise<Listener> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port, backlog: 4096 }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeAll(server, open) };
}

function closeAll(server: Server, open: Set<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of open) socket.destroy();
  });
}
