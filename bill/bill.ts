// SPDX-License-Identifier: Apache-2.0
/**
 * The bill: usage with money. Per vendor what each charge is made of, and the same figures in total and for every split, so that the
 * parts of a split add up to the total to the byte and to the minor unit of the currency.
 */
import { apportion } from "./money/apportion.ts";
import { minorUnits } from "./money/currency.ts";
import { type Decimal, decimal, exactText, fixed, quotient, rounded, sum } from "./money/decimal.ts";
import { type Gigabyte, gigabytes } from "./money/gigabyte.ts";
import type { Excluded } from "./prices/billable.ts";
import type { Price } from "./prices/model.ts";
import { type Cost, costOf } from "./prices/tariff.ts";
import { momentText } from "./time/period.ts";
import {
  DIMENSIONS,
  type Dimension,
  type ScrapeLoss,
  type Tally,
  type Usage,
  type VendorUsage,
} from "./usage/model.ts";

/** Amounts of money and gigabytes are decimal text, so that no reader makes binary fractions of them. Absent is not known. */
export interface BillRow extends Tally {
  /** Value of the split; `total` for the whole. */
  value: string;
  /** In the vendor's own gigabytes, all digits. */
  billableGB: string;
  /** In the currency, at its minor unit. */
  cost?: string;
  /** For each thousand requests that succeeded; absent without any. Two places more than the currency has. */
  costPerThousand?: string;
  /** Of the requests, 0 to 1, with four places. */
  failedShare?: string;
}

export interface ChargeRow {
  /** `YYYY-MM` in the vendor's zone. */
  month: string;
  /** First and last day. */
  from: string;
  until: string;
  aboveGB: string;
  perGB: string;
  gigabytes: string;
  /** Exact; rounding happens once, in the total. */
  amount: string;
}

export interface VendorBill {
  vendor: string;
  /** False for a vendor that has traffic but is not in vendors.yaml. */
  isConfigured: boolean;
  zone: string;
  from: string;
  to: string;
  currency?: string;
  gigabyte: Gigabyte;
  total: BillRow;
  charges: ChargeRow[];
  /** Bytes of the total that are not billed, by reason. */
  excluded: Excluded;
  splits: Record<Dimension, BillRow[]>;
}

export interface Bill {
  source: Usage["source"];
  vendors: VendorBill[];
  /** Sums by currency. */
  totals: { currency: string; cost: string }[];
  loss?: ScrapeLoss;
  notes: string[];
}

const SHARE_PLACES = 4;
const MORE_PLACES = 2;

export function billOf(usage: Usage): Bill {
  const vendors = usage.vendors.map((one) => vendorBill(one, usage));
  const byCurrency = Map.groupBy(
    vendors.filter(({ currency }) => currency !== undefined),
    ({ currency = "" }) => currency,
  );
  return {
    source: usage.source,
    vendors,
    totals: [...byCurrency].map(([currency, bills]) => ({
      currency,
      cost: fixed(sum(bills.map(({ total }) => decimal(total.cost ?? 0))), minorUnits(currency)),
    })),
    ...(usage.loss && { loss: usage.loss }),
    notes: usage.notes,
  };
}

function vendorBill(usage: VendorUsage, { period }: Usage): VendorBill {
  const { vendor, isConfigured, days, total, excluded, splits } = usage;
  const { zone } = vendor.billing;
  const price = vendor.price;
  const cost = price && costOf(days, price);
  const gigabyte = price?.gigabyte ?? "decimal";
  const rowOf = (value: string, tally: Tally, amount?: Decimal) => {
    const exact = cost && shareOf(cost.amount, tally.billableBytes, total.billableBytes);
    return billRow({ value, tally, amount, exact, price });
  };
  const whole = cost && price && rounded(cost.amount, minorUnits(price.currency));
  const split = (dimension: Dimension) => {
    const rows = splits[dimension];
    const weights = rows.map(({ billableBytes }) => decimal(billableBytes));
    const amounts = whole && price ? apportion(whole, weights, minorUnits(price.currency)) : [];
    return rows.map(({ value, ...tally }, index) => rowOf(value, tally, amounts[index])).sort(byBillable);
  };
  return {
    ...{ vendor: vendor.name, isConfigured, zone, gigabyte, excluded },
    from: momentText(period.from, zone),
    to: momentText(period.to, zone),
    ...(price && { currency: price.currency }),
    total: rowOf("total", total, whole),
    charges: chargesOf(cost),
    splits: Object.fromEntries(DIMENSIONS.map((name) => [name, split(name)])) as VendorBill["splits"],
  };
}

interface RowSource {
  value: string;
  tally: Tally;
  /** At the currency's minor unit, and before it was rounded to that. */
  amount: Decimal | undefined;
  exact: Decimal | undefined;
  price: Price | undefined;
}

function billRow({ value, tally, amount, exact, price }: RowSource): BillRow {
  const { requests, succeeded } = tally;
  const places = price && minorUnits(price.currency);
  const perThousand =
    exact && succeeded !== undefined && places !== undefined
      ? quotient(exact.times(1000), decimal(succeeded), places + MORE_PLACES)?.toFixed(places + MORE_PLACES)
      : undefined;
  const failed =
    requests !== undefined && succeeded !== undefined
      ? quotient(decimal(Math.max(0, requests - succeeded)), decimal(requests), SHARE_PLACES)?.toFixed(SHARE_PLACES)
      : undefined;
  return {
    value,
    ...tally,
    billableGB: exactText(gigabytes(tally.billableBytes, price?.gigabyte ?? "decimal")),
    ...(amount && places !== undefined && { cost: fixed(amount, places) }),
    ...(perThousand !== undefined && { costPerThousand: perThousand }),
    ...(failed !== undefined && { failedShare: failed }),
  };
}

const EXACT_PLACES = 20;

function shareOf(amount: Decimal, bytes: number, total: number): Decimal {
  if (bytes === total) return amount;
  return quotient(amount.times(bytes), decimal(total), EXACT_PLACES) ?? decimal(0);
}

function chargesOf(cost: Cost | undefined): ChargeRow[] {
  return (cost?.charges ?? []).map(({ month, from, until, ...amounts }) => ({
    ...{ month, from, until },
    aboveGB: exactText(amounts.aboveGB),
    perGB: exactText(amounts.perGB),
    gigabytes: exactText(amounts.gigabytes),
    amount: exactText(amounts.amount),
  }));
}

function byBillable(a: BillRow, b: BillRow): number {
  return b.billableBytes - a.billableBytes || (a.value < b.value ? -1 : 1);
}
