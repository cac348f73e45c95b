// SPDX-License-Identifier: Apache-2.0
/**
 * The truth side of the report: what the recording relays read from the sockets on both sides of them, and, where there is no
 * gateway to stand in front of, what the load generator's own ledger says of its sockets.
 */
import { VALUE_UNKNOWN } from "../../filter/core/contract.ts";
import type { DestinationCounts } from "../../loadgen/ledger.ts";
import type { RelaySnapshot } from "../../loadgen/relay/relay.ts";
import type { Pod } from "../pod.ts";
import { type Counts, FIELDS, Tally } from "./tally.ts";

/** What one pod and one vendor exchanged, by one witness. */
export interface WireRecord extends Counts {
  witness: "relay" | "ledger";
  pod: string;
  namespace: string;
  vendor: string;
  connections: number;
  /** Connections that did not end by a FIN from both sides. */
  resets: number;
  destinations: ({ host: string } & Counts)[];
}

/** The record of the relay between a pod and a vendor. */
export function relayRecord(pod: Pod, vendor: string, snapshot: RelaySnapshot): WireRecord {
  const { connections, resets, requests, sentBytes, receivedBytes, destinations } = snapshot;
  return {
    ...{ witness: "relay", pod: pod.name, namespace: pod.namespace, vendor, connections, resets },
    ...{ requests, sentBytes, receivedBytes },
    destinations: destinations.map((row) => ({ ...row, host: row.host === "" ? VALUE_UNKNOWN : row.host })),
  };
}

/** The record that the ledger has of a pod and a vendor. */
export function ledgerRecord(pod: Pod, vendor: string, ledger: readonly DestinationCounts[]): WireRecord {
  const own = ledger.filter((row) => row.pod === pod.name && row.vendor === vendor);
  const sum = (field: "connections" | keyof Counts) => own.reduce((total, row) => total + row[field], 0);
  return {
    ...{
      witness: "ledger",
      pod: pod.name,
      namespace: pod.namespace,
      vendor,
      connections: sum("connections"),
      resets: 0,
    },
    ...{ requests: sum("requests"), sentBytes: sum("sentBytes"), receivedBytes: sum("receivedBytes") },
    destinations: own.map(({ host, requests, sentBytes, receivedBytes }) => ({
      ...{ host, requests, sentBytes, receivedBytes },
    })),
  };
}

/** Something to be counted for each record, and for each destination of a record. */
export interface Measure {
  whole: (record: WireRecord) => Counts;
  destination: (record: WireRecord, row: Counts) => Counts;
}

const WRITTEN: Measure = { whole: (record) => record, destination: (_record, row) => row };

export function actualByVendor(records: readonly WireRecord[], { whole } = WRITTEN): Tally {
  return tallyOf(records.map((record) => [[record.vendor], whole(record)]));
}

export function actualByPod(records: readonly WireRecord[], { whole } = WRITTEN): Tally {
  return tallyOf(records.map((record) => [[record.pod, record.namespace, record.vendor], whole(record)]));
}

export function actualByDestination(records: readonly WireRecord[], { destination } = WRITTEN): Tally {
  return tallyOf(
    records.flatMap((record) =>
      record.destinations.map((row) => [[row.host, record.vendor], destination(record, row)]),
    ),
  );
}

function tallyOf(entries: [key: string[], counts: Counts][]): Tally {
  const tally = new Tally();
  for (const [key, counts] of entries) {
    for (const field of FIELDS) tally.add(key, field, counts[field]);
  }
  return tally;
}
