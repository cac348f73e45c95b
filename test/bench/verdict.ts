// SPDX-License-Identifier: Apache-2.0
/**
 * From figures to a verdict: each finding of a measure is held against its bars. Pure.
 */
import { type Bar, BARS, type BarId } from "./bars.ts";
import type { Figure } from "./statistics.ts";

/** What a measure found. */
export interface Finding {
  id: BarId;
  ours: Figure;
  theirs?: Figure;
  /** What is judged. */
  result: Figure;
  /** One line on how it came about. */
  note?: string;
}

export type Verdict = "missed" | "must" | "aim" | "printed";

export interface Row extends Finding, Bar {
  verdict: Verdict;
}

export function judge(finding: Finding): Row {
  const bar: Bar = BARS[finding.id];
  return { ...bar, ...finding, verdict: verdictOf(bar, finding.result.value) };
}

/** `must` and `aim` say which bar was reached; a figure that is not a number has missed. */
function verdictOf(bar: Bar, value: number): Verdict {
  const reaches = (bound: number) => (bar.sense === "at least" ? value >= bound : value <= bound);
  if (bar.must === undefined) return "printed";
  if (!reaches(bar.must)) return "missed";
  return bar.aim !== undefined && reaches(bar.aim) ? "aim" : "must";
}
