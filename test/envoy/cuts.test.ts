// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about handshakes that arrive in pieces, through a real Envoy: twenty cuts of each way of travelling, the first of
 * them byte by byte, each piece sent when the one before it has arrived.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../loadgen/random.ts";
import { expectBooks, expectRelayBooks } from "./driver/agreement.ts";
import { openEnds, part, speak } from "./driver/conversation.ts";
import { type Sidecar, startSidecar } from "./driver/sidecar.ts";
import { type Turn, volume } from "./ways/way.ts";
import { WAYS } from "./ways/ways.ts";

const CUTS = 20;
/** Ways whose opening is longer are not sent byte by byte, which would take a second each. */
const LONGEST_BY_BYTE = 1000;
const PAYLOAD = { up: Buffer.alloc(300), down: Buffer.alloc(700) };
let sidecar: Sidecar;

beforeAll(async () => {
  sidecar = await startSidecar({ lanes: WAYS.map((_, index) => ({ vendor: `acme-${index}` })) });
});
afterAll(() => sidecar?.stop());

describe("twenty cuts give what one piece gives", () => {
  it.each(WAYS.map((way, index) => ({ way, name: way.name, vendor: `acme-${index}` })))("$name", async (row) => {
    const { way, vendor } = row;
    const lane = sidecar.lane(vendor);
    const script = way.script(PAYLOAD);
    const turns = [...script.open, ...script.up, ...script.down];
    const total = volume(turns);
    for (let cut = 0; cut < CUTS; cut += 1) {
      const ends = await openEnds(lane);
      await speak(ends, cutUp(turns, cut));
      await part(ends);
    }
    const exchanges = { ...script.exchanges };
    if (way.lasting.kind === "until-close") exchanges[`${way.lasting.row} ok`] = 1;
    await expectRelayBooks(sidecar, lane, way);
    await expectBooks(sidecar, vendor, {
      bytes: [CUTS * total[0], CUTS * total[1]],
      active: 0,
      exchanges: times(exchanges, CUTS),
    });
  });

  it("Envoy has logged nothing that tells of a broken filter", () => {
    expect(sidecar.log.broken()).toEqual([]);
  });
});

/** The same turns in more pieces: every byte one for the first cut, up to four pieces a turn for the others. */
function cutUp(turns: readonly Turn[], cut: number): Turn[] {
  const random = seededRandom(cut, "cuts");
  const size = turns.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  const isByByte = cut === 0 && size - PAYLOAD.up.length - PAYLOAD.down.length < LONGEST_BY_BYTE;
  return turns.flatMap(([direction, bytes]): Turn[] => {
    const at = Array.from({ length: 3 }, () => Math.floor(random() * bytes.length));
    const ends = isByByte ? Array.from(bytes.keys()) : at.sort((a, b) => a - b);
    return pieces(bytes, [...ends, bytes.length]).map((piece): Turn => [direction, piece]);
  });
}

function pieces(bytes: Buffer, ends: readonly number[]): Buffer[] {
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)).filter(({ length }) => length > 0);
}

function times(counts: Record<string, number>, factor: number): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, count * factor]));
}
