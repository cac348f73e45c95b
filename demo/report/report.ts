// SPDX-License-Identifier: Apache-2.0
/**
 * The report of a run: for each vendor, pod and destination what the filter metered next to what really crossed the sockets,
 * and the checks that rest on it. Pure: from samples and relay records to the object that is printed or written as JSON.
 */
import type { Sample } from "../prometheus/query.ts";
import { actualByDestination, actualByPod, actualByVendor, type WireRecord } from "./actual.ts";
import { allowances } from "./bounds.ts";
import { type Check, runChecks } from "./checks.ts";
import { meteredByDestination, meteredByPod, meteredByVendor } from "./metered.ts";
import { FIELDS, type Pair, type PairedRow, pairRows } from "./tally.ts";

interface Paired {
  requests: Pair;
  /** Bytes from pod to vendor. */
  sentBytes: Pair;
  /** Bytes from vendor to pod. */
  receivedBytes: Pair;
}

export type VendorRow = { vendor: string } & Paired;
export type PodRow = { pod: string; namespace: string; vendor: string } & Paired;
export type DestinationRow = { host: string; vendor: string } & Paired;

export interface Report {
  /** All checks pass on a settled run. */
  ok: boolean;
  /** No connection was open any more, and Prometheus had scraped every pod after the last one closed. */
  settled: boolean;
  /** How long there was load. */
  durationSeconds: number;
  vendors: VendorRow[];
  pods: PodRow[];
  destinations: DestinationRow[];
  /** Connections that were reset, and the bytes by which the two sides may differ because of them. */
  resets: { connections: number; bytesBound: number };
  checks: Check[];
}

export interface Evidence {
  samples: readonly Sample[];
  records: readonly WireRecord[];
  settled: boolean;
  durationSeconds: number;
  /** Bytes that a reset may lose in either direction without it being a fault; 0 where nothing should be reset. */
  bytesPerReset: number;
  /** All clients are the load generator's: nobody opens a connection and says nothing. */
  isOwnLoad: boolean;
}

/** Builds the report of a run from its evidence. */
export function buildReport(evidence: Evidence): Report {
  const { samples, records, settled, durationSeconds, bytesPerReset, isOwnLoad } = evidence;
  const allowed = allowances(bytesPerReset);
  const pair = (metered: typeof meteredByVendor, actual: typeof actualByVendor) => {
    const rows = pairRows({ metered: metered(samples), actual: actual(records), allowed: actual(records, allowed) });
    // What clients of others reset was mostly drained; where both sides agree there is nothing to excuse.
    return isOwnLoad ? rows : rows.map(withoutIdleBounds);
  };
  const rows = {
    vendors: pair(meteredByVendor, actualByVendor).map(vendorRow),
    pods: pair(meteredByPod, actualByPod).map(podRow),
    destinations: pair(meteredByDestination, actualByDestination).map(destinationRow),
  };
  const checks = runChecks(rows, evidence);
  const connections = records.reduce((sum, { resets }) => sum + resets, 0);
  return {
    ok: settled && checks.every(({ pass }) => pass),
    settled,
    durationSeconds,
    ...rows,
    resets: { connections, bytesBound: connections * bytesPerReset },
    checks,
  };
}

function withoutIdleBounds(row: PairedRow): PairedRow {
  const kept = FIELDS.map((field): [string, Pair] => {
    const { metered, actual } = row[field];
    return [field, metered === actual ? { metered, actual } : row[field]];
  });
  return { ...row, ...Object.fromEntries(kept) };
}

function vendorRow({ key: [vendor = ""], ...pairs }: PairedRow): VendorRow {
  return { vendor, ...pairs };
}

function podRow({ key: [pod = "", namespace = "", vendor = ""], ...pairs }: PairedRow): PodRow {
  return { pod, namespace, vendor, ...pairs };
}

function destinationRow({ key: [host = "", vendor = ""], ...pairs }: PairedRow): DestinationRow {
  return { host, vendor, ...pairs };
}
