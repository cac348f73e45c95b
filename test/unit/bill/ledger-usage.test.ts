// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about usage from ledger lines: every byte once, whatever order and how often lines come, on the day it flowed.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { LedgerLine } from "../../../bill/ledger/line.ts";
import { PLAIN_PROFILE, type PricedVendor } from "../../../bill/prices/model.ts";
import { usageFromLedger } from "../../../bill/usage/ledger/usage.ts";
import { seededRandom } from "../../../loadgen/random.ts";
import { ledgerLine, stream } from "./lines.ts";

const NOVEMBER = { from: Date.parse("2026-11-01T00:00:00Z"), to: Date.parse("2026-12-01T00:00:00Z") };

const vendor = (members: Partial<PricedVendor["billing"]> = {}, name = "acme"): PricedVendor => ({
  name,
  gateways: [],
  billing: { ...PLAIN_PROFILE, ...members },
});

async function usage(lines: readonly LedgerLine[], vendors = [vendor()], period = NOVEMBER) {
  return usageFromLedger(stream(lines), { period, vendors });
}

async function only(lines: readonly LedgerLine[], vendors?: PricedVendor[], period?: typeof NOVEMBER) {
  const found = (await usage(lines, vendors, period)).vendors[0];
  if (!found) throw new Error("no vendor");
  return found;
}

/** How much the heap holds more than before, without what nobody holds. */
function makeHeap() {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const used = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = used();
  let peak = before;
  return {
    look: () => {
      peak = used();
    },
    grown: () => peak - before,
  };
}

const at = (time: string) => new Date(time).toISOString();

/** A tunnel from 23:00 to 02:00 that was looked at every hour. */
const TUNNEL = [1, 2, 3].map((hour) =>
  ledgerLine({
    connection: "long",
    isInterim: hour < 3,
    sequence: hour * 3_600_000,
    start: at("2026-11-05T23:00:00Z"),
    end: new Date(Date.parse("2026-11-05T23:00:00Z") + hour * 3_600_000).toISOString(),
    sentBytes: hour * 1000,
    receivedBytes: hour * 50_000,
  }),
);

