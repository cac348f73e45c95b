// SPDX-License-Identifier: Apache-2.0
/**
 * What the raw-socket gateways share: they listen, hand each client to a function that talks with it, and join it to
 * a site. The talking is in socks.ts and fault.ts.
 */
import net, { type Socket } from "node:net";
import { SocketBytes } from "../bytes.ts";
import { listen } from "../listener.ts";
import { forwardResets, pipe } from "../pipe.ts";
import type { Gateway } from "./gateway.ts";

/** Talks with one client; what it throws ends the connection. */
export type Talk = (client: Socket, bytes: SocketBytes) => Promise<void>;

/** Starts a gateway on a free loopback port. */
export async function startRawGateway(talk: Talk): Promise<Gateway> {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    client.on("error", () => client.destroy());
    talk(client, new SocketBytes(client)).catch(() => client.destroy());
  });
  const { port, close } = await listen(server);
  return { host: "127.0.0.1", port, close };
}

/** Joins two sockets for good. */
export function join(client: Socket, site: Socket): void {
  pipe(client, site, () => {});
  pipe(site, client, () => {});
  forwardResets(client, site, () => {});
  forwardResets(site, client, () => {});
  client.resume();
  site.resume();
}

/** Says a last word, ends, and reads what the client still sends, so that nothing is reset. */
export function bidFarewell(client: Socket, word: string | Buffer): void {
  client.end(word);
  client.resume();
}
