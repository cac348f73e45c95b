// SPDX-License-Identifier: Apache-2.0
/**
 * A past for a Prometheus that has just started: recorded series of five weeks, made up with a daily rhythm and written
 * as blocks by `promtool tsdb create-blocks-from openmetrics`. What rests on it is back-filled, not metered.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findTool } from "../../demo/paths.ts";
import * as series from "../../grafana/recorded.ts";

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

function samples(
  { name, labels }: Line,
  from: number,
  to: number,
  step: number,
  value: (time: number) => number,
): string[] {
  const text = Object.entries(labels)
    .map(([label, each]) => `${label}="${each}"`)
    .join(",");
  const count = Math.floor((to - from) / step) + 1;
  return Array.from({ length: count }, (_, index) => {
    const time = from + index * step;
    return `${name}{${text}} ${value(time)} ${time}`;
  });
}

/** OpenMetrics text of everything up to a time in seconds of the epoch. */
export function historyText(until: number): string {
  const all = VENDORS.map(vendorLines);
  const end = Math.floor(until / GROWTH_SECONDS) * GROWTH_SECONDS;
  const growths = all
    .flatMap((each) => each.growths)
    .flatMap((line) => {
      const grown = (time: number) => line.perSecond * GROWTH_SECONDS * rhythm(time);
      return samples(line, end - DAYS * DAY, end, GROWTH_SECONDS, grown);
    });
  const rates = all
    .flatMap((each) => each.rates)
    .flatMap((line) => {
      const rate = (time: number) => line.perSecond * rhythm(time);
      return samples(line, until - WEEK - AROUND_SECONDS, until - WEEK + AROUND_SECONDS, MINUTE, rate);
    });
  const months = VENDORS.flatMap((proxy_vendor) =>
    [series.VENDOR_COST_MONTH, series.VENDOR_BUDGET_DAYS].flatMap((name) =>
      samples(
        { name, labels: { proxy_vendor, currency: "USD" }, perSecond: 0 },
        until - MINUTE,
        until,
        MINUTE,
        () => 12,
      ),
    ),
  );
  return [...growths, ...rates, ...months, "# EOF\n"].join("\n");
}

/** Writes the blocks into the data folder of a Prometheus that does not run yet. */
export function backfill(folder: string, data: string, until: number): void {
  mkdirSync(data, { recursive: true });
  const file = join(folder, "history.om");
  writeFileSync(file, historyText(until));
  const args = ["tsdb", "create-blocks-from", "openmetrics", `--max-block-duration=${BLOCK}`, "--quiet", file, data];
  execFileSync(findTool("promtool"), args, { stdio: "pipe" });
}
