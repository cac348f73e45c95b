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
}

/**
 * A window for each stamp. An export that only says where windows begin has windows of one length: that of the option, else what the
 * shortest distance between two of them is.
 *
 * @throws BillFailure E_TIME, E_USAGE, exit status 2
 */
export function windowsOf(stamps: readonly Stamp[], { zone, step }: ReadOptions): Period[] {
  const begins = stamps.map(({ time }) => momentOf(time, zone, "a time of the export"));
  const length = step ?? stepOf(stamps, begins);
  return stamps.map(({ end }, index) => {
    const from = begins[index] ?? 0;
    return { from, to: end === undefined ? endOf(from, length, zone) : momentOf(end, zone, "a time of the export") };
  });
}

function stepOf(stamps: readonly Stamp[], begins: readonly number[]): Step {
  if (stamps.every(({ time }) => /^\d{4}-\d\d$/.test(time))) return "month";
  if (stamps.every(({ time }) => /^\d{4}-\d\d-\d\d$/.test(time))) return "day";
  const sorted = [...new Set(begins)].sort((a, b) => a - b);
  const distances = sorted.slice(1).map((begin, index) => begin - (sorted[index] ?? 0));
  const least = Math.min(...distances);
  const found = (["5min", "hour"] as const).find((name) => FIXED_MS[name] === least);
  // Days have 23 to 25 hours.
  if (found !== undefined) return found;
  if (least >= 23 * FIXED_MS.hour && least <= 25 * FIXED_MS.hour) return "day";
  if (stamps.every(({ end }) => end !== undefined)) return "day";
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
