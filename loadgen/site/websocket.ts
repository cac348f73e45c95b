// SPDX-License-Identifier: Apache-2.0
/**
 * The sites' WebSocket: any path, every message comes back as it was sent.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";

/** A handler for a server's `upgrade` event. */
export function echoWebSocket(): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const server = new WebSocketServer({ noServer: true });
  return (request, socket, head) => {
    server.handleUpgrade(request, socket, head, (peer) => {
      peer.on("message", (data, isBinary) => peer.send(data, { binary: isBinary }));
      peer.on("error", () => peer.terminate());
    });
  };
}
