// SPDX-License-Identifier: Apache-2.0
/**
 * The HTTP gateway towards clients that do not wait for it.
 */
import { once } from "node:events";
import net from "node:net";
import { describe, expect, it } from "vitest";
import { startHttpGateway } from "../../../loadgen/gateway/http.ts";
import { listen } from "../../../loadgen/listener.ts";
import { closeLater } from "./rig.ts";

describe("startHttpGateway", () => {
  it("closes a connection whose client ended before its CONNECT was answered", async () => {
    const silent = net.createServer();
    const { port } = await closeLater(listen(silent));
    const gateway = await closeLater(startHttpGateway({ internetPort: port }));
    const asked = once(silent, "connection");
    const client = net.connect({ host: "127.0.0.1", port: gateway.port, allowHalfOpen: true });
    client.end("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n");
    await asked;
    await once(client.resume(), "end");
    expect(client.bytesRead).toBe(0);
  });
});
