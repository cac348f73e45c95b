// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about connections that are reset with bytes in flight, through a real Envoy. No two observers can agree there:
 * what a side wrote and the other never read sits in buffers. The filter's count lies between what the two sides read,
 * and those are apart by no more than the buffers hold.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { poll } from "../../demo/poll.ts";
import { expectBooks, whenQuiet } from "./driver/agreement.ts";
import { vendorBooks } from "./driver/books.ts";
import { type Ends, openEnds, speak } from "./driver/conversation.ts";
import { noise } from "./driver/noise.ts";
import type { Peer } from "./driver/peer.ts";
import { type Lane, type Sidecar, startSidecar } from "./driver/sidecar.ts";
import { head, type Turn } from "./ways/way.ts";

const MIB = 1 << 20;
const FLOOD = noise(64 * MIB, 1);
const OPENING: Turn[] = [
  [">", head("CONNECT shop-01.example:443 HTTP/1.1")],
  ["<", head("HTTP/1.1 200 OK")],
];
const ROW = "none connect 1.1 shop-01.example 200 ok";

/**
 * What can sit between the filter and the relay's reader: Envoy's buffer of 1 MiB, which may be overrun by one read, the
 * system's send and receive buffer of one socket pair, and what node reads ahead of a slow writer.
 */
const HELD_BYTES = 2 * MIB + largest("tcp_wmem") + largest("tcp_rmem") + MIB;

let sidecar: Sidecar;

beforeAll(async () => {
  sidecar = await startSidecar({ lanes: [{ vendor: "download" }, { vendor: "upload" }, { vendor: "unread" }] });
});
afterAll(() => sidecar?.stop());

describe("a reset with bytes in flight", () => {
  it("by the client in a download: received lies between what the client and the relay read, and is client_abort", async () => {
    const { lane, ends } = await flooded(
      "download",
      (both) => both.client,
      (both) => both.gateway,
    );
    ends.client.reset();
    await ends.gateway.closed();
    const relay = await whenQuiet(lane);
    const books = await expectBooks(sidecar, lane.vendor, { active: 0, exchanges: { [ROW]: 1 } });
    expect(books.failed).toEqual({ client_abort: books.bytes });
    expect(books.bytes[0]).toBe(relay.sentBytes);
    expect(books.bytes[1]).toBeGreaterThanOrEqual(ends.client.receivedBytes);
    expect(books.bytes[1]).toBeLessThanOrEqual(relay.receivedBytes);
    expect(relay.receivedBytes - books.bytes[1]).toBeLessThanOrEqual(HELD_BYTES);
  });

  it("by the vendor in an upload: sent lies between what the relay read and the client wrote, and is reset", async () => {
    const { lane, ends } = await flooded(
      "upload",
      (both) => both.gateway,
      (both) => both.client,
    );
    ends.gateway.reset();
    await ends.client.closed();
    const relay = await whenQuiet(lane);
    const books = await expectBooks(sidecar, lane.vendor, { active: 0, exchanges: { [ROW]: 1 } });
    expect(books.failed).toEqual({ reset: books.bytes });
    expect(books.bytes[1]).toBe(relay.receivedBytes);
    expect(books.bytes[0]).toBeGreaterThanOrEqual(relay.sentBytes);
    expect(books.bytes[0]).toBeLessThanOrEqual(ends.client.sentBytes);
    expect(books.bytes[0] - relay.sentBytes).toBeLessThanOrEqual(HELD_BYTES);
  });

  it("by a vendor that answers and leaves the upload unread: the answer is counted whole", async () => {
    const lane = sidecar.lane("unread");
    const ends = await openEnds(lane);
    await speak(ends, OPENING);
    ends.gateway.pause();
    void ends.client.send(noise(200_000, 2));
    const sees = async () => (vendorBooks(await sidecar.samples(), "unread").bytes[0] > 200_000 ? true : undefined);
    await until("the filter to see the upload", sees);
    await speak(ends, [["<", noise(500, 3)]]);
    ends.gateway.reset();
    await ends.client.closed();
    const [, opening] = OPENING;
    await expectBooks(sidecar, "unread", {
      bytes: [200_000 + (OPENING[0]?.[1].length ?? 0), 500 + (opening?.[1].length ?? 0)],
      active: 0,
    });
  });
});

/** Opens a tunnel in which one side writes without end and the other has stopped reading, and waits until nothing moves. */
async function flooded(
  vendor: string,
  reader: (ends: Ends) => Peer,
  writer: (ends: Ends) => Peer,
): Promise<{ lane: Lane; ends: Ends }> {
  const lane = sidecar.lane(vendor);
  const ends = await openEnds(lane);
  await speak(ends, OPENING);
  void writer(ends).send(FLOOD);
  await reader(ends).take(300_000);
  reader(ends).pause();
  const moved = async () => JSON.stringify([vendorBooks(await sidecar.samples(), vendor).bytes, lane.relay.snapshot()]);
  let before = "";
  let still = 0;
  await until("the flood to stand still", async () => {
    const now = await moved();
    still = now === before ? still + 1 : 0;
    before = now;
    // The filter tells its counts every second, which is ten of these.
    return still >= 15 ? true : undefined;
  });
  return { lane, ends };
}

function until(what: string, read: () => Promise<true | undefined>): Promise<true> {
  return poll(read, { what, deadlineMs: 20_000, everyMs: 100, signal: new AbortController().signal, hint: "" });
}

/** The most that the system lets a socket's buffer grow to. */
function largest(setting: "tcp_wmem" | "tcp_rmem"): number {
  return Number(readFileSync(`/proc/sys/net/ipv4/${setting}`, "utf8").trim().split(/\s+/)[2]);
}
