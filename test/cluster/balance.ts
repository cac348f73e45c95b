// SPDX-License-Identifier: Apache-2.0
/**
 * The assertion of all cluster tests: the sidecar's counters equal what the relay read from the vendor's sockets.
 */
import { isDeepStrictEqual } from "node:util";
import { expect, type TestContext } from "vitest";
import { actualBooks, type Books, meteredBooks, since } from "./books.ts";
import { until } from "./poll.ts";
import type { Rig } from "./rig.ts";

const NOTHING: Books = { requests: 0, sentBytes: 0, receivedBytes: 0, destinations: {} };

/** What the relay of a vendor has read so far. */
export function actual(rig: Rig, vendor: string): Books {
  return actualBooks(rig.relay(vendor).snapshot());
}

/**
 * Waits until counters and relay agree on totals and on every destination; the filter holds counts back for a tick.
 *
 * @param unmetered  what the relay had read before metering began
 */
export async function expectBalance(rig: Rig, vendor: string, unmetered: Books = NOTHING): Promise<void> {
  const difference = async () => ({
    metered: meteredBooks(await rig.samples(), vendor),
    actual: since(actual(rig, vendor), unmetered),
  });
  const agree = async () => {
    const { metered, actual } = await difference();
    return isDeepStrictEqual(metered, actual);
  };
  // The comparison below shows both sides, so that this one may fail in silence.
  await until(agree, { what: `balanced books of vendor "${vendor}"`, timeoutMs: 10_000 }).catch(() => undefined);
  const { metered, actual: want } = await difference();
  expect(metered).toEqual(want);
}

/** Prints the end of the sidecar's log when the test of this context fails. */
export function logOnFailure({ onTestFailed }: TestContext, rig: Rig | undefined): void {
  onTestFailed(() => console.error(rig?.sidecar.daemon.log(50)));
}
