// SPDX-License-Identifier: Apache-2.0
/**
 * Sums of requests and bytes by a key such as vendor, or pod and vendor, and the meeting of two such sums.
 * Pure; where the numbers come from is known to metered.ts and actual.ts.
 */

export const FIELDS = ["requests", "sentBytes", "receivedBytes"] as const;
export type Field = (typeof FIELDS)[number];
export type Counts = Record<Field, number>;

/** What the filter says and what really crossed the vendor's sockets. */
export interface Pair {
  metered: number;
  actual: number;
  /** Largest difference that is no fault; absent means 0. */
  bound?: number;
}

export interface PairedRow {
  key: readonly string[];
  requests: Pair;
  sentBytes: Pair;
  receivedBytes: Pair;
}

export class Tally {
  readonly #rows = new Map<string, { key: readonly string[]; counts: Counts }>();

  add(key: readonly string[], field: Field, amount: number): void {
    const id = key.join("\0");
    const row = this.#rows.get(id) ?? { key, counts: { requests: 0, sentBytes: 0, receivedBytes: 0 } };
    row.counts[field] += amount;
    this.#rows.set(id, row);
  }

  get(key: readonly string[]): Counts | undefined {
    return this.#rows.get(key.join("\0"))?.counts;
  }

  keys(): (readonly string[])[] {
    return [...this.#rows.values()].map(({ key }) => key);
  }
}

export interface Sides {
  metered: Tally;
  actual: Tally;
  /** Largest differences that are no fault. */
  allowed: Tally;
}

/** One row for each key that either side has something other than zeros for, ordered by key. */
export function pairRows({ metered, actual, allowed }: Sides): PairedRow[] {
  const keys = new Map([...metered.keys(), ...actual.keys()].map((key) => [key.join("\0"), key]));
  return [...keys.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, key]) =>
      pairRow(
        key,
        [metered, actual, allowed].map((side) => side.get(key)),
      ),
    )
    .filter((row) => FIELDS.some((field) => row[field].metered !== 0 || row[field].actual !== 0));
}

export function agrees({ metered, actual, bound = 0 }: Pair): boolean {
  return Math.abs(metered - actual) <= bound;
}

function pairRow(key: readonly string[], [metered, actual, allowed]: (Counts | undefined)[]): PairedRow {
  const pair = (field: Field): Pair => {
    const bound = allowed?.[field] ?? 0;
    return { metered: metered?.[field] ?? 0, actual: actual?.[field] ?? 0, ...(bound === 0 ? {} : { bound }) };
  };
  return { key, requests: pair("requests"), sentBytes: pair("sentBytes"), receivedBytes: pair("receivedBytes") };
}
