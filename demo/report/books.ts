// SPDX-License-Identifier: Apache-2.0
/**
 * Whether the books balance: every split of a sum adds up to the sum, in the filter's counters and in the records of the sockets,
 * and both sides have the same grand total and the same connections. Answers with what does not balance, in words.
 */
import type { Sample } from "../prometheus/query.ts";
import { actualByPod, type WireRecord } from "./actual.ts";
import { allowances } from "./bounds.ts";
import { COUNTRY_FAMILY, meteredByPod, meteredConnections, SPLIT_FAMILY, SUBSET_FAMILIES } from "./metered.ts";
import { FIELDS, type Field, type Tally } from "./tally.ts";

export interface Books {
  samples: readonly Sample[];
  records: readonly WireRecord[];
  /** Bytes that a reset may lose in either direction. */
  bytesPerReset: number;
  /** All clients are the load generator's: nobody opens a connection and says nothing. */
  isOwnLoad: boolean;
}

const BYTE_FIELDS: readonly Field[] = ["sentBytes", "receivedBytes"];

/** One line for each thing that does not balance; empty when all does. */
export function imbalances(books: Books): string[] {
  const { samples, records } = books;
  const whole = meteredByPod(samples);
  const split = meteredByPod(samples, SPLIT_FAMILY);
  const country = meteredByPod(samples, COUNTRY_FAMILY);
  return [
    ...missingSeries(whole, records),
    ...compare("split by destination", [...whole.keys(), ...split.keys()], { part: split, whole, fields: FIELDS }),
    ...compare("split by country", country.keys(), { part: country, whole, fields: BYTE_FIELDS }),
    ...Object.entries(SUBSET_FAMILIES).flatMap(([name, family]) => {
      const part = meteredByPod(samples, family);
      return compare(`${name} part`, part.keys(), { part, whole, fields: BYTE_FIELDS, mayBeLess: true });
    }),
    ...records.flatMap(recordImbalances),
    ...connectionImbalances(books),
    ...totalImbalances(whole, books),
  ];
}

interface Comparison {
  part: Tally;
  whole: Tally;
  fields: readonly Field[];
  mayBeLess?: boolean;
}

function compare(what: string, keys: (readonly string[])[], { part, whole, fields, mayBeLess }: Comparison): string[] {
  const unique = new Map(keys.map((key) => [key.join(" "), key]));
  return [...unique].flatMap(([name, key]) =>
    fields.flatMap((field) => {
      const got = part.get(key)?.[field] ?? 0;
      const want = whole.get(key)?.[field] ?? 0;
      const balances = mayBeLess === true ? got <= want : got === want;
      return balances ? [] : [`${what}, ${name}, ${field}: ${got} (expected ${mayBeLess ? "at most " : ""}${want})`];
    }),
  );
}

// The vendor families exist at 0 from the start, so that nothing is lost at a first scrape.
function missingSeries(whole: Tally, records: readonly WireRecord[]): string[] {
  return records
    .filter(({ pod, namespace, vendor }) => whole.get([pod, namespace, vendor]) === undefined)
    .map(({ pod, vendor }) => `vendor families of ${pod} have no series for ${vendor} (expected 0 from the start)`);
}

function recordImbalances(record: WireRecord): string[] {
  return FIELDS.flatMap((field) => {
    const sum = record.destinations.reduce((total, row) => total + row[field], 0);
    const name = `${record.witness} of ${record.pod} and ${record.vendor}, ${field}`;
    return sum === record[field] ? [] : [`${name}: destinations add up to ${sum} (expected ${record[field]})`];
  });
}

/** The filter counts a connection when something was said on it, the relay when it was opened. */
function connectionImbalances({ samples, records, isOwnLoad }: Books): string[] {
  return records
    .filter(({ witness }) => witness === "relay")
    .flatMap(({ pod, namespace, vendor, connections }) => {
      const got = meteredConnections(samples, [pod, namespace, vendor]);
      if (isOwnLoad ? got === connections : got <= connections) return [];
      return [`connections of ${pod} to ${vendor}: ${got} (expected ${isOwnLoad ? "" : "at most "}${connections})`];
    });
}

function totalImbalances(metered: Tally, { records, bytesPerReset }: Books): string[] {
  const actual = actualByPod(records);
  const allowed = actualByPod(records, allowances(bytesPerReset));
  return FIELDS.flatMap((field) => {
    const [got = 0, want = 0, bound = 0] = [metered, actual, allowed].map((tally) => sumOf(tally, field));
    const name = `all vendors and pods, ${field}`;
    return Math.abs(got - want) <= bound ? [] : [`${name}: ${got} metered (expected ${want} give or take ${bound})`];
  });
}

function sumOf(tally: Tally, field: Field): number {
  return tally.keys().reduce((sum, key) => sum + (tally.get(key)?.[field] ?? 0), 0);
}
