// SPDX-License-Identifier: Apache-2.0
/**
 * The recording relay: stands between one pod's Envoy and one vendor's gateway, passes every byte on unchanged and
 * writes down what it read from either socket. Its books are the truth that the filter's counters are compared with,
 * so it counts what was read, never what was queued for writing, and shares no code with the filter.
 */
import net, { type Socket } from "node:net";
import { listen } from "../listener.ts";
import { Books, type DestinationTotals } from "./books.ts";
import { ConnectionReader } from "./connection.ts";
import { forwardResets, pipe } from "../pipe.ts";

export interface RelayOptions {
  pod: string;
  vendor: string;
  /** The gateway. */
  upstream: { host: string; port: number };
}

export interface RelaySnapshot {
  /** Accepted so far. */
  connections: number;
  /** Accepted and not closed on both sides yet. */
  openConnections: number;
  /** When a connection last closed, in milliseconds of the epoch; 0 before the first. */
  lastCloseAt: number;
  /** Connections that did not end by a FIN from both sides. */
  resets: number;
  /**
   * Complete CONNECT heads, HTTP request heads and SOCKS requests, refused SOCKS authentications, and HTTP/2 prefaces and
   * ClientHellos that a connection begins with.
   */
  requests: number;
  /** Read from Envoy. */
  sentBytes: number;
  /** Read from the gateway. */
  receivedBytes: number;
  /** Once no connection is open, their sums equal the three totals above. */
  destinations: DestinationTotals[];
}

export interface Relay {
  pod: string;
  vendor: string;
  port: number;
  snapshot(): RelaySnapshot;
  close(): Promise<void>;
}

/** Listens on a free loopback port. A gateway that cannot be reached shows to the client as a reset. */
export async function startRelay({ pod, vendor, upstream }: RelayOptions): Promise<Relay> {
  const recorder = new Recorder();
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const gateway = net.connect({ ...upstream, allowHalfOpen: true, noDelay: true });
    recorder.record(client, gateway);
  });
  const listener = await listen(server);
  return { pod, vendor, port: listener.port, snapshot: () => recorder.snapshot(), close: listener.close };
}

class Recorder {
  readonly #books = new Books();
  #connections = 0;
  #openConnections = 0;
  #lastCloseAt = 0;
  #resets = 0;
  #sentBytes = 0;
  #receivedBytes = 0;

  record(client: Socket, gateway: Socket): void {
    this.#connections += 1;
    this.#openConnections += 1;
    const reader = new ConnectionReader(this.#books);
    pipe(client, gateway, (chunk) => {
      this.#sentBytes += chunk.length;
      reader.sent(chunk);
    });
    pipe(gateway, client, (chunk) => {
      this.#receivedBytes += chunk.length;
      reader.received(chunk);
    });
    this.#watchEnding(client, gateway, reader);
  }

  snapshot(): RelaySnapshot {
    const destinations = this.#books.destinations();
    return {
      connections: this.#connections,
      openConnections: this.#openConnections,
      lastCloseAt: this.#lastCloseAt,
      resets: this.#resets,
      requests: destinations.reduce((sum, row) => sum + row.requests, 0),
      sentBytes: this.#sentBytes,
      receivedBytes: this.#receivedBytes,
      destinations,
    };
  }

  #watchEnding(client: Socket, gateway: Socket, reader: ConnectionReader): void {
    let open = 2;
    let wasReset = false;
    const onReset = () => {
      wasReset = true;
    };
    const onClose = () => {
      open -= 1;
      if (open > 0) return;
      reader.close();
      this.#openConnections -= 1;
      this.#lastCloseAt = Date.now();
      if (wasReset) this.#resets += 1;
    };
    forwardResets(client, gateway, onReset);
    forwardResets(gateway, client, onReset);
    client.on("close", onClose);
    gateway.on("close", onClose);
  }
}
