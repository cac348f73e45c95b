// SPDX-License-Identifier: Apache-2.0
/**
 * Holds what a vendor reports against what was observed: differences that are known to the byte, those that are known within bounds,
 * and the rest that nothing explains. Reads nothing; the lines are in explain.ts.
 */
import { type Decimal, decimal, fixed, sum, ZERO } from "../money/decimal.ts";
import type { Excluded } from "../prices/billable.ts";
import type { Period } from "../time/period.ts";
import { momentText } from "../time/period.ts";
import type { ScrapeLoss, Usage, VendorUsage } from "../usage/model.ts";
import { type Bounds, boundedLines, exactLines, type Line, otherGigabyte } from "./explain.ts";
import type { Reported } from "./model.ts";
import { bytesPer } from "./units.ts";

/** Shares of what is reported that the unexplained rest may be. */
export const AMBER = 0.02;
export const RED = 0.05;

export type Verdict = "green" | "amber" | "red";

/** Bytes of a day of the vendor's zone that reported windows cover as a whole. */
export interface DayComparison {
  date: string;
  reportedBytes: number;
  expectedBytes: number;
}

export interface Reconciliation {
  vendor: string;
  source: Usage["source"];
  zone: string;
  from: string;
  to: string;
  format: string;
  /** By the vendor's own gigabyte; a whole number of bytes, as all figures here. */
  reportedBytes: number;
  /** Both directions, before the billing profile. */
  observedBytes: number;
  /** What the profile makes of it. */
  expectedBytes: number;
  excluded: Excluded;
  /** reportedBytes - observedBytes. */
  differenceBytes: number;
  /** Sum up to the difference, with the rest. */
  lines: Line[];
  unexplainedBytes: number;
  /** Of the reported bytes, -1 to 1 or beyond, with six places. */
  unexplainedShare: string;
  verdict: Verdict;
  days: DayComparison[];
  requests?: { reported: number; observed: number };
  cost?: { reported: string; expected?: string; currency?: string };
  loss?: ScrapeLoss;
  notes: string[];
}

export interface Evidence {
  reported: Reported;
  usage: Usage;
  vendor: VendorUsage;
  period: Period;
  /** How late the vendor's figures may be, and what flowed so shortly before the period and before its end. */
  lag: { milliseconds: number; headBytes: number; tailBytes: number };
  /** By our price, where the vendor has one. */
  expectedCost?: string;
}

export function reconcile(evidence: Evidence): Reconciliation {
  const { reported, vendor, usage, period, lag, expectedCost } = evidence;
  const { price, billing } = vendor.vendor;
  const gigabyte = price?.gigabyte ?? "decimal";
  const rows = reported.rows.filter(({ from, to }) => from >= period.from && to <= period.to);
  const inUnit = sum(rows.map(({ amount }) => amount));
  const reportedBytes = whole(inUnit.times(bytesPer(reported.unit, gigabyte)));
  const observedBytes = vendor.total.sentBytes + vendor.total.receivedBytes;
  const expectedBytes = vendor.total.billableBytes;
  const lines = exactLines({ excluded: vendor.excluded, inUnit, unit: reported.unit, gigabyte });
  const other = otherGigabyte({ inUnit, unit: reported.unit, gigabyte, expectedBytes });
  const bounds: Bounds = {
    // Less than a byte hides nothing.
    tolerance: Math.floor(
      Number(
        sum(rows.map(({ tolerance }) => tolerance))
          .times(bytesPer(reported.unit, gigabyte))
          .toFixed(3),
      ),
    ),
    edges: vendor.edges,
    lag,
    ...(usage.loss && { loss: usage.loss }),
    ...{ expectedBytes, period },
  };
  const rest = reportedBytes - expectedBytes - (other?.bytes ?? 0);
  const bounded = boundedLines(rest, bounds);
  const explained = [...lines, ...(other ? [other] : []), ...bounded];
  const unexplained = rest - bounded.reduce((bytes, line) => bytes + line.bytes, 0);
  const share = reportedBytes === 0 ? (unexplained === 0 ? 0 : Math.sign(unexplained)) : unexplained / reportedBytes;
  const costs = rows.flatMap(({ cost }) => (cost === undefined ? [] : [cost]));
  const counts = rows.flatMap(({ requests }) => (requests === undefined ? [] : [requests]));
  return {
    ...{ vendor: vendor.vendor.name, source: usage.source, zone: billing.zone, format: reported.format },
    from: momentText(period.from, billing.zone),
    to: momentText(period.to, billing.zone),
    ...{ reportedBytes, observedBytes, expectedBytes, excluded: vendor.excluded },
    differenceBytes: reportedBytes - observedBytes,
    lines: explained,
    unexplainedBytes: unexplained,
    unexplainedShare: share.toFixed(6),
    verdict: verdictOf(share),
    days: daysOf(evidence, rows),
    ...(counts.length > 0 && {
      requests: { reported: counts.reduce((all, one) => all + one, 0), observed: vendor.total.requests ?? 0 },
    }),
    ...(costs.length > 0 && { cost: costOf(costs, price?.currency, expectedCost) }),
    ...(usage.loss && { loss: usage.loss }),
    notes: [...reported.notes, ...leftOut(reported.rows.length - rows.length), ...usage.notes],
  };
}

export function verdictOf(share: number): Verdict {
  const size = Math.abs(share);
  return size > RED ? "red" : size > AMBER ? "amber" : "green";
}

/** The period that an export covers, which may have more rows than a call can have arguments. */
export function coveredBy({ rows }: Reported): Period {
  return rows.reduce<Period>((all, { from, to }) => ({ from: Math.min(all.from, from), to: Math.max(all.to, to) }), {
    from: Number.POSITIVE_INFINITY,
    to: Number.NEGATIVE_INFINITY,
  });
}

function costOf(costs: readonly Decimal[], currency: string | undefined, expected: string | undefined) {
  const reported = sum(costs).toFixed();
  return { reported, ...(expected !== undefined && { expected }), ...(currency !== undefined && { currency }) };
}

/** Days by day where every reported window lies within one. */
function daysOf({ reported, vendor }: Evidence, rows: Reported["rows"]): DayComparison[] {
  const gigabyte = vendor.vendor.price?.gigabyte ?? "decimal";
  const perUnit = bytesPer(reported.unit, gigabyte);
  const amounts = new Map<string, Decimal>();
  for (const { from, to, amount } of rows) {
    const day = vendor.days.find((one) => from >= one.from && to <= one.to);
    if (day === undefined) return [];
    amounts.set(day.date, (amounts.get(day.date) ?? ZERO).plus(amount));
  }
  return vendor.days
    .filter(({ isCharged }) => isCharged)
    .map(({ date, billableBytes }) => ({
      date,
      reportedBytes: whole((amounts.get(date) ?? ZERO).times(perUnit)),
      expectedBytes: billableBytes,
    }));
}

function leftOut(count: number): string[] {
  return count === 0 ? [] : [`${count} windows of the export are not wholly in the period and were left out`];
}

function whole(bytes: Decimal): number {
  return Number(fixed(bytes, 0));
}

export function shareOf(bytes: number, of: number): Decimal {
  return of === 0 ? ZERO : decimal((bytes / of).toFixed(6));
}
