// SPDX-License-Identifier: Apache-2.0
/**
 * What is wrong with a report, in words, for whoever has to find out why.
 */
import { imbalances } from "./books.ts";
import type { Evidence, Report } from "./report.ts";
import { agrees, FIELDS, type Field, type Pair } from "./tally.ts";

/** One line for each difference and each imbalance; empty for a report that is ok. */
export function problems(report: Report, evidence: Evidence): string[] {
  const traffic = report.vendors.length > 0 ? [] : ["no traffic reached a vendor (expected some)"];
  return [
    ...(report.settled
      ? []
      : [
          "the run did not settle: connections stayed open, or Prometheus did not scrape every pod after the last close",
        ]),
    ...traffic,
    ...report.vendors.flatMap((row) => differences(`vendor ${row.vendor}`, row)),
    ...report.pods.flatMap((row) => differences(`pod ${row.pod}, vendor ${row.vendor}`, row)),
    ...report.destinations.flatMap((row) => differences(`destination "${row.host}", vendor ${row.vendor}`, row)),
    ...imbalances(evidence),
  ];
}

function differences(name: string, row: Record<Field, Pair>): string[] {
  return FIELDS.filter((field) => !agrees(row[field])).map(
    (field) => `${name}, ${field}: ${row[field].metered} metered (expected ${expected(row[field])})`,
  );
}

function expected({ actual, bound }: Pair): string {
  return bound === undefined ? String(actual) : `${actual} give or take ${bound}`;
}
