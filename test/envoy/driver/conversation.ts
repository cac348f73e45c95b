// SPDX-License-Identifier: Apache-2.0
/**
 * Plays a script on a lane: each turn is sent by one end and read, and compared, at the other before the next one begins.
 * So whatever passes the filter is shown to leave Envoy as it entered it, and no byte is in flight between two turns.
 */
import type { Turn } from "../ways/way.ts";
import { connectPeer, type Peer } from "./peer.ts";
import type { Lane } from "./sidecar.ts";

/** Both ends of one connection. */
export interface Ends {
  client: Peer;
  gateway: Peer;
}

/** Opens a connection through Envoy. */
export async function openEnds(lane: Lane): Promise<Ends> {
  const [client, gateway] = await Promise.all([connectPeer("client", lane.port), lane.gateway.accept()]);
  return { client, gateway };
}

/** @throws Error if what arrives is not what was sent */
export async function speak({ client, gateway }: Ends, turns: readonly Turn[]): Promise<void> {
  for (const [direction, bytes] of turns) {
    const [from, to] = direction === ">" ? [client, gateway] : [gateway, client];
    const [arrived] = await Promise.all([to.take(bytes.length), from.send(bytes)]);
    if (!arrived.equals(bytes))
      throw new Error(`${differing(bytes, arrived)} of a turn "${direction}" is not what was sent`);
  }
}

/** Both say goodbye, the client first. */
export async function part({ client, gateway }: Ends): Promise<void> {
  client.end();
  await gateway.closed();
  await client.closed();
}

function differing(sent: Buffer, arrived: Buffer): string {
  const at = sent.findIndex((byte, index) => byte !== arrived[index]);
  return `byte ${at} of ${sent.length}`;
}
