// SPDX-License-Identifier: Apache-2.0
/**
 * Answers of usage APIs that come in pages. One page would pass for the whole and leave the rest unexplained, so it is refused.
 *
 * @see https://apidocs.webshare.io/proxystats/list_activity
 * @see https://help.decodo.com/reference/public-api-key-authentication
 */
import { membersOf, rowsWith } from "./json.ts";
import { usageFailure, type WrittenRow } from "./rows.ts";

const DATED = /^\d{4}-\d\d(-\d\d([ T]\d\d:\d\d(:\d\d)?.*)?)?$/;

/**
 * Decodo, formerly Smartproxy, grouped by hour, day or month: bytes of both directions. Grouped by anything else its keys are no
 * times, and all rows together are the period that was asked for.
 *
 * @throws BillFailure E_USAGE, exit status 2
 */
export function decodoTraffic(value: unknown): WrittenRow[] | undefined {
  const { data, metadata } = membersOf(value);
  const rows = rowsWith(data, "key", "rx_tx_bytes");
  if (rows === undefined) return undefined;
  const pages = Number(membersOf(metadata).total_pages ?? 1);
  if (pages > 1) throw onePage(`1 of ${pages} pages`, 'ask with a larger "limit"');
  const isDated = rows.every(({ key }) => DATED.test(String(key)));
  return rows.map(({ key, rx_tx_bytes: bytes, requests }) => ({
    ...(isDated && { time: String(key) }),
    ...{ amounts: [bytes], requests },
  }));
}

/**
 * Webshare's activity: a row for each request, dated to the moment. The list of one page, or the rows of all pages as one list.
 *
 * @throws BillFailure E_USAGE, exit status 2
 */
export function webshareActivity(value: unknown): WrittenRow[] | undefined {
  const { results = value, next, previous } = membersOf(value);
  const rows = rowsWith(results, "timestamp", "bytes", "handshake_duration");
  if (rows === undefined) return undefined;
  const hint = "give the results of all pages as one list";
  if (typeof next === "string") throw onePage("a page with a next one", hint);
  if (typeof previous === "string") throw onePage("a page with one before it", hint);
  return rows.map(({ timestamp, bytes }) => ({
    time: String(timestamp),
    lasts: 1,
    ...{ amounts: [bytes], requests: 1 },
  }));
}

function onePage(found: string, hint: string) {
  return usageFailure(`found ${found} (expected all of them)`, hint);
}
