// SPDX-License-Identifier: Apache-2.0
/**
 * Alerts on vendors as crawlers meet them: success, pools, handshakes, refusals, bans.
 * What a vendor promises is in `recording/objectives.ts`; each alert needs a least number of requests before it speaks.
 */
import * as contract from "../../../filter/core/contract.ts";
import * as recorded from "../../recorded.ts";
import type { Alert, AlertGroup, Severity } from "../model.ts";
import { BY_DESTINATION, BY_VENDOR } from "../promql.ts";
import { PARTS_EVERY_S } from "../recording/parts.ts";

const VENDOR = `{{ $labels.${contract.LABEL_VENDOR} }}`;
const DESTINATION = `{{ $labels.${contract.LABEL_DESTINATION} }}`;
const PER_VENDOR = `on (${contract.LABEL_VENDOR}) group_left ()`;

/** Share of faults that burns the allowance so many times too fast; a low promise must not lift it out of reach. */
function allowance(factor: number): string {
  return `clamp_max(${factor} * (1 - ${recorded.SUCCESS_OBJECTIVE}), 0.9)`;
}

type Window = keyof typeof recorded.FAULT_RATIO;
const BURNS: readonly { long: Window; short: Window; factor: number; severity: Severity; for: string }[] = [
  { long: "1h", short: "5m", factor: 14.4, severity: "critical", for: "2m" },
  { long: "6h", short: "30m", factor: 6, severity: "critical", for: "5m" },
  { long: "1d", short: "2h", factor: 3, severity: "warning", for: "15m" },
  { long: "3d", short: "6h", factor: 1, severity: "warning", for: "30m" },
];
const FEWEST_REQUESTS = 100;

const burns: Alert[] = BURNS.map(({ long, short, factor, severity, for: duration }) => ({
  alert: "ProxymeterVendorSuccessBurn",
  severity,
  labels: { long_window: long, short_window: short },
  for: duration,
  expr: `${recorded.FAULT_RATIO[long]} > ${PER_VENDOR} ${allowance(factor)}
and
${recorded.FAULT_RATIO[short]} > ${PER_VENDOR} ${allowance(factor)}
and
sum_over_time(${recorded.VENDOR_REQUESTS_INCREASE}[${long}]) >= ${FEWEST_REQUESTS}`,
  summary: `${VENDOR} fails more requests than its objective allows`,
  description: `{{ $value | humanizePercentage }} of the requests of the past ${long} through ${VENDOR} ended in a fault of the vendor; that is at least ${factor} times what its objective allows, and it goes on in the past ${short}.`,
}));

const poolDegraded: Alert = {
  alert: "ProxymeterPoolDegraded",
  severity: "warning",
  for: "5m",
  expr: `sum_over_time(${recorded.POOL_FAULTS_RATE}[30m]) / (sum_over_time(${recorded.POOL_REQUESTS_RATE}[30m]) > 0)
> ${PER_VENDOR} ${allowance(3)}
and
${recorded.POOL_FAULT_RATIO} > ${PER_VENDOR} ${allowance(3)}
and
sum_over_time(${recorded.POOL_REQUESTS_INCREASE}[30m]) >= 50`,
  summary: `Pool {{ $labels.${contract.LABEL_POOL} }} of ${VENDOR} is degraded`,
  description: `{{ $value | humanizePercentage }} of the attempts of the past 30 minutes through pool {{ $labels.${contract.LABEL_POOL} }} of ${VENDOR} ended in a fault of the vendor, at least 3 times what its objective allows.`,
};

const BUCKETS = `${recorded.HANDSHAKE_BUCKET_RATE}{${contract.LABEL_RESULT}!="${contract.RESULT_CLIENT_ABORT}"}`;
const handshakeSlow: Alert = {
  alert: "ProxymeterVendorHandshakeSlow",
  severity: "warning",
  for: "10m",
  expr: `histogram_quantile(0.95, sum by (${BY_VENDOR}, le) (avg_over_time(${BUCKETS}[30m])))
> ${PER_VENDOR} ${recorded.HANDSHAKE_OBJECTIVE}
and
histogram_quantile(0.95, sum by (${BY_VENDOR}, le) (${BUCKETS})) > ${PER_VENDOR} ${recorded.HANDSHAKE_OBJECTIVE}
and
sum by (${BY_VENDOR}) (sum_over_time(${BUCKETS.replace("}", ',le="+Inf"}')}[30m])) * ${PARTS_EVERY_S} >= 50`,
  summary: `${VENDOR} answers CONNECT and SOCKS requests slowly`,
  description: `The 95th percentile of ${VENDOR}'s handshake was {{ $value | humanize }} ms in the past 30 minutes, above the threshold in vendors.yaml, and still is.`,
};

