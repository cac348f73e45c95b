// SPDX-License-Identifier: Apache-2.0
/**
 * An HTTP server whose answers never end, for readers that must stop by themselves.
 */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

const PART = Buffer.alloc(65_536, " ");

export interface Sent {
  bytes: number;
  /** Whether somebody still reads an answer. */
  isOpen: boolean;
}

export async function endless(): Promise<{ url: string; sent: Sent }> {
  const sent: Sent = { bytes: 0, isOpen: true };
  const server = http.createServer((_request, response) => {
    response.on("close", () => {
      sent.isOpen = false;
    });
    const write = () => {
      while (!response.destroyed) {
        sent.bytes += PART.length;
        if (!response.write(PART)) {
          response.once("drain", write);
          return;
        }
      }
    };
    write();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sent };
}
