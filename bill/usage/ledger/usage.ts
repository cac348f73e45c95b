// SPDX-License-Identifier: Apache-2.0
/**
 * Usage from ledger lines: exact to the byte, every connection dated by its lines. Files are read by bill/ledger, prices are elsewhere.
 */
import type { LedgerLine } from "../../ledger/line.ts";
import { billableOf, inDirections } from "../../prices/billable.ts";
import { makeAccounts, type VendorAccount } from "../accounts.ts";
import type { Edges, Usage, UsageRequest, VendorUsage } from "../model.ts";
import { dayIndex } from "../vendors.ts";
import { makeAttempts, REPEAT_WITHIN_MS } from "./attempts.ts";
import { addToCell, type Cell, emptyCell, placeOf, splitsOf, tallyOf, trafficOf } from "./cells.ts";
import { type DatedPart, datedParts, type Growth } from "./growth.ts";

interface Account extends VendorAccount {
  cells: Map<string, Cell>;
  edges: Edges;
  /** Bytes between a look before the period and one after it: nobody knows how many of them are of the period. */
  spanningBytes: number;
}

const emptyAccount = (): Omit<Account, keyof VendorAccount> => ({
  cells: new Map(),
  edges: { headBytes: 0, tailBytes: 0 },
  spanningBytes: 0,
});

/** @throws whatever reading the lines throws */
export async function usageFromLedger(lines: AsyncIterable<LedgerLine>, request: UsageRequest): Promise<Usage> {
  const { period } = request;
  const accountOf = makeAccounts(request, emptyAccount);
  const attempts = makeAttempts();
  let seen = 0;
  let open = 0;
  // Days are cut at the ends of the period.
  const slotOf = (line: LedgerLine, moment: number) =>
    moment >= period.to ? Number.POSITIVE_INFINITY : dayIndex(accountOf(line.vendor).days, moment);
  for await (const part of datedParts(lines, slotOf)) {
    seen++;
    if (seen % 100_000 === 0) request.say?.(`${seen} parts of connections read`);
    if (part.end < period.from - REPEAT_WITHIN_MS && part.end < (accountOf(part.line.vendor).days[0]?.from ?? 0))
      continue;
    if (part.line.isInterim) open++;
    book(accountOf(part.line.vendor), part, request, attempts);
  }
  attempts.settle();
  return { source: "ledger", period, vendors: accountOf.all().map(usageOf), notes: notesOf(open, accountOf.all()) };
}

function notesOf(open: number, accounts: readonly Account[]): string[] {
  const spanning = accounts.filter(({ spanningBytes }) => spanningBytes > 0);
  return [
    ...(open === 0 ? [] : [`${open} parts of connections have no last line: they count as they were last seen`]),
    ...spanning.map(
      ({ vendor, spanningBytes }) =>
        `up to ${spanningBytes} bytes of ${vendor.name} are not in this bill: they flowed between two looks at a connection, one before the period and one after it`,
    ),
  ];
}

type Attempts = ReturnType<typeof makeAttempts>;

/** Puts a part's growth into the days that it ended in, and into the cells where that is in the period. */
function book(account: Account, part: DatedPart, { period }: UsageRequest, attempts: Attempts): void {
  const { line, start } = part;
  let cell: Cell | undefined;
  for (const growth of part.growth) {
    // What was counted at the very end of a period was there before it.
    const day = account.days[dayIndex(account.days, growth.to === growth.from ? growth.to : growth.to - 1)];
    noteEdges(account, growth, period);
    if (day === undefined) continue;
    const traffic = trafficOf(line, growth, account.vendor.billing);
    day.bytes += growth.sentBytes + growth.receivedBytes;
    day.billableBytes += billableOf(traffic, account.vendor.billing).billable;
    if (!day.isCharged) continue;
    cell ??= cellFor(account, line);
    addToCell(cell, line, growth, traffic);
  }
  const isBegunWithin = start >= period.from && start < period.to;
  attempts.add(line, part, isBegunWithin ? cell : undefined);
}

/** Bytes between two looks on either side of an end of the period belong to either side. */
function noteEdges(account: Account, growth: Growth, { from, to }: UsageRequest["period"]): void {
  const { edges, vendor } = account;
  const bytes = inDirections({ sent: growth.sentBytes, received: growth.receivedBytes }, vendor.billing);
  if (growth.from < from && growth.to > from && growth.to <= to) edges.headBytes += bytes;
  if (growth.from < to && growth.to > to) edges.tailBytes += bytes;
  if (growth.from < from && growth.to > to) account.spanningBytes += bytes;
}

function cellFor({ cells }: Account, line: LedgerLine): Cell {
  const place = placeOf(line);
  const key = JSON.stringify(Object.values(place));
  const known = cells.get(key);
  if (known) return known;
  const added = emptyCell(place);
  cells.set(key, added);
  return added;
}

function usageOf({ vendor, isConfigured, days, cells, edges }: Account): VendorUsage {
  const all = [...cells.values()];
  const { traffic, ...total } = tallyOf(all, vendor.billing);
  const { excluded } = billableOf(traffic, vendor.billing);
  return { vendor, isConfigured, days, total, traffic, excluded, splits: splitsOf(all, vendor.billing), edges };
}
