// SPDX-License-Identifier: Apache-2.0
/**
 * What was used of a vendor in a period: by day, in total, and split in five ways. Both sources, the ledger and Prometheus, lead to
 * this; money is added to it elsewhere. Bytes and requests are whole numbers below 2^53.
 */
import type { Excluded, Traffic } from "../prices/billable.ts";
import type { PricedVendor } from "../prices/model.ts";
import type { Day, Period } from "../time/period.ts";

export const DIMENSIONS = ["pool", "country", "namespace", "workload", "destination"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Of a member that the source does not have, nothing is known: it is absent, never 0. */
export interface Tally {
  requests?: number;
  /** Requests with the outcome `ok`. */
  succeeded?: number;
  sentBytes: number;
  receivedBytes: number;
  billableBytes: number;
  /** Bytes of both directions that were spent on handshakes: with the proxy, and TLS through it. */
  handshakeBytes?: number;
  /** Bytes of both directions of what ended in any outcome but `ok`. */
  failedBytes?: number;
  /** Bytes of both directions for the same host and port again, within 30 s after a failure. */
  repeatedBytes?: number;
}

export interface DayUsage extends Day {
  billableBytes: number;
  /** Bytes of both directions. */
  bytes: number;
  /** False before the period: such days only fill the month's volume. */
  isCharged: boolean;
}

export interface SplitRow extends Tally {
  value: string;
}

export type Splits = Record<Dimension, SplitRow[]>;

/** Bytes at the ends of the period that cannot be dated to one side of it. */
export interface Edges {
  /** Counted, but begun before the period: at most so many belong before it. */
  headBytes: number;
  /** Not counted, but begun before the end of the period: at most so many belong into it. */
  tailBytes: number;
}

/** What a scrape cannot see: bytes between a pod's last scrape and its end. */
export interface ScrapeLoss {
  /** Seconds between two scrapes. */
  intervalSeconds: number;
  /** Mean life of a pod in seconds; absent where none ended. */
  meanLifeSeconds?: number;
  /** Pods that ended, and sidecars that began anew. */
  ends: number;
  /** Of these, sidecars that began anew. */
  resets: number;
  /** Expected share of the bytes that was lost: interval / (2 * mean life). */
  expectedShare: number;
}

export interface VendorUsage {
  vendor: PricedVendor;
  /** False for a vendor that has traffic but is not in vendors.yaml. */
  isConfigured: boolean;
  days: DayUsage[];
  total: Tally;
  traffic: Traffic;
  /** Bytes of the total that the profile leaves out. */
  excluded: Excluded;
  splits: Splits;
  edges: Edges;
}

export interface Usage {
  source: "ledger" | "prometheus";
  period: Period;
  vendors: VendorUsage[];
  /** For Prometheus. */
  loss?: ScrapeLoss;
  /** What a reader of the figures should know. */
  notes: string[];
}

/** What is asked of a source. */
export interface UsageRequest {
  period: Period;
  vendors: readonly PricedVendor[];
  /** Told how far it is. */
  say?: (line: string) => void;
}
