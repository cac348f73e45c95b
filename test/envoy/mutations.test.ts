// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about 5,000 damaged conversations through a real Envoy, with the filter's default limits: nothing traps, nothing
 * is changed on the way, every byte is counted once, and what comes afterwards is metered as before.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../loadgen/random.ts";
import { awaitBooks, expectBooks, whenQuiet } from "./driver/agreement.ts";
import { imbalances } from "./driver/books.ts";
import { type Ends, openEnds, part, speak } from "./driver/conversation.ts";
import { harms } from "./driver/harm.ts";
import { damage } from "./driver/mutation.ts";
import { type Sidecar, startSidecar } from "./driver/sidecar.ts";
import type { Turn } from "./ways/way.ts";
import { WAYS } from "./ways/ways.ts";

const CONVERSATIONS = 5000;
const AT_ONCE = 25;
const DAMAGED = "acme";
const AFTERWARDS = "globex";
const DEADLINE_MS = 120_000;

const scripts = WAYS.map((way) => {
  const { open, up, down } = way.script({ up: Buffer.alloc(40, 7), down: Buffer.alloc(60, 8) });
  return [...open, ...up, ...down];
});

let sidecar: Sidecar;

beforeAll(async () => {
  sidecar = await startSidecar({ lanes: [{ vendor: DAMAGED }, { vendor: AFTERWARDS }], settings: { limits: {} } });
});
afterAll(() => sidecar?.stop());

describe("5,000 damaged conversations", () => {
  it("pass unchanged", { timeout: DEADLINE_MS }, async () => {
    for (let seed = 0; seed < CONVERSATIONS; seed += AT_ONCE) {
      const all: [Ends, Turn[]][] = [];
      for (let index = 0; index < AT_ONCE; index += 1)
        all.push([await openEnds(sidecar.lane(DAMAGED)), conversation(seed + index)]);
      await Promise.all(all.map(([ends, turns]) => play(ends, turns)));
    }
  });

  it("are counted to the byte, in sum and over all destinations", async () => {
    const { sentBytes, receivedBytes, connections } = await whenQuiet(sidecar.lane(DAMAGED));
    expect(connections).toBe(CONVERSATIONS);
    const isExact = ([sent, received]: readonly number[]) => sent === sentBytes && received === receivedBytes;
    const books = await awaitBooks(sidecar, DAMAGED, ({ bytes, active }) => isExact(bytes) && active === 0);
    expect(books.bytes).toEqual([sentBytes, receivedBytes]);
    expect(books.active).toBe(0);
    expect(imbalances(books)).toEqual([]);
  });

  it("leave only metrics and labels of ours", async () => {
    expect(harms(await sidecar.samples(), [DAMAGED, AFTERWARDS])).toEqual([]);
  });

  it("make nothing trap", () => {
    expect(sidecar.log.broken()).toEqual([]);
  });

  it("do no harm to a connection that follows", async () => {
    const ends = await openEnds(sidecar.lane(AFTERWARDS));
    const turns = scripts[0] ?? [];
    await speak(ends, turns);
    await part(ends);
    await expectBooks(sidecar, AFTERWARDS, { exchanges: { "none connect 1.1 shop-01.example 200 ok": 1 }, active: 0 });
  });
});

function conversation(seed: number): Turn[] {
  const random = seededRandom(seed, "damage");
  return damage(scripts[Math.floor(random() * scripts.length)] ?? [], random);
}

/** Every fourth one is cut off by a reset. */
async function play(ends: Ends, turns: Turn[]): Promise<void> {
  await speak(ends, turns);
  if (turns.length % 4 !== 3) return part(ends);
  ends.client.reset();
  await ends.gateway.closed();
}
