// SPDX-License-Identifier: Apache-2.0
/**
 * Opens the TCP connection to a proxy and closes it again without losing or resetting anything.
 * What is said on it belongs to the ways of travelling.
 */
import net, { type Socket } from "node:net";
import tls from "node:tls";
import { type Trip, TravelError, travelError } from "./connection.ts";

/** @throws TravelError `refused`, `timeout`, ... */
export async function openWire(trip: Trip): Promise<Socket> {
  const { hostname, port, protocol } = trip.proxy;
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const wire = net.connect({ host, port: Number(port || (protocol === "https:" ? 443 : 80)), noDelay: true });
  await happens(wire, "connect", trip.timeoutMs);
  // An error is told to whoever waits for something on the wire; between two waits nobody needs it.
  wire.on("error", () => {});
  return wire;
}

/**
 * Starts TLS to the destination on a connection that leads there.
 *
 * @throws TravelError `tls` if the certificate or the handshake is bad
 */
export async function secure(wire: Socket, trip: Trip): Promise<tls.TLSSocket> {
  const session = trip.resumesSession ? trip.sessions.get(trip.host) : undefined;
  const socket = tls.connect({
    socket: wire,
    ...(net.isIP(trip.host) ? { host: trip.host } : { servername: trip.host }),
    ALPNProtocols: [...trip.versions],
    rejectUnauthorized: trip.verify,
    secureContext: trip.trust,
    ...(session ? { session } : {}),
  });
  socket.on("error", () => {});
  socket.on("session", (fresh) => trip.sessions.set(trip.host, fresh));
  await happens(socket, "secureConnect", trip.timeoutMs);
  return socket;
}

/** Waits for one event of a socket. @throws TravelError if the socket fails, closes or takes too long before it. */
export function happens(socket: Socket, event: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(new TravelError("timeout", `no ${event} in ${timeoutMs} ms`)), timeoutMs);
    const onError = (error: Error) => settle(travelError(error));
    const onClose = () => settle(new TravelError("closed", `connection closed before ${event}`));
    const onEvent = () => settle();
    const settle = (error?: TravelError) => {
      clearTimeout(timer);
      socket.off("error", onError).off("close", onClose).off(event, onEvent);
      if (!error) return resolve();
      socket.on("error", () => {}).destroy();
      reject(error);
    };
    socket.on("error", onError).on("close", onClose).on(event, onEvent);
  });
}

/** Resolves once the socket is closed; cuts it when that takes longer than `timeoutMs`. */
export function closed(wire: Socket, timeoutMs: number): Promise<void> {
  if (wire.closed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => wire.destroy(), timeoutMs);
    wire.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
