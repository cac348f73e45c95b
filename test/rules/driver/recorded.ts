// SPDX-License-Identifier: Apache-2.0
/**
 * Recorded series as they stand, for stories in which only the alert itself is in question.
 */
import { labelsText, type Series } from "./promtool.ts";

/** A value for so many samples; several in a row. */
export function levels(...parts: readonly (readonly [value: number | "_", samples: number])[]): string {
  return parts.map(([value, samples]) => Array<string>(samples).fill(String(value)).join(" ")).join(" ");
}

export function recordedSeries(record: string, labels: Readonly<Record<string, string>>, values: string): Series {
  return { series: `${record}${labelsText(labels)}`, values };
}
