// SPDX-License-Identifier: Apache-2.0
/**
 * Waits until the filter's books of a vendor are as wanted, and fails with both and Envoy's last log lines when they never are.
 * Also holds them against the recording relay, which read the same bytes off its sockets.
 */
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { DemoFailure } from "../../../demo/failure.ts";
import { poll } from "../../../demo/poll.ts";
import type { RelaySnapshot } from "../../../loadgen/relay/relay.ts";
import { type Books, type Bytes, bytesByHost, imbalances, requestsByHost, vendorBooks } from "./books.ts";
import type { Lane, Sidecar } from "./sidecar.ts";

/** Several times the filter's tick of a second. */
const DEADLINE_MS = 6000;
/** What the filter calls bytes and requests whose destination cannot be read; the relay has "". */
const UNKNOWN = "unknown";

/** Waits for the books of a vendor to be as wanted; only the members that are given are looked at. */
export async function expectBooks(sidecar: Sidecar, vendor: string, want: Partial<Books>): Promise<Books> {
  const pick = (books: Books) => Object.fromEntries(Object.keys(want).map((key) => [key, books[key as keyof Books]]));
  const books = await awaitBooks(sidecar, vendor, (found) => isDeepStrictEqual(pick(found), want));
  expect(pick(books), `books of "${vendor}"${sidecar.log.tail()}`).toEqual(want);
  expect(imbalances(books), `books of "${vendor}"`).toEqual([]);
  return books;
}

export interface RelayAgreement {
  /** Requests that the relay does not take for requests, or not for those of that destination. */
  isCountedApart?: boolean;
}

/**
 * Waits until no connection of a lane is open any more and the filter's bytes are the relay's: in sum and for each
 * destination, and so the requests.
 */
export async function expectRelayBooks(sidecar: Sidecar, lane: Lane, options: RelayAgreement = {}): Promise<Books> {
  const relay = await whenQuiet(lane);
  const want = { bytes: [relay.sentBytes, relay.receivedBytes], ...relayByHost(relay) };
  const see = (books: Books) => ({
    bytes: books.bytes,
    byHost: bytesByHost(books),
    requests: options.isCountedApart ? want.requests : requestsByHost(books),
  });
  const books = await awaitBooks(
    sidecar,
    lane.vendor,
    (found) => isDeepStrictEqual(see(found), want) && found.active === 0,
  );
  expect({ ...see(books), active: books.active }, `filter and relay on "${lane.vendor}"${sidecar.log.tail()}`).toEqual({
    ...want,
    active: 0,
  });
  expect(imbalances(books), `books of "${lane.vendor}"`).toEqual([]);
  return books;
}

/** The relay's record once no connection is open. */
export function whenQuiet(lane: Lane): Promise<RelaySnapshot> {
  const check = () => (lane.relay.snapshot().openConnections === 0 ? lane.relay.snapshot() : undefined);
  return poll(check, {
    what: `the connections of "${lane.vendor}" to close`,
    deadlineMs: DEADLINE_MS,
    signal: new AbortController().signal,
    detail: () => `, ${lane.relay.snapshot().openConnections} are open`,
    hint: "",
  });
}

/**
 * The books as soon as they are good and balance, or as they are after the deadline. Envoy's stats are read one by one, so a
 * look may fall between two counters of the same flush: good books are those that a second look finds again.
 */
export async function awaitBooks(sidecar: Sidecar, vendor: string, isGood: (books: Books) => boolean): Promise<Books> {
  const read = async () => vendorBooks(await sidecar.samples(), vendor);
  const check = async () => {
    const books = await read();
    if (!isGood(books) || imbalances(books).length > 0) return undefined;
    return isDeepStrictEqual(await read(), books) ? books : undefined;
  };
  try {
    return await poll(check, { what: "", deadlineMs: DEADLINE_MS, signal: new AbortController().signal, hint: "" });
  } catch (error) {
    if (error instanceof DemoFailure && error.code === "E_TIMEOUT") return read();
    throw error;
  }
}

function relayByHost({ destinations }: RelaySnapshot): {
  byHost: Record<string, Bytes>;
  requests: Record<string, number>;
} {
  const byHost: Record<string, Bytes> = {};
  const requests: Record<string, number> = {};
  for (const { host, requests: count, sentBytes, receivedBytes } of destinations) {
    if (sentBytes + receivedBytes > 0) byHost[host || UNKNOWN] = [sentBytes, receivedBytes];
    if (count > 0) requests[host || UNKNOWN] = count;
  }
  return { byHost, requests };
}
