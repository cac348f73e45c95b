// SPDX-License-Identifier: Apache-2.0
/**
 * The vendors that a bill is about: those of vendors.yaml, and others as they turn up in the traffic. Knows how pods that were not
 * restarted write names, and from when on a vendor's month has to be known.
 */
import { PLAIN_PROFILE, type PricedVendor } from "../prices/model.ts";
import { daysOf, type Period, startOfMonth } from "../time/period.ts";
import type { DayUsage } from "./model.ts";

export interface KnownVendor {
  vendor: PricedVendor;
  isConfigured: boolean;
}

/** Finds the vendor of a label's value; values that nobody configured become vendors without price. */
export function vendorFinder(configured: readonly PricedVendor[]): (label: string) => KnownVendor {
  const known = new Map(
    configured.map((vendor): [string, KnownVendor] => [reported(vendor.name), { vendor, isConfigured: true }]),
  );
  return (label) => {
    const found = known.get(reported(label));
    if (found) return found;
    const vendor: PricedVendor = { name: label, billing: PLAIN_PROFILE, gateways: [] };
    const added = { vendor, isConfigured: false };
    known.set(reported(label), added);
    return added;
  };
}

/** Pods that were not restarted report names without dots, and no two names differ by that alone. */
function reported(name: string): string {
  return name.replaceAll(".", "_");
}

/** The days of the vendor's zone from the first one whose volume matters to the end of the period, without usage yet. */
export function emptyDays(vendor: PricedVendor, period: Period): DayUsage[] {
  const { zone } = vendor.billing;
  const first = startOfMonth(period.from, zone);
  const before = needsVolume(vendor) && first < period.from ? daysOf({ from: first, to: period.from }, zone) : [];
  const day = (isCharged: boolean) => (one: DayUsage | ReturnType<typeof daysOf>[number]) => ({
    ...one,
    billableBytes: 0,
    bytes: 0,
    isCharged,
  });
  return [...before.map(day(false)), ...daysOf(period, zone).map(day(true))];
}

/** Whether the price depends on the volume of the month. */
function needsVolume({ price }: PricedVendor): boolean {
  return price?.tiers.some(({ aboveGB }) => aboveGB > 0) ?? false;
}

/** Index of the day that a moment is in; -1 outside of all. Days are in order and without gaps. */
export function dayIndex(days: readonly DayUsage[], moment: number): number {
  let low = 0;
  let high = days.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const day = days[middle];
    if (day === undefined) return -1;
    if (moment < day.from) high = middle - 1;
    else if (moment >= day.to) low = middle + 1;
    else return middle;
  }
  return -1;
}
