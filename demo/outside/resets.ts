// SPDX-License-Identifier: Apache-2.0
/**
 * Stands in front of a vendor's gateway and resets some of its tunnels on both sides while they carry data, as a vendor's
 * overloaded exit does. Connections that are no tunnels pass: a reset must not leave it open how many requests there were.
 */
import net, { type Socket } from "node:net";
import { type Listener, listen } from "../../loadgen/listener.ts";
import { forwardResets, pipe } from "../../loadgen/pipe.ts";
import { exponential, seededRandom } from "../../loadgen/random.ts";

export interface ResetOptions {
  gatewayPort: number;
  /** Share of the tunnels that are reset, 0 to 1. */
  share: number;
  seed: number;
  /** Another sequence of random numbers for each name. */
  name: string;
}

/** How far a tunnel that is reset gets, on average, in bytes from the gateway. */
const MEAN_BYTES = 8192;

/** Listens on a free loopback port. */
export function startResets({ gatewayPort, share, seed, name }: ResetOptions): Promise<Listener> {
  const random = seededRandom(seed, `${name}/resets`);
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const gateway = net.connect({ host: "127.0.0.1", port: gatewayPort, allowHalfOpen: true, noDelay: true });
    const bytes = random() < share ? exponential(random, MEAN_BYTES) : Number.POSITIVE_INFINITY;
    carry(client, gateway, bytes);
  });
  return listen(server);
}

/** Joins the sockets until so many bytes came from the gateway of a tunnel. */
function carry(client: Socket, gateway: Socket, bytes: number): void {
  let isTunnel: boolean | undefined;
  let left = bytes;
  pipe(client, gateway, (chunk) => {
    isTunnel ??= opensTunnel(chunk);
  });
  pipe(gateway, client, (chunk) => {
    left -= chunk.length;
    if (left < 0 && isTunnel) setImmediate(() => reset(client, gateway));
  });
  forwardResets(client, gateway, () => {});
  forwardResets(gateway, client, () => {});
}

function reset(...sockets: Socket[]): void {
  for (const socket of sockets) if (!socket.destroyed) socket.resetAndDestroy();
}

/** Whether a connection that begins with these bytes is CONNECT or SOCKS. */
function opensTunnel(start: Buffer): boolean {
  return start[0] === 4 || start[0] === 5 || start.toString("latin1", 0, 8) === "CONNECT ";
}
