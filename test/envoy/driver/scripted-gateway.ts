// SPDX-License-Identifier: Apache-2.0
/**
 * A vendor gateway whose every word comes from the test: it hands out its connections in the order in which they came.
 */
import net from "node:net";
import { listen } from "../../../loadgen/listener.ts";
import { Peer } from "./peer.ts";

export interface ScriptedGateway {
  port: number;
  /** The next connection, as soon as there is one. */
  accept(): Promise<Peer>;
  close(): Promise<void>;
}

/** Listens on a free loopback port. */
export async function startScriptedGateway(): Promise<ScriptedGateway> {
  const arrived: Peer[] = [];
  const wanted: ((peer: Peer) => void)[] = [];
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const peer = new Peer("gateway", socket);
    const taker = wanted.shift();
    if (taker) taker(peer);
    else arrived.push(peer);
  });
  const { port, close } = await listen(server);
  const accept = () => {
    const peer = arrived.shift();
    return peer ? Promise.resolve(peer) : new Promise<Peer>((resolve) => void wanted.push(resolve));
  };
  return { port, accept, close };
}
