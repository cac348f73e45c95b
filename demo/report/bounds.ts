// SPDX-License-Identifier: Apache-2.0
/**
 * By how much metered and actual may differ, where that is not 0: requests that Envoy itself passes on as HTTP, whose messages it
 * rewrites, and connections that were reset with bytes on their way, in runs where resets are no accident. Pure.
 */
import { DEFAULT_WORKLOAD } from "../../loadgen/workload.ts";
import type { Measure, WireRecord } from "./actual.ts";
import type { Counts } from "./tally.ts";

/** Bytes of one header-routed request and of its answer that Envoy adds to or takes from what the HTTP plugin sees. */
const REWRITTEN = { sentBytes: 32, receivedBytes: 48 };

/**
 * Bytes that a reset can lose in either direction: those that one socket's reader had and the next one's had not. The buffers
 * on the way would hold more than a connection of this load carries: one body of the largest size in its TLS records.
 */
const RESET_BYTES = Math.ceil(DEFAULT_WORKLOAD.maxBodyBytes * 1.05) + 16_384;

/** Allowed differences, to be summed like the counts that they belong to. */
export function allowances({ areResetsExpected }: { areResetsExpected: boolean }): Measure {
  const allowed = ({ witness, resets }: WireRecord, requests: number): Counts => {
    const each = witness === "ledger" ? REWRITTEN : { sentBytes: 0, receivedBytes: 0 };
    const lost = areResetsExpected ? resets * RESET_BYTES : 0;
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

/** Bytes by which the two sides may differ in either direction because of so many connections that were reset. */
export function resetBytes(connections: number): number {
  return connections * RESET_BYTES;
}
