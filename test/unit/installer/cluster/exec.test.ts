// SPDX-License-Identifier: Apache-2.0
/**
 * A command in a container, against a server that speaks the API server's streams.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/util/remotecommand/constants.go
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { KubeConfig } from "@kubernetes/client-node";
import { afterEach, describe, expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { type ExecWish, execIn } from "../../../../installer/cluster/exec.ts";

const WISH: ExecWish = {
  namespace: "crawl",
  pod: "crawler-0",
  container: "istio-proxy",
  command: ["pilot-agent", "request", "GET", "config_dump"],
  mostBytes: 1000,
  timeoutMs: 5000,
};
const [STDOUT, STDERR, STATUS] = [1, 2, 3];

let server: Server | undefined;
let asked: string | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const frame = (stream: number | undefined, text: string) =>
  Buffer.concat([Buffer.from([stream ?? 0]), Buffer.from(text)]);

/** A kubeconfig for a server that answers an exec so. */
async function answering(answer: (socket: WebSocket) => void, refusal?: string): Promise<KubeConfig> {
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "v4.channel.k8s.io" });
  server = createServer();
  server.on("upgrade", (request, socket, head) => {
    asked = request.url;
    if (refusal) socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\n\r\n`);
    else sockets.handleUpgrade(request, socket, head, answer);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const config = new KubeConfig();
  const { port } = server.address() as AddressInfo;
  config.loadFromClusterAndUser({ name: "c", server: `http://127.0.0.1:${port}`, skipTLSVerify: true }, { name: "u" });
  return config;
}

describe("a command in a container", () => {
  it("is asked for in that container, and what it prints arrives whole", async () => {
    const config = await answering((socket) => {
      for (const part of ['{"configs"', ":[]}"]) socket.send(frame(STDOUT, part));
      socket.send(frame(STATUS, '{"status":"Success"}'));
    });
    expect(await execIn(config, WISH)).toBe('{"configs":[]}');
    const { pathname, searchParams } = new URL(asked ?? "", "http://server");
    expect(pathname).toBe("/api/v1/namespaces/crawl/pods/crawler-0/exec");
    expect([searchParams.get("container"), searchParams.getAll("command")]).toEqual(["istio-proxy", WISH.command]);
    expect(searchParams.get("stdin")).toBe("false");
  });

  it("fails with what it said, or the server", async () => {
    const talking = await answering((socket) => {
      socket.send(frame(STDERR, "no such command\n"));
      socket.send(frame(STATUS, '{"status":"Failure","message":"exit code 1"}'));
    });
    await expect(execIn(talking, WISH)).rejects.toThrow("no such command");
  });

  it("fails where this account may not do it", async () => {
    const config = await answering(() => undefined, "403 Forbidden");
    await expect(execIn(config, WISH)).rejects.toThrow("403");
  });

  it("ends when there is too much, no end, or a broken connection", async () => {
    const loud = await answering((socket) => socket.send(frame(STDOUT, "x".repeat(1001))));
    await expect(execIn(loud, WISH)).rejects.toThrow("it is larger than 1000 bytes");
    server?.close();
    const silent = await answering(() => undefined);
    await expect(execIn(silent, { ...WISH, timeoutMs: 50 })).rejects.toThrow("no answer within 0.05 s");
    server?.close();
    const broken = await answering((socket) => socket.close());
    await expect(execIn(broken, WISH)).rejects.toThrow("the connection ended early");
  });

  it("ends with the signal", async () => {
    const stop = new AbortController();
    const config = await answering(() => stop.abort(new Error("interrupted")));
    await expect(execIn(config, WISH, stop.signal)).rejects.toThrow("interrupted");
  });
});
