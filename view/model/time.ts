// SPDX-License-Identifier: Apache-2.0
/**
 * Times as dashboards write them (`now-6h`, `now/d`, milliseconds of the epoch), and the intervals that queries are asked with.
 * Grafana's rules, so that a query means the same here and there.
 *
 * @see https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/
 */
import { durationMs } from "./dashboard.ts";

/** Milliseconds of the epoch. */
export interface TimeRange {
  from: number;
  to: number;
}

export interface Intervals {
  /** Milliseconds between two points: `$__interval`. */
  stepMs: number;
  /** `$__rate_interval`: never fewer than four scrapes. */
  rateMs: number;
  rangeMs: number;
}

const DAY_MS = 86_400_000;
const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
  w: 7 * DAY_MS,
  M: 30 * DAY_MS,
  y: 365 * DAY_MS,
};
const RELATIVE = /^now(?:([+-])(\d+)([smhdwMy]))?(?:\/([smhdwMy]))?$/;

/** Steps that read well: what an even division of the range is rounded up or down to. */
const ROUND_SECONDS = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800,
];

/**
 * Milliseconds of the epoch; undefined when the text is no time. Months count 30 days here.
 *
 * @param isEnd  rounds up to the end of the unit, as the end of `now/d` is
 */
export function parseTime(text: string, now: number, isEnd = false): number | undefined {
  if (/^\d{9,}$/.test(text)) return Number(text);
  const found = RELATIVE.exec(text);
  if (found === null) return absolute(text);
  const [, sign = "+", count = "0", unit = "s", rounding] = found;
  const time = now + (sign === "-" ? -1 : 1) * Number(count) * (UNITS_MS[unit] ?? 0);
  if (rounding === undefined) return time;
  const size = UNITS_MS[rounding] ?? 1;
  return Math.floor(time / size) * size + (isEnd ? size - 1 : 0);
}

function absolute(text: string): number | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

export interface IntervalRules {
  range: TimeRange;
  /** How many points a panel can show. */
  maxPoints: number;
  /** The least step that the panel or query asks for, such as `15s`; empty for the scrape interval. */
  leastStep: string;
  scrapeMs: number;
}

export function intervalsOf({ range, maxPoints, leastStep, scrapeMs }: IntervalRules): Intervals {
  const rangeMs = Math.max(range.to - range.from, 1000);
  const least = durationMs(leastStep.replace(/^>/, "")) ?? scrapeMs;
  const stepMs = Math.max(roundStep(rangeMs / Math.max(maxPoints, 1)), least, 1000);
  return { stepMs, rateMs: Math.max(stepMs + scrapeMs, 4 * scrapeMs), rangeMs };
}

function roundStep(ms: number): number {
  const seconds = ms / 1000;
  return (ROUND_SECONDS.find((round) => seconds <= round * 1.25) ?? 604_800) * 1000;
}

/** A duration as PromQL writes it, in the largest unit that divides it: `90s`, `5m`, `1d`. */
export function promDuration(ms: number): string {
  if (ms % 1000 !== 0) return `${Math.round(ms)}ms`;
  const [unit, size] = (["d", "h", "m"] as const)
    .map((name) => [name, UNITS_MS[name] ?? 1] as const)
    .find(([, length]) => ms % length === 0) ?? ["s", 1000];
  return `${ms / size}${unit}`;
}
