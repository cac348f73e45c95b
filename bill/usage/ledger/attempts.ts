// SPDX-License-Identifier: Apache-2.0
/**
 * Bytes that were spent on trying again: of what a pod began for a host and port within 30 s after something of its for the same
 * host and port had failed, by whichever vendor. Held in memory until all is known, since files may come in any order.
 */
import * as contract from "../../../filter/core/contract.ts";
import type { LedgerLine } from "../../ledger/line.ts";

export const REPEAT_WITHIN_MS = 30_000;

/** A crawler that breaks off has what it wanted, or nobody's failure. */
const NO_FAILURES = new Set([contract.OUTCOME_OK, contract.OUTCOME_CLIENT_ABORT, contract.VALUE_UNKNOWN]);
const NO_HOSTS = new Set(["", contract.VALUE_OTHER, contract.VALUE_UNKNOWN]);

/** What an attempt's bytes are added to. */
export interface RepeatedSum {
  repeatedBytes: number;
}

/** Columns rather than objects: there is a row for each part of each connection. */
interface Target {
  /** When something failed. */
  failures: number[];
  starts: number[];
  bytes: number[];
  sums: RepeatedSum[];
}

export interface Attempts {
  /** A part of a connection; without a sum only its failure matters. */
  add(line: LedgerLine, at: { start: number; end: number }, sum: RepeatedSum | undefined): void;
  /** Adds up what repeated something, once all lines were added. */
  settle(): void;
}

export function makeAttempts(): Attempts {
  const targets = new Map<string, Target>();
  return {
    add(line, { start, end }, sum) {
      if (NO_HOSTS.has(line.destinationHost)) return;
      const key = [line.namespace, line.pod, line.destinationHost, line.destinationPort].join(" ");
      const target = targets.get(key) ?? { failures: [], starts: [], bytes: [], sums: [] };
      targets.set(key, target);
      if (!NO_FAILURES.has(line.outcome)) target.failures.push(end);
      if (sum === undefined) return;
      target.starts.push(start);
      target.bytes.push(line.sentBytes + line.receivedBytes);
      target.sums.push(sum);
    },
    settle() {
      for (const target of targets.values()) settleTarget(target);
    },
  };
}

function settleTarget({ failures, starts, bytes, sums }: Target): void {
  if (failures.length === 0) return;
  failures.sort((a, b) => a - b);
  for (const [index, start] of starts.entries()) {
    const last = lastUpTo(failures, start);
    const sum = sums[index];
    if (sum && last !== undefined && start - last <= REPEAT_WITHIN_MS) sum.repeatedBytes += bytes[index] ?? 0;
  }
}

/** The last of some ordered moments that is not after another one. */
function lastUpTo(moments: readonly number[], moment: number): number | undefined {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle] ?? 0) <= moment) low = middle + 1;
    else high = middle;
  }
  return moments[low - 1];
}
