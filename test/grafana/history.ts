// SPDX-License-Identifier: Apache-2.0
/**
 * A past for a Prometheus that has just started: recorded series of five weeks, made up with a daily rhythm. What
 * rests on it is back-filled, not metered.
 */
import * as series from "../../grafana/recorded.ts";
import { type WrittenSeries, writeBlocks } from "../envoy/driver/blocks.ts";

const MINUTE = 60;
const DAY = 86_400;
const GROWTH_SECONDS = 300;
const DAYS = 35;
/** Around the same time a week ago, for panels that compare with it. */
const AROUND_SECONDS = 2 * 3600;
const WEEK = 7 * DAY;
const BLOCK = "1080h";

interface Line {
  name: string;
  labels: Readonly<Record<string, string>>;
  /** Of a second, on average. */
  perSecond: number;
}

const VENDORS = ["acme", "globex", "initech"] as const;
/** Those of the run, as long as it has two. */
const PODS = ["crawler-0", "crawler-1"] as const;
const BYTES_PER_SECOND = { sent: 40_000, received: 900_000 };
const PRICE_PER_BYTE = 3e-9;

function vendorLines(proxy_vendor: string, index: number): { growths: Line[]; rates: Line[] } {
  const share = 1 / (index + 2);
  const sent = BYTES_PER_SECOND.sent * share;
  const received = BYTES_PER_SECOND.received * share;
  const vendor = { proxy_vendor };
  const namespaced = { ...vendor, namespace: "crawl" };
  const line = (name: string, labels: Line["labels"], perSecond: number): Line => ({ name, labels, perSecond });
  return {
    growths: [
      line(series.NAMESPACE_REQUESTS_INCREASE, namespaced, 100 * share),
      line(series.NAMESPACE_SENT_INCREASE, namespaced, sent),
      line(series.NAMESPACE_RECEIVED_INCREASE, namespaced, received),
      ...PODS.flatMap((pod) => [
        line(series.POD_REQUESTS_INCREASE, { ...namespaced, pod }, (100 * share) / PODS.length),
        line(series.POD_SENT_INCREASE, { ...namespaced, pod }, sent / PODS.length),
        line(series.POD_RECEIVED_INCREASE, { ...namespaced, pod }, received / PODS.length),
        line(series.POD_WEIGHT_INCREASE, { ...namespaced, pod }, (sent + received + 100 * share) / PODS.length),
      ]),
      line(series.DESTINATION_SENT_INCREASE, { ...vendor, destination_host: "shop-01.example" }, sent / 2),
      line(series.DESTINATION_RECEIVED_INCREASE, { ...vendor, destination_host: "shop-01.example" }, received / 2),
      line(series.COUNTRY_SENT_INCREASE, { ...vendor, proxy_country: "de" }, sent),
      line(series.COUNTRY_RECEIVED_INCREASE, { ...vendor, proxy_country: "de" }, received),
      line(series.VENDOR_BILLABLE_INCREASE, vendor, sent + received),
      line(series.VENDOR_COST_INCREASE, { ...vendor, currency: "USD" }, (sent + received) * PRICE_PER_BYTE),
    ],
    rates: [
      line(series.NAMESPACE_REQUESTS_RATE, namespaced, 100 * share),
      line(series.NAMESPACE_SENT_RATE, namespaced, sent),
      line(series.NAMESPACE_RECEIVED_RATE, namespaced, received),
    ],
  };
}

/** More by day than by night. */
function rhythm(time: number): number {
  return 1 + 0.5 * Math.sin((2 * Math.PI * (time % DAY)) / DAY);
}

function written(
  { name, labels }: Line,
  from: number,
  to: number,
  step: number,
  value: (time: number) => number,
): WrittenSeries {
  const count = Math.floor((to - from) / step) + 1;
  const times = Array.from({ length: count }, (_, index) => from + index * step);
  return { metric: name, labels, samples: times.map((time) => [time, value(time)] as const) };
}

/** Everything up to a time in seconds of the epoch. */
export function historyOf(until: number): WrittenSeries[] {
  const all = VENDORS.map(vendorLines);
  const end = Math.floor(until / GROWTH_SECONDS) * GROWTH_SECONDS;
  const growths = all
    .flatMap((each) => each.growths)
    .map((line) => {
      const grown = (time: number) => line.perSecond * GROWTH_SECONDS * rhythm(time);
      return written(line, end - DAYS * DAY, end, GROWTH_SECONDS, grown);
    });
  const rates = all
    .flatMap((each) => each.rates)
    .map((line) => {
      const rate = (time: number) => line.perSecond * rhythm(time);
      return written(line, until - WEEK - AROUND_SECONDS, until - WEEK + AROUND_SECONDS, MINUTE, rate);
    });
  const months = VENDORS.flatMap((proxy_vendor) =>
    [series.VENDOR_COST_MONTH, series.VENDOR_BUDGET_DAYS].map((name) => {
      const line = { name, labels: { proxy_vendor, currency: "USD" }, perSecond: 0 };
      return written(line, until - MINUTE, until, MINUTE, () => 12);
    }),
  );
  return [...growths, ...rates, ...months];
}

/** Writes the blocks of a Prometheus of the demo that will be started in this folder. */
export function backfill(folder: string, until: number): Promise<void> {
  return writeBlocks(folder, historyOf(until), BLOCK);
}