const RATE_LIMITED = `${recorded.OUTCOME_REQUESTS_RATE}{${contract.LABEL_OUTCOME}="${contract.OUTCOME_RATE_LIMITED}"}`;
const vendorDown: Alert = {
  alert: "ProxymeterVendorDown",
  severity: "critical",
  for: "2m",
  expr: `(
  ${recorded.VENDOR_FAULTS_RATE}
  - (sum by (${BY_VENDOR}) (${RATE_LIMITED}) or ${recorded.VENDOR_FAULTS_RATE} * 0)
)
/ (${recorded.VENDOR_REQUESTS_RATE} > 0)
> 0.5
and
${recorded.VENDOR_REQUESTS_RATE} * 300 >= 20`,
  summary: `${VENDOR} is down: its gateway refuses or cannot be reached`,
  description: `{{ $value | humanizePercentage }} of the requests of the past 5 minutes through ${VENDOR} were refused by its gateway, cut off, or never reached it; rate limits are not among them.`,
};

const ban = { alert: "ProxymeterBanRate", severity: "warning", for: "5m" } as const;
const refused: Alert = {
  ...ban,
  expr: `sum_over_time(${recorded.DESTINATION_BANS_RATE}[15m])
/ on (${BY_DESTINATION}) group_left ()
(sum_over_time(${recorded.DESTINATION_REQUESTS_RATE}[15m]) > 0)
> 0.2
and
sum_over_time(${recorded.DESTINATION_BANS_RATE}[15m]) * ${PARTS_EVERY_S} >= 30`,
  summary: `${DESTINATION} turns crawlers away through ${VENDOR}`,
  description: `{{ $value | humanizePercentage }} of the requests of the past 15 minutes to ${DESTINATION} through ${VENDOR} were answered 403, 429 or 451. Evidence: {{ $labels.evidence }} (status: the site's own answer, in clear; gateway: the gateway's answer to CONNECT).`,
};

/** Inside a tunnel no status is seen: pages that shrink to a fraction of what they were are all there is to go by. */
const REQUESTS = `${recorded.DESTINATION_REQUESTS_RATE}{${contract.LABEL_DESTINATION}!="${contract.VALUE_OTHER}"}`;
const shrunk: Alert = {
  ...ban,
  for: "15m",
  labels: { evidence: "shape" },
  expr: `(
  sum_over_time(${recorded.DESTINATION_RECEIVED_RATE}[30m]) / (sum_over_time(${REQUESTS}[30m]) > 0)
)
/
(sum_over_time(${recorded.DESTINATION_RECEIVED_RATE}[2h] offset 23h) / (sum_over_time(${REQUESTS}[2h] offset 23h) > 0) > 0)
< 0.25
and
sum_over_time(${REQUESTS}[30m]) * ${PARTS_EVERY_S} >= 50
and
sum_over_time(${REQUESTS}[2h] offset 23h) * ${PARTS_EVERY_S} >= 50`,
  summary: `${DESTINATION} answers crawlers through ${VENDOR} with far smaller pages than yesterday`,
  description: `A request to ${DESTINATION} through ${VENDOR} brought {{ $value | humanizePercentage }} of the bytes that it brought at this hour yesterday. Evidence: shape, the size of answers; a block page is one reason for it, a changed site or crawler another.`,
};

export const VENDOR_ALERTS: AlertGroup = {
  name: "proxymeter-vendor-alerts",
  interval: "1m",
  alerts: [...burns, poolDegraded, handshakeSlow, vendorDown, refused, shrunk],
};
