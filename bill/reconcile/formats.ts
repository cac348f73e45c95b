// SPDX-License-Identifier: Apache-2.0
/**
 * The JSON of vendors' public usage APIs, as their documentation of 2026 shows it: one row of the table for each answer, told apart by
 * its members. Names are those of the APIs; for others there are mapped columns. docs/bill.md says which vendor has which.
 */
import { isMembers, listOf, type Members, momentAfter, rowsWith, valuesOf } from "./json.ts";
import type { Unit } from "./model.ts";
import { oxylabsClientStats, oxylabsStats, oxylabsSubUserStats, oxylabsTargetStats } from "./oxylabs.ts";
import { decodoTraffic, webshareActivity } from "./paged.ts";
import type { WrittenRow } from "./rows.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface Format {
  name: string;
  /** Which request gives it. */
  source: string;
  unit: Unit;
  rows(value: unknown): WrittenRow[] | undefined;
}

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
  { name: "webshare-activity", source: "Webshare: GET /api/v2/proxy/activity/", unit: "B", rows: webshareActivity },
  { name: "oxylabs-stats", source: "Oxylabs Web Unblocker: GET /v1/stats", unit: "B", rows: oxylabsStats },
  {
    name: "oxylabs-client-stats",
    source: "Oxylabs residential: GET /users/{userId}/client-stats",
    unit: "GB",
    rows: oxylabsClientStats,
  },
  {
    name: "oxylabs-sub-user-stats",
    source: "Oxylabs residential: GET /users/{userId}/sub-users/{subUserId}",
    unit: "GB",
    rows: oxylabsSubUserStats,
  },
  {
    name: "oxylabs-target-stats",
    source: "Oxylabs residential: GET /users/{userId}/sub-users/{subUserId}/target-stats",
    unit: "GB",
    rows: oxylabsTargetStats,
  },
  { name: "decodo-traffic", source: "Decodo: POST /api/v2/statistics/traffic", unit: "B", rows: decodoTraffic },
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
          lasts: DAY_MS,
          amounts: [bytes],
          requests: Number(listOf(http)[index] ?? 0) + Number(listOf(https)[index] ?? 0),
        }),
      ),
    ),
  );
  return rows.length > 0 ? rows : undefined;
}

/** Dates of the arrays are UTC days, whatever the vendor bills by. */
function dayAfter(from: string, days: number): string {
  return momentAfter(/Z|[+-]\d\d:?\d\d$/.test(from) ? from : `${from}Z`, days * DAY_MS);
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
      lasts: HOUR_MS,
      ...{ amounts: [bytes], requests },
    }));
}

function webshareAggregate(value: unknown): WrittenRow[] | undefined {
  if (!isMembers(value) || !("bandwidth_total" in value) || "timestamp" in value) return undefined;
  return [{ amounts: [value.bandwidth_total], requests: value.requests_total }];
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
