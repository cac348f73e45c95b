// SPDX-License-Identifier: Apache-2.0
/**
 * What bytes cost: day by day, at the price that holds on that day for the volume that the calendar month has reached.
 * Exact; rounding is the bill's. Does not know which bytes are billed.
 */
import { type Decimal, decimal, sum, ZERO } from "../money/decimal.ts";
import { gigabytes } from "../money/gigabyte.ts";
import type { Price, PriceTier } from "./model.ts";

export interface BilledDay {
  /** `YYYY-MM-DD` in the vendor's zone; days come in their order. */
  date: string;
  billableBytes: number;
  /** False for days before the bill's period, which only fill the month's volume. */
  isCharged: boolean;
}

/** Volume of one calendar month at one price. */
export interface Charge {
  /** `YYYY-MM`. */
  month: string;
  /** First and last day on which it was charged. */
  from: string;
  until: string;
  /** The tier's; 0 for the price without tier. */
  aboveGB: Decimal;
  perGB: Decimal;
  gigabytes: Decimal;
  amount: Decimal;
}

export interface Cost {
  charges: Charge[];
  /** Sum of the charges. */
  amount: Decimal;
}

interface Band {
  aboveGB: Decimal;
  perGB: Decimal;
}

export function costOf(days: readonly BilledDay[], price: Price): Cost {
  const charges = new Map<string, Charge>();
  let month = "";
  let volume = ZERO;
  for (const day of days) {
    if (day.date.slice(0, 7) !== month) {
      month = day.date.slice(0, 7);
      volume = ZERO;
    }
    const end = volume.plus(gigabytes(day.billableBytes, price.gigabyte));
    if (day.isCharged) {
      for (const piece of pieces(bandsOn(day.date, price), volume, end)) addCharge(charges, day.date, piece);
    }
    volume = end;
  }
  const rows = [...charges.values()];
  return { charges: rows, amount: sum(rows.map(({ amount }) => amount)) };
}

/**
 * The prices of one day by volume, from 0 on. Of the tiers that hold on the day each applies from its volume up to that of the next
 * one; below the first of them the price without tier holds.
 */
export function bandsOn(date: string, { perGB, tiers }: Price): Band[] {
  const bands = tiers
    .filter((tier) => holdsOn(date, tier))
    .map((tier) => ({ aboveGB: decimal(tier.aboveGB), perGB: decimal(tier.perGB) }))
    .sort((a, b) => a.aboveGB.cmp(b.aboveGB));
  return bands[0]?.aboveGB.eq(ZERO) ? bands : [{ aboveGB: ZERO, perGB: decimal(perGB) }, ...bands];
}

function holdsOn(date: string, { from, until }: PriceTier): boolean {
  return from <= date && (until === undefined || date <= until);
}

interface Piece extends Band {
  gigabytes: Decimal;
}

/** The volume from `start` to `end`, cut where a band begins. */
function pieces(bands: readonly Band[], start: Decimal, end: Decimal): Piece[] {
  return bands.flatMap((band, index): Piece[] => {
    const above = bands[index + 1]?.aboveGB;
    const low = band.aboveGB.gt(start) ? band.aboveGB : start;
    const high = above?.lt(end) ? above : end;
    return high.gt(low) ? [{ ...band, gigabytes: high.minus(low) }] : [];
  });
}

function addCharge(charges: Map<string, Charge>, date: string, { aboveGB, perGB, gigabytes: volume }: Piece): void {
  const month = date.slice(0, 7);
  const key = [month, aboveGB.toFixed(), perGB.toFixed()].join(" ");
  const known = charges.get(key);
  const whole = (known?.gigabytes ?? ZERO).plus(volume);
  charges.set(key, {
    ...{ month, aboveGB, perGB, until: date },
    from: known?.from ?? date,
    gigabytes: whole,
    amount: whole.times(perGB),
  });
}
