// SPDX-License-Identifier: Apache-2.0
/**
 * Splits of a vendor's total. By namespace and workload the vendor families are exact; by pool, destination and country other families
 * say the shares, and the total is divided by them so that every split adds up to it.
 */
import * as contract from "../../../filter/core/contract.ts";
import { apportionWhole } from "../../money/apportion.ts";
import { inDirections } from "../../prices/billable.ts";
import type { BillingProfile } from "../../prices/model.ts";
import type { SplitRow, Splits, Tally } from "../model.ts";
import { type PlaceBook, placeIn, type ShareBook, shareIn, type VendorBook } from "./books.ts";

type Total = Required<Pick<Tally, "requests" | "succeeded">> & Tally;

export function splitsOf(book: VendorBook, total: Total, profile: BillingProfile): Splits {
  return {
    pool: shares(book.pools, total, profile),
    country: countries(book, total, profile),
    namespace: places(byNamespace(book), total, profile),
    workload: places(book.places, total, profile),
    destination: shares(book.destinations, total, profile),
  };
}

function byNamespace(book: VendorBook): Map<string, PlaceBook> {
  const into = { ...book, places: new Map<string, PlaceBook>() };
  for (const { workload: _, namespace, ...counts } of book.places.values()) {
    const sum = placeIn(into, namespace, "");
    for (const [name, value] of Object.entries(counts)) sum[name as keyof typeof counts] += value;
  }
  return new Map([...into.places.values()].map((sum) => [sum.namespace, sum]));
}

function places(books: ReadonlyMap<string, PlaceBook>, total: Total, profile: BillingProfile): SplitRow[] {
  const rows = [...books].map(([value, { sent, received, namespace: _n, workload: _w, ...counts }]) => ({
    ...{ value, sentBytes: sent, receivedBytes: received, billableBytes: 0 },
    ...counts,
  }));
  return withBillable(rows, total, profile);
}

/** Pools and destinations: bytes and requests by their shares. */
function shares(books: Map<string, ShareBook>, total: Total, profile: BillingProfile): SplitRow[] {
  if (books.size === 0) shareIn(books, contract.VALUE_UNKNOWN);
  const all = [...books];
  const divide = (whole: number, weight: (share: ShareBook) => number) =>
    apportionWhole(
      whole,
      all.map(([, share]) => weight(share)),
    );
  const requests = divide(total.requests, (share) => share.requests);
  const succeeded = divide(total.succeeded, (share) => share.succeeded);
  const sent = divide(total.sentBytes, (share) => share.sent);
  const received = divide(total.receivedBytes, (share) => share.received);
  const rows = all.map(([value], index) => ({
    value,
    requests: requests[index] ?? 0,
    succeeded: succeeded[index] ?? 0,
    sentBytes: sent[index] ?? 0,
    receivedBytes: received[index] ?? 0,
    billableBytes: 0,
  }));
  return withBillable(rows, total, profile);
}

/** Countries are in the bytes only; what names none is the rest. */
function countries({ countries: books, all }: VendorBook, total: Total, profile: BillingProfile): SplitRow[] {
  const rest = shareIn(books, contract.VALUE_NONE);
  const named = [...books].filter(([value]) => value !== contract.VALUE_NONE);
  for (const direction of ["sent", "received"] as const) {
    const sum = named.reduce((bytes, [, share]) => bytes + share[direction], 0);
    rest[direction] = Math.max(0, all[direction] - sum);
  }
  const rows = shares(books, total, profile);
  return rows
    .filter(({ value, sentBytes, receivedBytes }) => value !== contract.VALUE_NONE || sentBytes + receivedBytes > 0)
    .map(({ requests: _r, succeeded: _s, ...row }) => row);
}

/** Which bytes are not billed is known for the whole vendor only, so the billable bytes go by the bytes of the billed directions. */
function withBillable(rows: SplitRow[], total: Total, profile: BillingProfile): SplitRow[] {
  const weights = rows.map(({ sentBytes, receivedBytes }) =>
    inDirections({ sent: sentBytes, received: receivedBytes }, profile),
  );
  const parts = apportionWhole(total.billableBytes, weights);
  return rows.map((row, index) => ({ ...row, billableBytes: parts[index] ?? 0 }));
}
