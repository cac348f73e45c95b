// SPDX-License-Identifier: Apache-2.0
/**
 * Travels through a tunnel: CONNECT to the proxy, a second try where it asks for credentials, then speaks inside.
 */
import http from "node:http";
import type { Socket } from "node:net";
import { type Trip, TravelError, travelError, type Way } from "./connection.ts";
import { speakInside } from "./tunnel.ts";

const PROXY_AUTHENTICATION_REQUIRED = 407;

/** @throws TravelError `proxy_NNN` if the proxy refuses, `timeout`, `closed`, `reset`, `tls` */
export const travelByConnect: Way = async (wire, trip) => {
  let status = await askForTunnel(wire, trip, trip.awaitChallenge ? {} : authorization(trip.proxy));
  if (status === PROXY_AUTHENTICATION_REQUIRED && trip.awaitChallenge) {
    status = await askForTunnel(wire, trip, authorization(trip.proxy));
  }
  if (status < 200 || status > 299) throw new TravelError(`proxy_${status}`, `proxy answered ${status} to CONNECT`);
  return speakInside(wire, trip);
};

/** Sends CONNECT and resolves with the status once the answer, and its body if it is a refusal, has been read. */
function askForTunnel(wire: Socket, trip: Trip, headers: Record<string, string>): Promise<number> {
  const authority = `${trip.host.includes(":") ? `[${trip.host}]` : trip.host}:${trip.port}`;
  return new Promise((resolve, reject) => {
    const request = http.request({
      method: "CONNECT",
      path: authority,
      headers: { host: authority, "user-agent": "proxymeter-loadgen", connection: "keep-alive", ...headers },
      createConnection: () => wire,
    });
    request.on("connect", (response, _socket, head) => {
      wire.setTimeout(0);
      const status = response.statusCode ?? 0;
      const isRefused = status < 200 || status > 299;
      // Node gives the whole rest of a CONNECT answer to the caller, a refusal's body too.
      const bodyBytes = isRefused ? Number(response.headers["content-length"] ?? 0) : 0;
      if (head.length > bodyBytes) wire.unshift(head.subarray(bodyBytes));
      skip(wire, bodyBytes - head.length).then(() => resolve(status), reject);
    });
    request.setTimeout(trip.timeoutMs, () => {
      request.destroy(new TravelError("timeout", `no answer in ${trip.timeoutMs} ms`));
    });
    request.on("error", (error) => reject(travelError(error)));
    request.end();
  });
}

/** Reads so many bytes, or up to the end, and forgets them. */
async function skip(wire: Socket, count: number): Promise<void> {
  if (count <= 0) return;
  await new Promise<void>((resolve) => {
    let left = count;
    const settle = () => {
      wire.off("data", onData).off("end", settle).off("close", settle);
      resolve();
    };
    const onData = (chunk: Buffer) => {
      left -= chunk.length;
      if (left <= 0) settle();
    };
    wire.on("data", onData).on("end", settle).on("close", settle).resume();
  });
}

/** The header that carries the proxy's credentials; nothing without a username. */
export function authorization(proxy: URL): Record<string, string> {
  if (proxy.username === "") return {};
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
}
