// SPDX-License-Identifier: Apache-2.0
/**
 * The JSON of Oxylabs' usage APIs. Residential proxies have a public API of their own, whose traffic is in GB, and which tells
 * totals of a month, days of a sub-user, and targets of a sub-user's day apart by their members.
 *
 * @see https://developers.oxylabs.io/products/web-unblocker/usage-statistics
 * @see https://residential-api.oxylabs.io/v1/docs
 */
import { isMembers, membersOf, momentAfter, rowsWith } from "./json.ts";
import type { WrittenRow } from "./rows.ts";

/** Web Unblocker: texts of bytes, one row for each source and, where the request groups by it, each day. */
export function oxylabsStats(value: unknown): WrittenRow[] | undefined {
  const rows = rowsWith(membersOf(membersOf(value).data).sources, "request_traffic", "response_traffic");
  return rows?.map(({ date, request_traffic: sent, response_traffic: received }) => ({
    ...(typeof date === "string" && { time: date }),
    amounts: [sent, received],
  }));
}

/** `/users/{userId}/client-stats`: the month up to its last day or today; a date without a time is a whole day. */
export function oxylabsClientStats(value: unknown): WrittenRow[] | undefined {
  const { traffic, date_from: from, date_to: to } = membersOf(value);
  if (traffic === undefined || typeof from !== "string" || typeof to !== "string") return undefined;
  return [{ time: from, end: /^\d{4}-\d\d-\d\d$/.test(to) ? dayAfter(to) : to, amounts: [traffic] }];
}

/** `/users/{userId}/sub-users/{subUserId}`: a figure for each day. */
export function oxylabsSubUserStats(value: unknown): WrittenRow[] | undefined {
  const { traffic_by_period: periods } = membersOf(value);
  if (!isMembers(periods) || Object.keys(periods).length === 0) return undefined;
  return Object.entries(periods).map(([time, amount]) => ({ time, amounts: [amount] }));
}

/** `/users/{userId}/sub-users/{subUserId}/target-stats?date=`: a row for each target of that day. */
export function oxylabsTargetStats(value: unknown): WrittenRow[] | undefined {
  const rows = rowsWith(membersOf(value).results, "date", "target", "traffic");
  return rows?.map(({ date, traffic, requests }) => ({ time: String(date), amounts: [traffic], requests }));
}

function dayAfter(date: string): string {
  return momentAfter(`${date}T00:00:00Z`, 86_400_000).slice(0, 10);
}
