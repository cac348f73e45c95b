// SPDX-License-Identifier: Apache-2.0
/**
 * Minor units of currencies: how many places an amount has on an invoice. From ISO 4217, list one, of 2024.
 * Most currencies have two, so only the others are listed; a code that is not listed there at all has two here.
 */

const MINOR_UNITS: Readonly<Record<string, number>> = Object.fromEntries([
  ...["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"].map(places(0)),
  ...["XAF", "XOF", "XPF"].map(places(0)),
  ...["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"].map(places(3)),
  ...["CLF", "UYW"].map(places(4)),
]);

/** Places after the point of an amount in this currency. */
export function minorUnits(currency: string): number {
  return MINOR_UNITS[currency] ?? 2;
}

function places(count: number) {
  return (currency: string): [string, number] => [currency, count];
}
