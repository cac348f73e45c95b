// SPDX-License-Identifier: Apache-2.0
/**
 * Whether the books balance: every split of a sum adds up to the sum, in the filter's counters and in the relays' records,
 * and both sides have the same grand total. Answers with what does not balance, in words.
 */
import type { Sample } from "../prometheus/query.ts";
import { actualByPod, type RelayRecord } from "./actual.ts";
import { COUNTRY_FAMILY, meteredByPod, SPLIT_FAMILY, SUBSET_FAMILIES } from "./metered.ts";
import { FIELDS, type Field, type Tally } from "./tally.ts";

const BYTE_FIELDS: readonly Field[] = ["sentBytes", "receivedBytes"];

/** One line for each thing that does not balance; empty when all does. */
export function imbalances(samples: readonly Sample[], records: readonly RelayRecord[]): string[] {
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
    ...records.flatMap(relayImbalances),
    ...totalImbalances(whole, actualByPod(records)),
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
function missingSeries(whole: Tally, records: readonly RelayRecord[]): string[] {
  return records
    .filter(({ pod, namespace, vendor }) => whole.get([pod, namespace, vendor]) === undefined)
    .map(({ pod, vendor }) => `vendor families of ${pod} have no series for ${vendor} (expected 0 from the start)`);
}

function relayImbalances({ pod, vendor, snapshot }: RelayRecord): string[] {
  return FIELDS.flatMap((field) => {
    const sum = snapshot.destinations.reduce((total, row) => total + row[field], 0);
    const name = `relay of ${pod} and ${vendor}, ${field}`;
    return sum === snapshot[field] ? [] : [`${name}: destinations add up to ${sum} (expected ${snapshot[field]})`];
  });
}

function totalImbalances(metered: Tally, actual: Tally): string[] {
  return FIELDS.flatMap((field) => {
    const [got, want] = [metered, actual].map((tally) => sumOf(tally, field));
    return got === want ? [] : [`all vendors and pods, ${field}: ${got} metered (expected ${want})`];
  });
}

function sumOf(tally: Tally, field: Field): number {
  return tally.keys().reduce((sum, key) => sum + (tally.get(key)?.[field] ?? 0), 0);
}
