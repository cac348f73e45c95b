// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about an Envoy that is killed and started again under load: what a scraper sees never shrinks within a life, and
 * what a crash loses is no more than what went over the wire since the last tick that was scraped.
 */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Gateway } from "../../loadgen/gateway/gateway.ts";
import { startHttpGateway } from "../../loadgen/gateway/http.ts";
import { type Load, startLoad } from "../../loadgen/run.ts";
import { awaitBooks, whenQuiet } from "./driver/agreement.ts";
import { type Bytes, vendorBooks } from "./driver/books.ts";
import { HOSTS, type Outside, startOutside } from "./driver/outside.ts";
import { type Sidecar, startSidecar } from "./driver/sidecar.ts";

const VENDOR = "acme";
const TICK_MS = 1000;
const SCRAPE_MS = 100;
/** A tick, and what a busy machine adds to it. */
const LAG_MS = 2 * TICK_MS;

/** A scrape, and what the relay had read just before it was asked for. */
interface Observation {
  at: number;
  metered: Bytes;
  requests: number;
  wire: Bytes;
}

let outside: Outside;
let gateway: Gateway;
let sidecar: Sidecar;
let first: Observation[];
let second: Observation[];
let wireAtCrash: Bytes;

beforeAll(async () => {
  outside = await startOutside();
  gateway = await startHttpGateway({ internetPort: outside.internet.port });
  sidecar = await startSidecar({ lanes: [{ vendor: VENDOR, gateway }] });
  let load = crawl();
  first = await observe(4000);
  await sidecar.crash();
  await load.stop();
  await whenQuiet(sidecar.lane(VENDOR));
  wireAtCrash = wire();
  await sidecar.restart();
  load = crawl();
  second = await observe(2500);
  await load.stop();
  await whenQuiet(sidecar.lane(VENDOR));
});
afterAll(async () => {
  await sidecar?.stop();
  await gateway?.close();
  await outside?.close();
});

describe("an Envoy that is killed under load and started again", () => {
  it("has counters that never fall within a life, so no rate is negative", () => {
    for (const life of [first, second]) {
      for (const [index, now] of life.entries()) {
        const before = life[index - 1] ?? { metered: [0, 0], requests: 0 };
        expect(now.requests).toBeGreaterThanOrEqual(before.requests);
        for (const way of [0, 1] as const) expect(now.metered[way]).toBeGreaterThanOrEqual(before.metered[way] ?? 0);
      }
    }
  });

  it("has counters that begin anew below those of the life before, so a scraper sees the restart", () => {
    const before = last(first);
    expect(before.requests).toBeGreaterThan(100);
    expect(second[0]?.requests).toBeLessThan(before.requests);
    expect(second[0]?.metered[1]).toBeLessThan(before.metered[1]);
  });

  it("is never more than a tick behind the wire, at any scrape", () => {
    for (const { at, metered } of first) {
      const due = wireBefore(at - LAG_MS);
      for (const way of [0, 1] as const) expect(metered[way]).toBeGreaterThanOrEqual(due[way]);
    }
  });

  it("loses no more than what went over the wire since the last tick that was scraped", () => {
    const { at, metered } = last(first);
    const safe = wireBefore(at - LAG_MS);
    for (const way of [0, 1] as const) {
      const lost = wireAtCrash[way] - metered[way];
      expect(lost).toBeLessThanOrEqual(wireAtCrash[way] - safe[way]);
    }
  });

  it("counts exactly what went over the wire since the crash", async () => {
    const [sent, received] = wire();
    const want: Bytes = [sent - wireAtCrash[0], received - wireAtCrash[1]];
    const books = await awaitBooks(sidecar, VENDOR, ({ bytes }) => bytes[0] === want[0] && bytes[1] === want[1]);
    expect(books.bytes).toEqual(want);
    expect(books.active).toBe(0);
  });
});

function crawl(): Load {
  const proxyUrl = `http://127.0.0.1:${sidecar.lane(VENDOR).port}`;
  return startLoad({
    pods: [{ pod: "crawler-0", vendors: [{ vendor: VENDOR, weight: 1, proxyUrl, protocol: "connect" }] }],
    hosts: [...HOSTS],
    ca: outside.authority.pem,
    seed: 1,
    connections: 12,
    workload: { requestsPerConnection: 5, meanThinkMs: 50 },
  });
}

/** Scrapes for so long. */
async function observe(durationMs: number): Promise<Observation[]> {
  const seen: Observation[] = [];
  for (const end = Date.now() + durationMs; Date.now() < end; await delay(SCRAPE_MS)) {
    const at = Date.now();
    const before = wire();
    const { bytes, requests } = vendorBooks(await sidecar.samples(), VENDOR);
    seen.push({ at, metered: bytes, requests, wire: before });
  }
  return seen;
}

function wire(): Bytes {
  const { sentBytes, receivedBytes } = sidecar.lane(VENDOR).relay.snapshot();
  return [sentBytes, receivedBytes];
}

/** What the relay had read at a time of the first life. */
function wireBefore(time: number): Bytes {
  return first.findLast(({ at }) => at <= time)?.wire ?? [0, 0];
}

function last(life: readonly Observation[]): Observation {
  const observation = life.at(-1);
  if (!observation) throw new Error("no scrape was made");
  return observation;
}
