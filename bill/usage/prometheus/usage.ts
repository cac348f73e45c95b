// SPDX-License-Identifier: Apache-2.0
/**
 * Usage from Prometheus: vendor families for totals, the others for shares, day by day of each vendor's zone. What scrapes could not
 * see is reckoned and said, never added.
 */
import * as contract from "../../../filter/core/contract.ts";
import { addTraffic, billableOf, noTraffic, type Traffic } from "../../prices/billable.ts";
import { PLAIN_PROFILE, type PricedVendor } from "../../prices/model.ts";
import { momentText } from "../../time/period.ts";
import { makeAccounts, type VendorAccount } from "../accounts.ts";
import type { DayUsage, Usage, UsageRequest, VendorUsage } from "../model.ts";
import { emptyDays } from "../vendors.ts";
import { bytesIn, emptyBook, type VendorBook } from "./books.ts";
import { compositionOf } from "./composition.ts";
import { FEEDS, type Feed } from "./feeds.ts";
import { growthOf, growthOneByOne, type MetricsSource, openWindow, type Row, type Window } from "./growth.ts";
import { type Lives, livesIn, lossOf } from "./loss.ts";
import { JOB, type Scope, seenLate, vendorIs, vendorIsNot } from "./promql.ts";
import { splitsOf } from "./splits.ts";
import { nameKey } from "./targets.ts";

export interface PrometheusRequest extends UsageRequest {
  source: MetricsSource;
  /** Scrape job; ours unless told. */
  job?: string;
  /** Seconds between two scrapes, where it is known. */
  intervalSeconds?: number;
  /** Pods scraped twice that are asked for one by one; more of them are asked for in one expression. */
  fewPods?: number;
}

interface Account extends VendorAccount {
  traffic: Traffic;
  book: VendorBook;
}

const emptyAccount = () => ({ traffic: noTraffic(), book: emptyBook() });

/** Vendors whose days begin together are asked for together. */
interface Zone {
  scope: Scope;
  /** Days that any of its vendors needs. */
  days: DayUsage[];
}

/** @throws whatever asking Prometheus throws */
export async function usageFromPrometheus(request: PrometheusRequest): Promise<Usage> {
  const { period, intervalSeconds } = request;
  const accountOf = makeAccounts(request, emptyAccount);
  const seen: Lives[] = [];
  const twice = new Set<string>();
  const relabelled = new Set<string>();
  let late = 0;
  const zones = zonesOf(request);
  for (const [index, zone] of zones.entries()) {
    for (const [number, day] of zone.days.entries()) {
      request.say?.(`asking Prometheus for ${day.date} (day ${number + 1} of ${zone.days.length})`);
      const opened = await openWindow(request.source, zone.scope, day, request.fewPods);
      const window = { ...opened, say: request.say };
      if (index === 0 && day.isCharged) seen.push(await livesIn(request.source, window));
      for (const name of window.several.processes.keys()) twice.add(name);
      for (const name of window.relabelled) relabelled.add(name);
      if (index === 0 && day.isCharged) late += (await latePods(request.source, window)).length;
      await readDay(request.source, window, day.isCharged, accountOf);
    }
  }
  const loss = lossOf(seen, intervalSeconds);
  return {
    ...{ source: "prometheus", period, vendors: accountOf.all().filter(hasMeaning).map(usageOf) },
    ...(loss && { loss }),
    notes: [...notesOf(seen, request), ...targetNotes({ twice: twice.size, late, relabelled: relabelled.size })],
  };
}

function zonesOf({ vendors, period, job = JOB }: PrometheusRequest): Zone[] {
  const other: PricedVendor = { name: "", billing: PLAIN_PROFILE, gateways: [] };
  const byZone = Map.groupBy([...vendors, other], ({ billing }) => billing.zone);
  return [...byZone.values()].map((members) => {
    const longest = members.map((vendor) => emptyDays(vendor, period)).sort((a, b) => b.length - a.length)[0] ?? [];
    const names = (some: readonly PricedVendor[]) =>
      some.flatMap(({ name }) => (name === "" ? [] : [name, name.replaceAll(".", "_")]));
    const elsewhere = names(vendors.filter((vendor) => !members.includes(vendor)));
    const isRest = members.includes(other);
    const matchers = isRest ? (elsewhere.length === 0 ? [] : [vendorIsNot(elsewhere)]) : [vendorIs(names(members))];
    return { scope: { job, matchers }, days: longest };
  });
}

/** Reads one day of all vendors of a zone: into its own books for the day, and into those of the period where it is in it. */
async function readDay(
  source: MetricsSource,
  window: Window,
  isCharged: boolean,
  accountOf: (label: string) => Account,
): Promise<void> {
  const books = new Map<Account, VendorBook>();
  const feeds = FEEDS.filter(({ isTotal }) => isCharged || isTotal);
  const oneByOne = onceForEach((metric) => growthOneByOne(source, metric, window), feeds);
  for (const feed of feeds) {
    for (const { labels, value } of await rowsOf(source, feed, window, oneByOne)) {
      if (value === 0) continue;
      const account = accountOf(labels[contract.LABEL_VENDOR] ?? contract.VALUE_UNKNOWN);
      const book = books.get(account) ?? emptyBook();
      books.set(account, book);
      feed.take(book, labels, value);
      if (isCharged) feed.take(account.book, labels, value);
    }
  }
  for (const [account, book] of books) closeDay(account, book, window);
}

