// SPDX-License-Identifier: Apache-2.0
/**
 * Travels through a SOCKS proxy, version 5 or 4a, by the `socks` library; inside it like through any tunnel.
 */
import type { Socket } from "node:net";
import { SocksClient } from "socks";

import { type Connection, type Trip, TravelError, travelError, type Way } from "./connection.ts";
import { speakInside } from "./tunnel.ts";

/** @throws TravelError `socks_rejected`, `socks_auth`, `timeout`, `closed`, `tls` */
export const travelBySocks5: Way = (wire, trip) => travelBySocks(wire, trip, 5);

/** @throws TravelError `socks_rejected`, `timeout`, `closed`, `tls` */
export const travelBySocks4: Way = (wire, trip) => travelBySocks(wire, trip, 4);

const REASONS: [message: RegExp, reason: string][] = [
  [/authentication/i, "socks_auth"],
  [/rejected/i, "socks_rejected"],
  [/timed out/i, "timeout"],
  [/Socket closed/i, "closed"],
  [/ECONNRESET|EPIPE/, "reset"],
];

async function travelBySocks(wire: Socket, trip: Trip, type: 4 | 5): Promise<Connection> {
  const { username, password, hostname, port } = trip.proxy;
  const credentials = username === "" ? {} : { userId: decodeURIComponent(username) };
  try {
    await SocksClient.createConnection({
      command: "connect",
      existing_socket: wire,
      destination: { host: trip.host, port: trip.port },
      proxy: { host: hostname, port: Number(port), type, password: decodeURIComponent(password), ...credentials },
      timeout: trip.timeoutMs,
    });
  } catch (error) {
    const { message } = error as Error;
    const reason = REASONS.find(([pattern]) => pattern.test(message))?.[1];
    throw reason ? new TravelError(reason, message, { cause: error }) : travelError(error);
  }
  return speakInside(wire, trip);
}
