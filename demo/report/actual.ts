// SPDX-License-Identifier: Apache-2.0
/**
 * The truth side of the report: what the recording relays read from the sockets on both sides of them.
 */
import type { RelaySnapshot } from "../../loadgen/relay/relay.ts";
import { type Counts, FIELDS, Tally } from "./tally.ts";

/** What one relay, which serves one pod and one vendor, has written down. */
export interface RelayRecord {
  pod: string;
  namespace: string;
  vendor: string;
  snapshot: RelaySnapshot;
}

export function actualByVendor(records: readonly RelayRecord[]): Tally {
  return tallyOf(records.map((record) => [[record.vendor], record.snapshot]));
}

export function actualByPod(records: readonly RelayRecord[]): Tally {
  return tallyOf(records.map((record) => [[record.pod, record.namespace, record.vendor], record.snapshot]));
}

export function actualByDestination(records: readonly RelayRecord[]): Tally {
  return tallyOf(
    records.flatMap(({ vendor, snapshot }) => snapshot.destinations.map((row) => [[row.host, vendor], row])),
  );
}

function tallyOf(entries: [key: string[], counts: Counts][]): Tally {
  const tally = new Tally();
  for (const [key, counts] of entries) {
    for (const field of FIELDS) tally.add(key, field, counts[field]);
  }
  return tally;
}
