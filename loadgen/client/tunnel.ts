// SPDX-License-Identifier: Apache-2.0
/**
 * Speaks HTTP with the destination on a wire that leads to it by now: TLS and the version it agrees on, or plain HTTP.
 * How the wire came to lead there is the business of connect.ts and socks.ts.
 */
import type { Socket } from "node:net";
import type { Connection, Trip } from "./connection.ts";
import { speakHttp1 } from "./http1.ts";
import { speakHttp2 } from "./http2.ts";
import { secure } from "./wire.ts";

/** @throws TravelError `tls` if the certificate or the handshake is bad, `timeout`, `closed` */
export async function speakInside(wire: Socket, trip: Trip): Promise<Connection> {
  const { pipelining, timeoutMs } = trip;
  const socket = trip.isPlain ? wire : await secure(wire, trip);
  if ("alpnProtocol" in socket && socket.alpnProtocol === "h2") return speakHttp2(socket, wire, { timeoutMs });
  return speakHttp1(socket, { form: "origin", headers: {}, pipelining, timeoutMs });
}
