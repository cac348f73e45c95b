// SPDX-License-Identifier: Apache-2.0
/**
 * Compares two readings of a sidecar's counters: which counters are missing or smaller in the later one.
 */
import { type Sample, seriesName } from "./counters.ts";

/** Only counters have to grow; by Prometheus' convention, and by this project's, their names end in `_total`. */
const COUNTER = /_total$/;

/** One line for each counter that went away or shrank; empty when nothing was lost. */
export function lostCounters(before: readonly Sample[], after: readonly Sample[]): string[] {
  const later = new Map(after.map((sample) => [seriesName(sample), sample.value]));
  return before
    .filter(({ metric }) => COUNTER.test(metric))
    .flatMap((sample) => {
      const name = seriesName(sample);
      const value = later.get(name);
      if (value === undefined) return [`${name} was ${sample.value} and is gone`];
      return value < sample.value ? [`${name} was ${sample.value} and is ${value}`] : [];
    });
}
