// SPDX-License-Identifier: Apache-2.0
/**
 * The windows of time of an export's rows: where each begins, and where it ends when the export does not say.
 */
import { BillFailure } from "../failure.ts";
import { momentOf, type Period, startOfNext } from "../time/period.ts";
import type { ReadOptions, Step } from "./model.ts";

const FIXED_MS = { "5min": 300_000, hour: 3_600_000 } as const;
const STEPS: readonly Step[] = ["5min", "hour", "day", "month"];

export interface Stamp {
  time: string;
  end?: string;
  /** Length in milliseconds, where the export has one and no end: hours, days of UTC, a moment. */
  lasts?: number;
}

/**
 * A window for each stamp. An export that only says where windows begin has windows of one length: that of the option, else what the
 * shortest distance between two of them is.
 *
 * @throws BillFailure E_TIME, E_USAGE, exit status 2
 */
export function windowsOf(stamps: readonly Stamp[], { zone, step }: ReadOptions): Period[] {
  const begins = stamps.map(({ time }) => momentOf(time, zone, "a time of the export"));
  const isOpen = ({ end, lasts }: Stamp) => end === undefined && lasts === undefined;
  const length = step ?? (stamps.some(isOpen) ? stepOf(stamps, begins) : "day");
  return stamps.map(({ end, lasts }, index) => {
    const from = begins[index] ?? 0;
    if (end !== undefined) return { from, to: momentOf(end, zone, "a time of the export") };
    return { from, to: lasts === undefined ? endOf(from, length, zone) : from + lasts };
  });
}

function stepOf(stamps: readonly Stamp[], begins: readonly number[]): Step {
  if (stamps.every(({ time }) => /^\d{4}-\d\d$/.test(time))) return "month";
  if (stamps.every(({ time }) => /^\d{4}-\d\d-\d\d$/.test(time))) return "day";
  const sorted = [...new Set(begins)].sort((a, b) => a - b);
  // Exports may have more rows than a call can have arguments.
  const least = sorted
    .slice(1)
    .reduce((shortest, begin, index) => Math.min(shortest, begin - (sorted[index] ?? 0)), Number.POSITIVE_INFINITY);
  const found = (["5min", "hour"] as const).find((name) => FIXED_MS[name] === least);
  // Days have 23 to 25 hours.
  if (found !== undefined) return found;
  if (least >= 23 * FIXED_MS.hour && least <= 25 * FIXED_MS.hour) return "day";
  throw new BillFailure(
    "E_USAGE",
    "cannot tell how long the windows of the export are: found only where they begin (expected an end, or windows one after the other)",
    `give --step ${STEPS.join(", ")}`,
    { exitCode: 2 },
  );
}

function endOf(from: number, step: Step, zone: string): number {
  return step === "day" || step === "month" ? startOfNext(from, step, zone) : from + FIXED_MS[step];
}
