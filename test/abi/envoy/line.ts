// SPDX-License-Identifier: Apache-2.0
/**
 * One connection through an Envoy with both ends in the test's hands; counts what each has sent.
 */
import { connectPeer, type Peer } from "../../envoy/driver/peer.ts";
import type { ScriptedGateway } from "../../envoy/driver/scripted-gateway.ts";

export class Line {
  readonly client: Peer;
  readonly gateway: Peer;

  constructor(client: Peer, gateway: Peer) {
    this.client = client;
    this.gateway = gateway;
  }

  /** Bytes from the pod; resolves when they have arrived. */
  async sent(bytes: Buffer): Promise<void> {
    await this.client.send(bytes);
    await this.gateway.take(bytes.length);
  }

  async received(bytes: Buffer): Promise<void> {
    await this.gateway.send(bytes);
    await this.client.take(bytes.length);
  }

  /** So many bytes of each direction. */
  async exchange(sent: number, received: number): Promise<void> {
    await this.sent(Buffer.alloc(sent, 1));
    await this.received(Buffer.alloc(received, 2));
  }

  /** Both ends say goodbye, the pod first. */
  async close(): Promise<void> {
    this.client.end();
    await this.gateway.closed();
    await this.client.closed();
  }
}

/** Connects through a listener to the gateway behind it. */
export async function openLine(port: number, gateway: ScriptedGateway): Promise<Line> {
  const client = await connectPeer("crawler", port);
  return new Line(client, await gateway.accept());
}

/** Bytes that all of the lines have carried: sent, received. */
export function volumeOf(lines: readonly Line[]): [sent: number, received: number] {
  const sum = (of: (line: Line) => number) => lines.reduce((total, line) => total + of(line), 0);
  return [sum(({ client }) => client.sentBytes), sum(({ gateway }) => gateway.sentBytes)];
}
