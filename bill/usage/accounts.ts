// SPDX-License-Identifier: Apache-2.0
/**
 * One account for each vendor of a bill, found by what a metric or a ledger line calls the vendor. What an account adds up is its
 * source's own.
 */
import type { DayUsage, UsageRequest } from "./model.ts";
import { emptyDays, type KnownVendor, vendorFinder } from "./vendors.ts";

export interface VendorAccount extends KnownVendor {
  days: DayUsage[];
}

export type Accounts<T> = ((label: string) => VendorAccount & T) & { all: () => (VendorAccount & T)[] };

/** The configured vendors first, in their order; others as they turn up. @param empty  the members that a source adds */
export function makeAccounts<T extends object>({ vendors, period }: UsageRequest, empty: () => T): Accounts<T> {
  const find = vendorFinder(vendors);
  const accounts = new Map<string, VendorAccount & T>();
  const accountOf = (label: string): VendorAccount & T => {
    const { vendor, isConfigured } = find(label);
    const known = accounts.get(vendor.name);
    if (known) return known;
    const added = { vendor, isConfigured, days: emptyDays(vendor, period), ...empty() };
    accounts.set(vendor.name, added);
    return added;
  };
  for (const { name } of vendors) accountOf(name);
  return Object.assign(accountOf, { all: () => [...accounts.values()] });
}
