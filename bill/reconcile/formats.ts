// SPDX-License-Identifier: Apache-2.0
/**
 * The JSON of vendors' public usage APIs, as their documentation of 2026 shows it: one row of the table for each answer, told apart by
 * its members. Names are those of the APIs; for others there are mapped columns.
 */
import type { Unit } from "./model.ts";
import type { WrittenRow } from "./rows.ts";

export interface Format {
  name: string;
  /** Which request gives it. */
  source: string;
  unit: Unit;
  /** Zone of its times, where they carry none and it is not the vendor's. */
  rows(value: unknown): WrittenRow[] | undefined;
}

type Members = Readonly<Record<string, unknown>>;

export const FORMATS: readonly Format[] = [
  {
    name: "brightdata-bw",
    source: "Bright Data: GET /zone/bw, GET /customer/bw",
    unit: "B",
    rows: brightDataBandwidth,
  },
  { name: "brightdata-cost", source: "Bright Data: GET /zone/cost with from and to", unit: "B", rows: brightDataCost },
  { name: "webshare-stats", source: "Webshare: GET /api/v2/stats/", unit: "B", rows: webshareStats },
  { name: "webshare-aggregate", source: "Webshare: GET /api/v2/stats/aggregate/", unit: "B", rows: webshareAggregate },
  { name: "oxylabs-stats", source: "Oxylabs Web Unblocker: GET /v1/stats", unit: "B", rows: oxylabsStats },
  { name: "evomi-usage", source: "Evomi: GET /public/usage", unit: "MB", rows: evomiUsage },
  { name: "zyte-stats", source: "Zyte Smart Proxy Manager: GET /stats", unit: "B", rows: zyteStats },
];

/** Arrays with one value for each day from `from` on, one set of them for each zone. */
function brightDataBandwidth(value: unknown): WrittenRow[] | undefined {
  const customers = valuesOf(value).filter((customer) => isMembers(customer.data) && typeof customer.from === "string");
  if (customers.length === 0) return undefined;
  const rows = customers.flatMap(({ from, data }) =>
    valuesOf(data).flatMap(({ bw_sum: sums, http_direct_req: http, https_direct_req: https }) =>
      listOf(sums).map(
        (bytes, index): WrittenRow => ({
          time: dayAfter(String(from), index),
          amounts: [bytes],
          requests: Number(listOf(http)[index] ?? 0) + Number(listOf(https)[index] ?? 0),
        }),
      ),
    ),
  );
  return rows.length > 0 ? rows : undefined;
}

/** Dates of the arrays are UTC days. */
function dayAfter(from: string, days: number): string {
  const begin = Date.parse(/Z|[+-]\d\d:?\d\d$/.test(from) ? from : `${from}Z`);
  return Number.isNaN(begin) ? from : new Date(begin + days * 86_400_000).toISOString();
}

function brightDataCost(value: unknown): WrittenRow[] | undefined {
  const customers = valuesOf(value).filter(({ custom }) => isMembers(custom) && "bw" in custom);
  if (customers.length === 0) return undefined;
  return customers.map(({ custom }) => ({ amounts: [(custom as Members).bw], cost: (custom as Members).cost }));
}

/** Hours without traffic are absent; hours of the future are there as projections. */
function webshareStats(value: unknown): WrittenRow[] | undefined {
  const rows = rowsWith(value, "timestamp", "bandwidth_total");
  return rows
    ?.filter(({ is_projected: isProjected }) => isProjected !== true)
    .map(({ timestamp, bandwidth_total: bytes, requests_total: requests }) => ({
      time: String(timestamp),
      end: new Date(Date.parse(String(timestamp)) + 3_600_000).toISOString(),
      ...{ amounts: [bytes], requests },
    }));
}

function webshareAggregate(value: unknown): WrittenRow[] | undefined {
  if (!isMembers(value) || !("bandwidth_total" in value) || "timestamp" in value) return undefined;
  return [{ amounts: [value.bandwidth_total], requests: value.requests_total }];
}

/** Texts of bytes, one row for each source and, where the request groups by it, each day. */
function oxylabsStats(value: unknown): WrittenRow[] | undefined {
  const data = isMembers(value) && isMembers(value.data) ? value.data : {};
  const rows = rowsWith(data.sources, "request_traffic", "response_traffic");
  return rows?.map(({ date, request_traffic: sent, response_traffic: received }) => ({
    ...(typeof date === "string" && { time: date }),
    amounts: [sent, received],
  }));
}

/** Megabytes by day or hour; the request's own product only. */
function evomiUsage(value: unknown): WrittenRow[] | undefined {
  const data = isMembers(value) && isMembers(value.data) ? value.data : {};
  const bandwidth = isMembers(data.bandwidth) ? data.bandwidth : {};
  const products = listOf(bandwidth.products).filter(isMembers);
  if (products.length === 0) return undefined;
  return products.flatMap(({ stats }) =>
    Object.entries(isMembers(stats) ? stats : {}).map(([time, amounts]) => ({
      time,
      amounts: [isMembers(amounts) ? amounts.total : amounts],
    })),
  );
}

function zyteStats(value: unknown): WrittenRow[] | undefined {
  const rows = rowsWith(isMembers(value) ? value.results : undefined, "time_gte", "traffic");
  return rows?.map(({ time_gte: time, traffic, clean, failed }) => ({
    time: String(time),
    amounts: [traffic],
    requests: Number(clean ?? 0) + Number(failed ?? 0),
  }));
}

export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function valuesOf(value: unknown): Members[] {
  return isMembers(value) ? Object.values(value).filter(isMembers) : [];
}

/** The rows of a list, if it has some and the first one has these members. */
function rowsWith(value: unknown, ...names: readonly string[]): Members[] | undefined {
  const rows = listOf(value).filter(isMembers);
  const [first] = rows;
  return first !== undefined && names.every((name) => name in first) ? rows : undefined;
}
