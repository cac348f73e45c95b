// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about input that means harm, through a real Envoy that logs at debug: whatever stands in hosts, headers and
 * usernames, the exposition stays parseable and its names ours, no secret leaves the wire, and the totals stay exact.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awaitBooks, whenQuiet } from "./driver/agreement.ts";
import { openEnds, part, speak } from "./driver/conversation.ts";
import { parseExposition } from "./driver/exposition.ts";
import { harms } from "./driver/harm.ts";
import { type Sidecar, startSidecar } from "./driver/sidecar.ts";
import { BYTE_PLACES, CONFIDENCES, CONTROL_POISONS, LINE_PLACES, POISONS, SECRET_TEXTS } from "./ways/hostile.ts";
import type { Turn } from "./ways/way.ts";

const VENDOR = "acme";
let sidecar: Sidecar;

beforeAll(async () => {
  sidecar = await startSidecar({
    lanes: [{ vendor: VENDOR }],
    settings: {
      limits: { series: 20_000, destinations: 1000, pools: 1000 },
      extra: { header: "x-job" },
      headers: { vendor: "x-proxy-vendor", pool: "x-proxy-pool" },
    },
    logging: ["--log-level", "debug"],
  });
});
afterAll(() => sidecar?.stop());

describe.each(Object.keys({ ...LINE_PLACES, ...BYTE_PLACES }))("%s", (place) => {
  const script = LINE_PLACES[place] ?? BYTE_PLACES[place];
  const poisons = place in BYTE_PLACES ? { ...POISONS, ...CONTROL_POISONS } : POISONS;

  it.each(Object.entries(poisons))("breaks out of no label with %s", async (_name, poison) => {
    await play(script?.(poison) ?? []);
    expect(harms(await sidecar.samples(), [VENDOR])).toEqual([]);
  });
});

describe("credentials, addresses and cookies", () => {
  it.each(Object.entries(CONFIDENCES))("%s stay on the wire", async (_name, turns) => {
    await play(turns);
    expect(harms(await sidecar.samples(), [VENDOR])).toEqual([]);
  });

  it("are in no stat and in no line of Envoy's log at debug", async () => {
    await whenQuiet(sidecar.lane(VENDOR));
    const stats = await Promise.all(
      ["/stats/prometheus", "/stats", "/stats?format=json"].map((path) => sidecar.envoy.ask(path)),
    );
    const lower = stats.join("\n").toLowerCase();
    expect(SECRET_TEXTS.filter((secret) => lower.includes(secret.toLowerCase()))).toEqual([]);
    expect(sidecar.log.length).toBeGreaterThan(1000);
    expect(sidecar.log.mentions(...SECRET_TEXTS)).toEqual([]);
  });
});

describe("after all of it", () => {
  it("the whole exposition of Envoy is parseable", async () => {
    expect(parseExposition(await sidecar.envoy.ask("/stats/prometheus")).length).toBeGreaterThan(100);
  });

  it("the vendor's totals are what the relay read, and its destinations add up to them", async () => {
    const { sentBytes, receivedBytes } = await whenQuiet(sidecar.lane(VENDOR));
    const isExact = ([sent, received]: readonly number[]) => sent === sentBytes && received === receivedBytes;
    const books = await awaitBooks(sidecar, VENDOR, ({ bytes, active }) => isExact(bytes) && active === 0);
    expect(books.bytes).toEqual([sentBytes, receivedBytes]);
    expect(books.active).toBe(0);
  });

  it("Envoy has logged nothing that tells of a broken filter", () => {
    expect(sidecar.log.broken()).toEqual([]);
  });
});

async function play(turns: readonly Turn[]): Promise<void> {
  const ends = await openEnds(sidecar.lane(VENDOR));
  await speak(ends, turns);
  await part(ends);
}
