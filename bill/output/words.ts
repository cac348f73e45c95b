// SPDX-License-Identifier: Apache-2.0
/**
 * The sentences of a bill: its source, what it cannot see, what is not billed, what each charge is made of. Same words in table and HTML.
 */
import type { Bill, ChargeRow, VendorBill } from "../bill.ts";
import { decimal } from "../money/decimal.ts";
import type { Excluded } from "../prices/billable.ts";
import type { ScrapeLoss } from "../usage/model.ts";
import { wholeText } from "./columns.ts";

export const EXCLUDED_WORDS: Readonly<Record<keyof Excluded, string>> = {
  direction: "of directions that are not billed",
  outcome: "of outcomes that are not billed",
  proxyHandshake: "of proxy handshakes",
  tlsHandshake: "of TLS handshakes",
  outerTls: "of the TLS around the proxy protocol (estimated)",
};

export function sourceText({ source }: Bill): string {
  return source === "ledger"
    ? "from the ledger: every connection that wrote a line, to the byte"
    : "from Prometheus: totals by the vendor families; pools, countries and destinations by their shares";
}

export function lossText({ intervalSeconds, meanLifeSeconds, ends, expectedShare }: ScrapeLoss): string {
  const interval = `scraped every ${intervalSeconds} s`;
  if (meanLifeSeconds === undefined) return `${interval}, and no pod ended: nothing is lost between two scrapes`;
  const life = meanLifeSeconds >= 120 ? `${Math.round(meanLifeSeconds / 60)} min` : `${Math.round(meanLifeSeconds)} s`;
  const share = `${(expectedShare * 100).toFixed(3)} %`;
  return `${interval}, ${wholeText(ends)} ends of pods or sidecars at a mean life of ${life}: about ${share} of the bytes were after a last scrape (s/(2T)) and are missing`;
}

/** Members that are not 0, as `1,234 bytes of proxy handshakes`. */
export function excludedTexts(excluded: Excluded): string[] {
  return Object.entries(EXCLUDED_WORDS).flatMap(([name, words]) => {
    const bytes = excluded[name as keyof Excluded];
    return bytes === 0 ? [] : [`${wholeText(bytes)} bytes ${words}`];
  });
}

export function chargeText(
  { from, until, aboveGB, perGB, gigabytes, amount }: ChargeRow,
  { currency }: VendorBill,
): string {
  const days = from === until ? from : `${from} to ${until}`;
  const tier = aboveGB === "0" ? "" : `, above ${aboveGB} GB of the month`;
  const figure = (text: string, places: number) => decimal(text).round(places).toFixed();
  return `${days}${tier}: ${figure(gigabytes, 9)} GB at ${perGB} ${currency} a GB = ${figure(amount, 6)} ${currency}`;
}

/** What the head of a vendor's part says. */
export function headText({ vendor, from, to, zone, isConfigured }: VendorBill): string {
  const doubt = isConfigured ? "" : " (not in vendors.yaml)";
  return `${vendor}${doubt}, ${from} to ${to} (${zone})`;
}