describe("lines", () => {
  it("count once when they are read twice, and interim lines not at all beside the last one", async () => {
    const lines = [ledgerLine(), ledgerLine(), ...TUNNEL, ...TUNNEL];
    expect((await only(lines)).total).toMatchObject({ requests: 2, sentBytes: 4000, receivedBytes: 159_000 });
  });

  it("that are interim say nothing beside the last one of a connection within one day", async () => {
    const look = ledgerLine({ connection: "day", isInterim: true, sequence: 500, receivedBytes: 10 });
    const last = ledgerLine({ connection: "day" });
    for (const lines of [
      [look, last],
      [last, look],
    ])
      expect((await only(lines)).total).toMatchObject({ requests: 1, sentBytes: 1000, receivedBytes: 9000 });
  });

  it("come to the same in any order", async () => {
    const random = seededRandom(3);
    const lines = [ledgerLine(), ledgerLine({ connection: "other", outcome: "reset" }), ...TUNNEL];
    const want = await only(lines);
    for (let round = 0; round < 30; round++) {
      const shuffled = lines.map((line) => ({ line, key: random() })).sort((a, b) => a.key - b.key);
      const { total, days } = await only(shuffled.map(({ line }) => line));
      expect({ total, days }).toEqual({ total: want.total, days: want.days });
    }
  });

  it("of a tunnel over midnight belong to the days in which its bytes flowed", async () => {
    const { days } = await only(TUNNEL);
    expect(days.filter((one) => one.bytes > 0).map(({ date, bytes }) => [date, bytes])).toEqual([
      ["2026-11-05", 51_000],
      ["2026-11-06", 102_000],
    ]);
  });

  it("of a connection that never ended count as they were last seen, and that is said", async () => {
    const { vendors, notes } = await usage(TUNNEL.slice(0, 2));
    expect(vendors[0]?.total).toMatchObject({ sentBytes: 2000, receivedBytes: 100_000 });
    expect(notes).toEqual(["1 parts of connections have no last line: they count as they were last seen"]);
  });

  it("that span an end of the period say how much may belong to either side", async () => {
    const midnight = { from: Date.parse("2026-11-06T00:30:00Z"), to: NOVEMBER.to };
    const { total, edges } = await only(TUNNEL, [vendor()], midnight);
    expect(total).toMatchObject({ sentBytes: 2000, receivedBytes: 100_000 });
    expect(edges).toEqual({ headBytes: 51_000, tailBytes: 0 });
    const before = { from: NOVEMBER.from, to: midnight.from };
    const first = await only(TUNNEL, [vendor()], before);
    expect(first.total).toMatchObject({ sentBytes: 1000, receivedBytes: 50_000 });
    expect(first.edges).toEqual({ headBytes: 0, tailBytes: 51_000 });
  });

  it("that span the whole period are in none of its days, and that is said", async () => {
    const within = { from: Date.parse("2026-11-06T00:10:00Z"), to: Date.parse("2026-11-06T00:20:00Z") };
    const { vendors, notes } = await usage([...TUNNEL, ledgerLine()], [vendor()], within);
    const [{ total, days, edges } = { total: undefined, days: [], edges: undefined }] = vendors;
    expect(total).toMatchObject({ sentBytes: 0, receivedBytes: 0 });
    expect(days.map(({ bytes }) => bytes)).toEqual([0]);
    expect(edges).toEqual({ headBytes: 0, tailBytes: 51_000 });
    expect(notes).toEqual([
      "up to 51000 bytes of acme are not in this bill: they flowed between two looks at a connection, one before the period and one after it",
    ]);
  });

  it("whose end has no outcome yet have failed in nothing", async () => {
    const { total } = await only([ledgerLine({ outcome: "unknown", isInterim: true })]);
    expect(total).toMatchObject({ failedBytes: 0, sentBytes: 1000, receivedBytes: 9000 });
  });

  describe("of connections that wrote many interim lines", () => {
    const begin = Date.parse("2026-11-05T12:00:00Z");
    const look = (connection: string, sequence: number, isInterim = true) =>
      ledgerLine({
        ...{ connection, isInterim, sequence, start: new Date(begin).toISOString() },
        ...{ end: new Date(begin + sequence).toISOString(), sentBytes: 0, receivedBytes: sequence },
      });

    it("cost no memory for each, and date as if all were kept", async () => {
      const LOOKS = 200_000;
      const EVERY = 500;
      const heap = makeHeap();
      async function* lines(): AsyncIterable<LedgerLine> {
        for (let index = 1; index <= LOOKS; index++) yield look("long", index * EVERY);
        heap.look();
        yield look("long", LOOKS * EVERY, false);
      }
      const { vendors } = await usageFromLedger(lines(), { period: NOVEMBER, vendors: [vendor()] });
      expect(heap.grown()).toBeLessThan(10e6);
      const half = 12 * 3_600_000;
      const dated = vendors[0]?.days.filter(({ bytes }) => bytes > 0).map(({ bytes }) => bytes);
      expect(dated).toEqual([half, LOOKS * EVERY - half]);
    });

    it("cost no more than a name once they have ended", async () => {
      const CONNECTIONS = 40_000;
      const heap = makeHeap();
      async function* lines(): AsyncIterable<LedgerLine> {
        for (let index = 0; index < CONNECTIONS; index++) {
          for (const sequence of [1000, 2000, 3000]) yield look(`crawl/crawler-0/${index}`, sequence);
          yield look(`crawl/crawler-0/${index}`, 3500, false);
        }
        heap.look();
      }
      const { vendors } = await usageFromLedger(lines(), { period: NOVEMBER, vendors: [vendor()] });
      expect(vendors[0]?.total.receivedBytes).toBe(CONNECTIONS * 3500);
      expect(heap.grown()).toBeLessThan(CONNECTIONS * 250);
    });
  });

  it("of pods that write names without dots belong to the vendor of that name", async () => {
    const { vendors } = await usage([ledgerLine({ vendor: "a_b" })], [vendor({}, "a.b")]);
    expect(vendors.map((one) => [one.vendor.name, one.isConfigured, one.total.requests])).toEqual([["a.b", true, 1]]);
  });

  it("of a vendor that nobody configured are told apart", async () => {
    const { vendors } = await usage([ledgerLine({ vendor: "unknown" })]);
    expect(vendors.map((one) => [one.vendor.name, one.isConfigured])).toEqual([
      ["acme", true],
      ["unknown", false],
    ]);
  });
});

