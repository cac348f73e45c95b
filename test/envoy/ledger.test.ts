// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the ledger, through a real Envoy: for every way of travelling and every ending its lines say what the counters
 * say, to the byte and the request, which journeys.test.ts holds against both ends and the recording relay.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LedgerLine } from "../../bill/ledger/line.ts";
import { whenQuiet } from "./driver/agreement.ts";
import { vendorBooks } from "./driver/books.ts";
import { openEnds, speak } from "./driver/conversation.ts";
import { heartbeats } from "./driver/heartbeat.ts";
import { comparable, ledgerBooks, settledLedger } from "./driver/ledger-books.ts";
import { type Sidecar, startSidecar } from "./driver/sidecar.ts";
import { CONCURRENCIES, JOURNEYS, type Journey } from "./ways/journey.ts";

const sidecars = new Map<number, Sidecar>();
const ledgers = new Map<number, readonly LedgerLine[]>();

beforeAll(async () => {
  for (const concurrency of CONCURRENCIES) {
    const lanes = JOURNEYS.filter((journey) => journey.concurrency === concurrency).map(({ vendor }) => ({ vendor }));
    sidecars.set(concurrency, await startSidecar({ lanes, concurrency, ledgerSeconds: 1 }));
  }
  for (const journey of JOURNEYS) await travel(journey);
  for (const [concurrency, sidecar] of sidecars) {
    await heartbeats(sidecar, 3);
    ledgers.set(concurrency, await settledLedger(sidecar.ledger));
  }
});
afterAll(async () => {
  for (const sidecar of sidecars.values()) await sidecar.stop();
});

async function travel({ vendor, ending, concurrency, script }: Journey): Promise<void> {
  const lane = (sidecars.get(concurrency) as Sidecar).lane(vendor);
  const said = script();
  const ends = await openEnds(lane);
  await speak(ends, said.open);
  await ending.play(ends, said);
  await whenQuiet(lane);
}

describe("the ledger of a connection comes to what the counters counted", () => {
  it.each(JOURNEYS)("$title", async ({ vendor, concurrency }) => {
    const sidecar = sidecars.get(concurrency) as Sidecar;
    const books = vendorBooks(await sidecar.samples(), vendor);
    expect(books.bytes[0]).toBeGreaterThan(0);
    expect(ledgerBooks(ledgers.get(concurrency) ?? [], vendor)).toEqual(comparable(books));
  });
});
