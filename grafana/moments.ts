// SPDX-License-Identifier: Apache-2.0
/**
 * Times as people give them to `graph`: a moment with its zone, or so long ago.
 */
import { GrafanaFailure } from "./failure.ts";
import type { GraphRange } from "./graph.ts";

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const ZONED = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
const EXPECTED = "a time with its zone such as 2026-11-01T06:00:00Z, or so long ago such as 30m, 6h or 7d, or now";
const HINT = "see `proxymeter graph --help`";

/**
 * @param now  seconds of the epoch
 * @throws     GrafanaFailure E_TIME, exit status 2
 */
export function rangeOf(from: string, to: string, now: number): GraphRange {
  const range = { from: momentOf(from, "--from", now), to: momentOf(to, "--to", now) };
  if (range.from < range.to) return range;
  const found = `${new Date(range.from * 1000).toISOString()} to ${new Date(range.to * 1000).toISOString()}`;
  const message = `cannot use --from and --to: found ${found} (expected a beginning before the end)`;
  throw new GrafanaFailure("E_TIME", message, HINT, { exitCode: 2 });
}

function momentOf(text: string, option: string, now: number): number {
  if (text === "now") return now;
  const [, amount, unit = ""] = /^(?:now-)?(\d+)([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return now - Number(amount) * (UNIT_SECONDS[unit] ?? 0);
  const moment = ZONED.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(moment)) return Math.floor(moment / 1000);
  throw new GrafanaFailure("E_TIME", `cannot use ${option} "${text}" (expected ${EXPECTED})`, HINT, { exitCode: 2 });
}
