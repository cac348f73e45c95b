// SPDX-License-Identifier: Apache-2.0
/**
 * What goes wrong in a fleet, so that panels about it have something to show: refused credentials, sites that ban,
 * headers that contradict the gateway, bytes that are no proxy request. Once a second through every HTTP gateway.
 */
import { connect } from "node:net";
import { HOSTS, usernameFor } from "../../demo/vendors.ts";
import type { Entrance } from "../../demo/traffic/plan.ts";

const EVERY_MS = 1000;
const PATIENCE_MS = 3000;

/** Goes on until the returned function is called. */
export function makeTrouble(entrances: readonly Entrance[]): () => void {
  const doors = entrances.filter(({ vendor }) => vendor.protocol === "http");
  const timer = setInterval(() => {
    for (const door of doors) for (const words of troubles(door)) speak(door.port, words);
  }, EVERY_MS);
  return () => clearInterval(timer);
}

function troubles({ vendor }: Entrance): string[] {
  const [host = ""] = HOSTS;
  const good = `${usernameFor(vendor, "residential", "de")}:${vendor.password}`;
  const other = vendor.name === "acme" ? "globex" : "acme";
  return [
    head(`CONNECT ${host}:443 HTTP/1.1`, "nobody:wrong"),
    head(`GET http://${host}/status/429 HTTP/1.1`, good, `Host: ${host}`, "Connection: close"),
    head(
      `GET http://${host}/status/500 HTTP/1.1`,
      good,
      `Host: ${host}`,
      "Connection: close",
      `X-Proxy-Vendor: ${other}`,
    ),
    "\u0000\u0001 no proxy request\r\n\r\n",
  ];
}

function head(line: string, credentials: string, ...more: string[]): string {
  const authorization = `Proxy-Authorization: Basic ${Buffer.from(credentials).toString("base64")}`;
  return [line, authorization, ...more, "", ""].join("\r\n");
}

/** Says it and waits for the end; what comes back is the filter's to count. */
function speak(port: number, words: string): void {
  const socket = connect(port, "127.0.0.1");
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.on("error", () => {});
  socket.resume();
  socket.write(words);
  setTimeout(() => socket.end(), EVERY_MS / 2);
}