describe("the billing profile", () => {
  it.each([
    ["everything", {}, 10_000],
    ["sent bytes", { directions: "sent" as const }, 1000],
    ["no proxy handshakes", { handshake: false }, 9860],
    ["no TLS handshakes", { tlsHandshake: false }, 7700],
    ["neither, received", { handshake: false, tlsHandshake: false, directions: "received" as const }, 6960],
    ["not what was reset", { unbilledOutcomes: ["reset"], handshake: false }, 0],
  ])("%s", async (_title, profile, want) => {
    const { total, excluded } = await only([ledgerLine({ outcome: want === 0 ? "reset" : "ok" })], [vendor(profile)]);
    expect(total.billableBytes).toBe(want);
    expect(Object.values(excluded).reduce((sum, bytes) => sum + bytes, want)).toBe(10_000);
  });

  it("leaves out the TLS around the proxy protocol by an estimate from below", async () => {
    const line = ledgerLine({ protocol: "tls", proxyHandshakeSentBytes: 0, proxyHandshakeReceivedBytes: 0 });
    const { total, excluded } = await only([line], [vendor({ outerTls: false, tlsHandshake: false })]);
    expect(excluded).toMatchObject({ outerTls: 2300 + 2 * 22, tlsHandshake: 0 });
    expect(total.billableBytes).toBe(10_000 - 2344);
  });
});

describe("repeated bytes", () => {
  const failed = ledgerLine({
    connection: "a",
    outcome: "vendor_error",
    requestOutcome: "vendor_error",
    sentBytes: 10,
    receivedBytes: 5,
  });
  const again = (members: Partial<LedgerLine>) => ledgerLine({ connection: "b", ...members });
  const seconds = (after: number) => ({
    start: new Date(Date.parse(failed.end) + after * 1000).toISOString(),
    end: new Date(Date.parse(failed.end) + after * 1000 + 500).toISOString(),
  });

  it.each<[string, Partial<LedgerLine>, number]>([
    ["within 30 s", seconds(30), 10_000],
    ["later", seconds(31), 0],
    ["for another port", { ...seconds(1), destinationPort: 8443 }, 0],
    ["by another pod", { ...seconds(1), pod: "crawler-1" }, 0],
    ["by another vendor", { ...seconds(1), vendor: "globex" }, 10_000],
    ["for one of many hosts", { ...seconds(1), destinationHost: "other" }, 0],
  ])(
    "are those of the same pod, host and port again within 30 s after a failure: %s",
    async (_title, members, want) => {
      const other = members.destinationHost === "other" ? { ...failed, destinationHost: "other" } : failed;
      const { vendors } = await usage([again(members), other]);
      expect(vendors.reduce((sum, one) => sum + (one.total.repeatedBytes ?? 0), 0)).toBe(want);
    },
  );

  it("are none after a crawler broke off", async () => {
    const { total } = await only([{ ...failed, outcome: "client_abort" }, again(seconds(1))]);
    expect(total.repeatedBytes).toBe(0);
  });
});

describe("splits of many random lines", () => {
  it("each sum to the total in every figure", async () => {
    const random = seededRandom(9);
    const pick = <T>(...values: T[]) => values[Math.floor(random() * values.length)] as T;
    const lines = Array.from({ length: 2000 }, (_, index) => {
      const start = NOVEMBER.from + Math.floor(random() * (NOVEMBER.to - NOVEMBER.from - 1000));
      return ledgerLine({
        connection: String(index),
        ...{ start: new Date(start).toISOString(), end: new Date(start + 900).toISOString() },
        ...{ pool: pick("none", "residential"), country: pick("", "de", "us"), namespace: pick("crawl", "crawl-eu") },
        ...{
          workload: pick("", "crawler"),
          pod: pick("crawler-0", "crawler-1"),
          destinationHost: pick("a.example", "b.example"),
        },
        ...{
          destinationPort: pick(0, 443, 8443),
          outcome: pick("ok", "ok", "reset", "vendor_error"),
          requests: pick(1, 3),
        },
        ...{ sentBytes: Math.floor(random() * 1e6), receivedBytes: Math.floor(random() * 1e9) },
      });
    });
    const { total, splits } = await only(lines, [vendor({ handshake: false, unbilledOutcomes: ["vendor_error"] })]);
    for (const rows of Object.values(splits)) {
      for (const [member, value] of Object.entries(total))
        expect(
          rows.reduce((sum, row) => sum + (row[member as "sentBytes"] ?? 0), 0),
          member,
        ).toBe(value);
    }
  });
});
