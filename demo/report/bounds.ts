// SPDX-License-Identifier: Apache-2.0
/**
 * By how much metered and actual may differ, where that is not 0: requests that Envoy itself passes on as HTTP, whose messages it
 * rewrites, and connections that were reset with bytes on their way, in runs where resets are no accident. Pure.
 */
import type { Measure, WireRecord } from "./actual.ts";
import type { Counts } from "./tally.ts";

/** Bytes by which a header-routed request and its answer may each differ from what the HTTP plugin counts, by docs/http-sizes.md. */
const REWRITTEN = { sentBytes: 64, receivedBytes: 64 };

/**
 * Bytes that a reset may lose in either direction, whoever talks: those that one socket's reader had and the next one's had not.
 * Envoy's two buffers of 1 MiB, and the kernel's for sending (4 MiB) and receiving (6 MiB), at their usual limits.
 */
export const BUFFERED_BYTES = 12 * 1_048_576;

/** The same where no message is larger than this: one message in its TLS records, and a handshake. */
export function bytesInFlight(maxBodyBytes: number): number {
  return Math.ceil(maxBodyBytes * 1.05) + 16_384;
}

/**
 * Allowed differences, to be summed like the counts that they belong to.
 *
 * @param bytesPerReset  0 where nothing should be reset
 */
export function allowances(bytesPerReset: number): Measure {
  const allowed = ({ witness, resets }: WireRecord, requests: number): Counts => {
    const each = witness === "ledger" ? REWRITTEN : { sentBytes: 0, receivedBytes: 0 };
    const lost = resets * bytesPerReset;
    return {
      requests: 0,
      sentBytes: requests * each.sentBytes + lost,
      receivedBytes: requests * each.receivedBytes + lost,
    };
  };
  return {
    whole: (record) => allowed(record, record.requests),
    destination: (record, { requests }) => allowed(record, requests),
  };
}
