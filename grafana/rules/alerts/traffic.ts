// SPDX-License-Identifier: Apache-2.0
/**
 * Alerts on traffic that is not as it usually is: stopped, far from the same hour of the past week, not attributed.
 */
import * as contract from "../../../filter/core/contract.ts";
import * as recorded from "../../recorded.ts";
import type { Alert, AlertGroup } from "../model.ts";
import { BY_VENDOR, counted, family } from "../promql.ts";

const VENDOR = `{{ $labels.${contract.LABEL_VENDOR} }}`;
const DAYS = [1, 2, 3, 4, 5, 6, 7];
const FEWEST_DAYS = 3;
const FEWEST_BYTES = 1e8;

/** What an expression was at this hour on each of the past seven days, as far as it is known: one series a day. */
function pastWeek(at: (offset: string) => string): string {
  return DAYS.map((day) => `label_replace(${at(`offset ${day}d`)}, "day", "${day}", "", "")`).join("\n    or ");
}

function ofPastWeek(operator: "max" | "min", at: (offset: string) => string): string {
  const past = pastWeek(at);
  return `${operator} by (${BY_VENDOR}) (\n    ${past}\n  )
  and on (${BY_VENDOR}) count by (${BY_VENDOR}) (\n    ${past}\n  ) >= ${FEWEST_DAYS}`;
}

const stopped: Alert = {
  alert: "ProxymeterVendorTrafficStopped",
  severity: "warning",
  for: "5m",
  expr: `max_over_time(${recorded.VENDOR_REQUESTS_RATE}[10m]) == 0
and
max_over_time(${recorded.VENDOR_RECEIVED_RATE}[10m]) == 0
and
sum_over_time(${recorded.VENDOR_REQUESTS_INCREASE}[1h] offset 15m) >= 100
unless
max_over_time(${recorded.VENDOR_REQUESTS_RATE}[30m] offset 1d) == 0`,
  summary: `Traffic through ${VENDOR} has stopped`,
  description: `No request went through ${VENDOR} for 15 minutes, after at least 100 in the hour before; the pods are scraped as ever. At this hour yesterday there was traffic, or there is no yesterday.`,
};

const bytes = (offset = "") =>
  `(avg_over_time(${recorded.VENDOR_SENT_RATE}[1h]${offset && ` ${offset}`}) + avg_over_time(${recorded.VENDOR_RECEIVED_RATE}[1h]${offset && ` ${offset}`}))`;

const bytesHigh: Alert = {
  alert: "ProxymeterVendorBytesUnusual",
  severity: "warning",
  labels: { direction: "high" },
  for: "15m",
  expr: `${bytes()}
/ (
  ${ofPastWeek("max", bytes)}
)
> 2
and
${bytes()} * 3600 >= ${FEWEST_BYTES}`,
  summary: `Far more bytes through ${VENDOR} than at this hour of the past week`,
  description: `The past hour had {{ $value | humanize }} times the bytes through ${VENDOR} of the busiest same hour of the past seven days: more work, a retry storm, or leaked credentials.`,
};

const bytesLow: Alert = {
  alert: "ProxymeterVendorBytesUnusual",
  severity: "warning",
  labels: { direction: "low" },
  for: "15m",
  expr: `${bytes()}
/ (
  ${ofPastWeek("min", bytes)}
  and on (${BY_VENDOR}) (${ofPastWeek("min", bytes)}) * 3600 >= ${FEWEST_BYTES}
)
< 0.3`,
  summary: `Far fewer bytes through ${VENDOR} than at this hour of the past week`,
  description: `The past hour had {{ $value | humanizePercentage }} of the bytes through ${VENDOR} of the quietest same hour of the past seven days.`,
};

const ratio = recorded.FAULT_RATIO["1h"];
const successUnusual: Alert = {
  alert: "ProxymeterVendorSuccessUnusual",
  severity: "warning",
  for: "15m",
  expr: `${ratio}
> 2 * (
  ${ofPastWeek("max", (offset) => `${ratio} ${offset}`)}
) + 0.05
and
sum_over_time(${recorded.VENDOR_REQUESTS_INCREASE}[1h]) >= 100`,
  summary: `${VENDOR} fails far more requests than at this hour of the past week`,
  description: `{{ $value | humanizePercentage }} of the past hour's requests through ${VENDOR} ended in a fault of the vendor, more than twice the worst same hour of the past seven days: a ban wave or a fault that the objective alone does not show yet.`,
};

const KNOWN_REASONS = `{${contract.LABEL_REASON}!="${contract.REASON_OPAQUE_TLS}"}`;
const unattributed: Alert = {
  alert: "ProxymeterUnattributedShare",
  severity: "warning",
  for: "15m",
  expr: `avg_over_time(${recorded.UNATTRIBUTED_SHARE}${KNOWN_REASONS}[1h]) > 0.05
and
${recorded.UNATTRIBUTED_SHARE} > 0.05
and
avg_over_time(${recorded.UNATTRIBUTED_RATE}[1h]) * 3600 >= 1e7`,
  summary: "A growing part of the metered bytes belongs to no known vendor or destination",
  description: `{{ $value | humanizePercentage }} of the bytes of the past hour could not be attributed; reason {{ $labels.${contract.LABEL_REASON} }}.`,
};

const overflow: Alert = {
  alert: "ProxymeterDestinationsOverflow",
  severity: "info",
  for: "30m",
  expr: `sum by (cluster, namespace) (${counted(`rate(${family(contract.DESTINATIONS_OVERFLOW)}[15m])`, "15m")})
/
(sum by (cluster, namespace) (${recorded.NAMESPACE_REQUESTS_RATE}) > 0)
> 0.05
and
sum by (cluster, namespace) (${recorded.NAMESPACE_REQUESTS_RATE}) * 900 >= 100`,
  summary: "Destinations of {{ $labels.namespace }} go to `other` for want of slots",
  description:
    "{{ $value | humanizePercentage }} of the requests of namespace {{ $labels.namespace }} had a destination beyond the limit of their pod. Vendor totals stay exact.",
};

export const TRAFFIC_ALERTS: readonly AlertGroup[] = [
  { name: "proxymeter-traffic-alerts", interval: "1m", alerts: [stopped, unattributed, overflow] },
  // These read seven days back.
  { name: "proxymeter-usual-alerts", interval: "5m", alerts: [bytesHigh, bytesLow, successUnusual] },
];
