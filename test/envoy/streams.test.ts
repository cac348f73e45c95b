// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about connections that carry much, at once or for long, through a real Envoy: what leaves it is what entered it,
 * and the counters rise while a tunnel runs.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../loadgen/random.ts";
import { expectBooks, expectRelayBooks } from "./driver/agreement.ts";
import type { Bytes } from "./driver/books.ts";
import { type Ends, openEnds, part, speak } from "./driver/conversation.ts";
import { noise } from "./driver/noise.ts";
import type { Peer } from "./driver/peer.ts";
import { type Sidecar, startSidecar } from "./driver/sidecar.ts";
import { head, type Turn, volume } from "./ways/way.ts";

const MIB = 1 << 20;
const OPENING: Turn[] = [
  [">", head("CONNECT shop-01.example:443 HTTP/1.1", "Host: shop-01.example:443")],
  ["<", head("HTTP/1.1 200 Connection Established")],
];
const ROW = "none connect 1.1 shop-01.example 200 ok";

describe.each([1, 2])("at concurrency %i", (concurrency) => {
  let sidecar: Sidecar;

  beforeAll(async () => {
    const lanes = ["noise", "long", "crowd"].map((vendor) => ({ vendor }));
    sidecar = await startSidecar({ lanes, concurrency });
  });
  afterAll(() => sidecar?.stop());

  it("what leaves Envoy is byte for byte what entered it, both ways at once on eight connections", async () => {
    const lane = sidecar.lane("noise");
    const all: Ends[] = [];
    for (let index = 0; index < 8; index += 1) all.push(await openEnds(lane));
    await Promise.all(
      all.map(async (ends, index) => {
        await speak(ends, OPENING);
        const [up, down] = [noise(2 * MIB + index, index), noise(3 * MIB + index, 100 + index)];
        const [atGateway, atClient] = await Promise.all([
          ...[ends.gateway.take(up.length), ends.client.take(down.length)],
          ...[pour(ends.client, up, index), pour(ends.gateway, down, 100 + index)],
        ]);
        expect(atGateway?.equals(up), `upload of connection ${index}`).toBe(true);
        expect(atClient?.equals(down), `download of connection ${index}`).toBe(true);
        await part(ends);
      }),
    );
    await expectRelayBooks(sidecar, lane);
    await expectBooks(sidecar, lane.vendor, { connections: { connect: 8 }, exchanges: { [ROW]: 8 }, failed: {} });
  });

  it("a tunnel's counters rise exactly with its bytes while it runs", async () => {
    const ends = await openEnds(sidecar.lane("long"));
    await speak(ends, OPENING);
    const bytes: Bytes = volume(OPENING);
    for (let round = 1; round <= 4; round += 1) {
      await speak(ends, [
        [">", noise(1000 * round, round)],
        ["<", noise(100_000 * round, -round)],
      ]);
      bytes[0] += 1000 * round;
      bytes[1] += 100_000 * round;
      await expectBooks(sidecar, "long", { bytes, requests: 1, active: 1, failed: {} });
    }
    await part(ends);
    await expectBooks(sidecar, "long", { bytes, exchanges: { [ROW]: 1 }, active: 0, failed: {} });
  });

  it("two hundred tunnels at once are two hundred active connections, and none afterwards", async () => {
    const lane = sidecar.lane("crowd");
    const all: Ends[] = [];
    for (let index = 0; index < 200; index += 1) all.push(await openEnds(lane));
    await Promise.all(all.map((ends) => speak(ends, [...OPENING, [">", noise(500, 7)], ["<", noise(900, 8)]])));
    const [sent, received] = volume(OPENING);
    const bytes: Bytes = [200 * (sent + 500), 200 * (received + 900)];
    await expectBooks(sidecar, lane.vendor, { active: 200, requests: 200, bytes });
    await Promise.all(all.map(part));
    await expectRelayBooks(sidecar, lane);
    await expectBooks(sidecar, lane.vendor, {
      active: 0,
      bytes,
      connections: { connect: 200 },
      exchanges: { [ROW]: 200 },
    });
  });

  it("Envoy has logged nothing that tells of a broken filter", () => {
    expect(sidecar.log.broken()).toEqual([]);
  });
});

/** Sends in pieces of 1 byte to 100,000 bytes. */
async function pour(peer: Peer, bytes: Buffer, seed: number): Promise<undefined> {
  const random = seededRandom(seed, "pieces");
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + Math.floor(100_000 ** random());
    await peer.send(bytes.subarray(at, at + size));
    at += size;
  }
  return undefined;
}
