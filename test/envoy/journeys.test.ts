// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about every way of travelling and every ending, through a real Envoy: the filter's counters are the bytes that
 * both ends said, the recording relay read the same, and nothing was changed on the way.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LABEL_REASON, UNATTRIBUTED_BYTES } from "../../filter/core/contract.ts";
import { expectBooks, expectRelayBooks } from "./driver/agreement.ts";
import { type Books, type Bytes, vendorBooks } from "./driver/books.ts";
import { openEnds, speak } from "./driver/conversation.ts";
import { heartbeats } from "./driver/heartbeat.ts";
import { type Sidecar, startSidecar } from "./driver/sidecar.ts";
import { volume } from "./ways/way.ts";
import { CONCURRENCIES, JOURNEYS, type Journey, wantedBooks, wantedOverhead } from "./ways/journey.ts";

const sidecars = new Map<number, Sidecar>();
/** Of the journeys that are over. */
const wanted = new Map<Journey, Partial<Books>>();

beforeAll(async () => {
  for (const concurrency of CONCURRENCIES) {
    const lanes = JOURNEYS.filter((journey) => journey.concurrency === concurrency).map(({ vendor }) => ({ vendor }));
    sidecars.set(concurrency, await startSidecar({ lanes, concurrency }));
  }
});
afterAll(async () => {
  for (const sidecar of sidecars.values()) await sidecar.stop();
});

function sidecarOf({ concurrency }: Journey): Sidecar {
  return sidecars.get(concurrency) as Sidecar;
}

describe("the filter counts exactly what both ends said", () => {
  it.each(JOURNEYS)("$title", async (journey) => {
    const { vendor, ending, way } = journey;
    const script = journey.script();
    const want = wantedBooks(journey, script);
    wanted.set(journey, want);
    const sidecar = sidecarOf(journey);
    const lane = sidecar.lane(vendor);
    const ends = await openEnds(lane);
    await speak(ends, script.open);
    await ending.play(ends, script);
    const said = volume([...script.open, ...script.up, ...script.down]);
    const { client, gateway } = ends;
    expect([client.sentBytes, client.receivedBytes], "client").toEqual(said);
    expect([gateway.receivedBytes, gateway.sentBytes], "gateway").toEqual(said);
    await expectRelayBooks(sidecar, lane, way);
    const books = await expectBooks(sidecar, vendor, want);
    expect(books.overhead).toMatchObject(wantedOverhead(journey, script));
    expect(labelsOf(books.destinations)).toEqual([...script.labels].sort());
  });
});

describe("after all of it", () => {
  it.each(CONCURRENCIES)("no figure has changed by a further tick, at concurrency %i", async (concurrency) => {
    const sidecar = sidecars.get(concurrency) as Sidecar;
    await heartbeats(sidecar, 2);
    const samples = await sidecar.samples();
    for (const [journey, want] of wanted) {
      if (journey.concurrency !== concurrency) continue;
      expect(vendorBooks(samples, journey.vendor), journey.title).toMatchObject(want);
    }
  });

  it.each(CONCURRENCIES)(
    "bytes without a destination stand under their reason, at concurrency %i",
    async (concurrency) => {
      const samples = await (sidecars.get(concurrency) as Sidecar).samples();
      const metered = samples.filter(({ name }) => name === UNATTRIBUTED_BYTES);
      const got = metered.map(({ labels, value }) => [labels[LABEL_REASON], value]);
      const want: Record<string, number> = {};
      for (const [journey, { bytes }] of wanted) {
        const reason = journey.concurrency === concurrency ? journey.way.unattributed : undefined;
        if (reason !== undefined && bytes) want[reason] = (want[reason] ?? 0) + bytes[0] + bytes[1];
      }
      expect(Object.fromEntries(got)).toEqual(want);
      expect(Object.keys(want)).toHaveLength(2);
    },
  );

  it.each(CONCURRENCIES)("Envoy has logged nothing that tells of a broken filter, at concurrency %i", (concurrency) => {
    expect(sidecars.get(concurrency)?.log.broken()).toEqual([]);
  });
});

function labelsOf(destinations: Record<string, Bytes>): string[] {
  return [...new Set(Object.keys(destinations).map((key) => key.split(" ").slice(0, 2).join(" ")))].sort();
}