/** Asks once for a family that several feeds take from, and forgets it after the last of them. */
function onceForEach(ask: (metric: string) => Promise<Row[]>, feeds: readonly Feed[]) {
  const known = new Map<string, { rows: Promise<Row[]>; left: number }>();
  return (metric: string): Promise<Row[]> => {
    const left = feeds.filter((feed) => feed.metric === metric).length;
    const entry = known.get(metric) ?? { rows: ask(metric), left };
    entry.left -= 1;
    if (entry.left > 0) known.set(metric, entry);
    else known.delete(metric);
    return entry.rows;
  };
}

/** Pods by name only where they have no workload: there are many of them. */
async function rowsOf(
  source: MetricsSource,
  { metric, labels }: Feed,
  window: Window,
  growthOfEach: (metric: string) => Promise<Row[]>,
): Promise<Row[]> {
  const ask = (names: readonly string[], ...matchers: string[]) => {
    const scope = { ...window.scope, matchers: [...window.scope.matchers, ...matchers] };
    return growthOf(source, metric, [contract.LABEL_VENDOR, ...names], { ...window, scope });
  };
  const oneByOne = await growthOfEach(metric);
  if (!labels.includes("pod")) return [...oneByOne, ...(await ask(labels))];
  const withoutPod = labels.filter((name) => name !== "pod");
  return [...oneByOne, ...(await ask(withoutPod, 'workload!=""')), ...(await ask(labels, 'workload=""'))];
}

function closeDay({ vendor, days, traffic }: Account, book: VendorBook, { from }: Window): void {
  const day = days.find((one) => one.from === from);
  if (day === undefined) return;
  const composition = compositionOf(book, vendor);
  day.bytes = book.all.sent + book.all.received;
  day.billableBytes = billableOf(composition, vendor.billing).billable;
  if (day.isCharged) addTraffic(traffic, composition);
}

/** The filter's own `other` and `unknown` exist at 0 everywhere. */
function hasMeaning({ isConfigured, book }: Account): boolean {
  return isConfigured || book.requests + book.all.sent + book.all.received > 0;
}

function usageOf({ vendor, isConfigured, days, traffic, book }: Account): VendorUsage {
  const { billing } = vendor;
  const { billable, excluded } = billableOf(traffic, billing);
  const handshakes = [contract.KIND_PROXY_HANDSHAKE, contract.KIND_TLS_HANDSHAKE].map((kind) =>
    bytesIn(book.overhead, kind),
  );
  const both = (bytes: readonly { sent: number; received: number }[]) =>
    bytes.reduce((sum, { sent, received }) => sum + sent + received, 0);
  const total = {
    requests: book.requests,
    succeeded: book.outcomes.get(contract.OUTCOME_OK)?.requests ?? 0,
    sentBytes: book.all.sent,
    receivedBytes: book.all.received,
    billableBytes: billable,
    handshakeBytes: both(handshakes),
    failedBytes: both([...book.failed.values()]),
  };
  const edges = { headBytes: 0, tailBytes: 0 };
  return { vendor, isConfigured, days, total, traffic, excluded, splits: splitsOf(book, total, billing), edges };
}

/** Pods whose counters had grown before they were seen, but for those that are known under other labels. */
async function latePods(source: MetricsSource, window: Window): Promise<Row[]> {
  const rows = await source.query(seenLate(window.scope, window), window.to / 1000);
  return rows.filter(({ labels }) => !window.several.processes.has(nameKey(labels)));
}

function targetNotes({ twice, late, relabelled }: Record<"twice" | "late" | "relabelled", number>): string[] {
  const pods = (count: number) => `${count} ${count === 1 ? "pod" : "pods"}`;
  return [
    ...(twice === 0
      ? []
      : [
          `${pods(twice)} had several targets at once, or targets whose labels changed: what is one sidecar counts once`,
        ]),
    ...(late === 0
      ? []
      : [
          `${pods(late)} had been running before Prometheus saw ${late === 1 ? "it" : "them"}: ${late === 1 ? "its" : "their"} counters count from their beginning`,
        ]),
    ...(relabelled === 0
      ? []
      : [
          `${pods(relabelled)} began anew on a day on which labels of ${relabelled === 1 ? "its target" : "their targets"} changed: what had been counted before the change may count twice`,
        ]),
  ];
}

function notesOf(seen: readonly Lives[], { period }: UsageRequest): string[] {
  const first = seen.findIndex((one) => one.seen > 0);
  if (first < 0) return ["Prometheus has no metrics of ours in this period"];
  if (seen[first]?.before !== 0 || first > 0) return [];
  return [
    `Prometheus has nothing from before ${momentText(period.from, "UTC")}: counters that were running already count from their beginning`,
  ];
}
