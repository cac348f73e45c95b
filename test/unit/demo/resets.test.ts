// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about reset faults: which connections a gateway with them resets, and that the others pass unchanged.
 */
import net, { type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { startResets } from "../../../demo/outside/resets.ts";
import { listen } from "../../../loadgen/listener.ts";

const ANSWER = Buffer.alloc(400_000, "a");
const CONNECT = "CONNECT shop-01.example:443 HTTP/1.1\r\n\r\n";

/** A gateway that answers whatever it is told with 400,000 bytes and ends. */
async function startWithResets(share: number): Promise<number> {
  const gateway = await listen(
    net.createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(ANSWER));
    }),
  );
  onTestFinished(() => gateway.close());
  const resets = await startResets({ gatewayPort: gateway.port, share, seed: 1, name: "acme" });
  onTestFinished(() => resets.close());
  return resets.port;
}

/** How a connection ends on which this is said first, and how much came before. */
async function converse(port: number, words: string | Buffer): Promise<{ bytes: number; error: string }> {
  const socket: Socket = net.connect(port, "127.0.0.1");
  let bytes = 0;
  let error = "";
  socket.on("data", (chunk) => {
    bytes += chunk.length;
  });
  socket.on("error", ({ code = "" }: NodeJS.ErrnoException) => {
    error = code;
  });
  socket.write(words);
  await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return { bytes, error };
}

describe("startResets", () => {
  it.each([
    ["CONNECT", CONNECT],
    ["SOCKS5", Buffer.from([5, 1, 0])],
    ["SOCKS4", Buffer.from([4, 1, 0, 80])],
  ])("resets a tunnel by %s before all of the answer came through", async (_name, words) => {
    const { bytes, error } = await converse(await startWithResets(1), words);
    expect(error).toBe("ECONNRESET");
    expect(bytes).toBeLessThan(ANSWER.length);
  });

  it("lets connections pass that are no tunnels", async () => {
    const words = "GET http://shop-01.example/ HTTP/1.1\r\n\r\n";
    expect(await converse(await startWithResets(1), words)).toEqual({ bytes: ANSWER.length, error: "" });
  });

  it("lets every tunnel pass without a share", async () => {
    expect(await converse(await startWithResets(0), CONNECT)).toEqual({ bytes: ANSWER.length, error: "" });
  });

  it("resets about the share that it was given", async () => {
    const port = await startWithResets(0.5);
    const ends = await Promise.all(Array.from({ length: 40 }, () => converse(port, CONNECT)));
    const reset = ends.filter(({ error }) => error !== "").length;
    expect(reset).toBeGreaterThan(8);
    expect(reset).toBeLessThan(32);
  });
});
