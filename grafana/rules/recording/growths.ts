// SPDX-License-Identifier: Apache-2.0
/**
 * Growths for totals over days, weeks and months, every five minutes: exact for what was scraped, see `growth`.
 * All in one group with what they cost, so that all have the same windows and none is read before it is written.
 */
import * as contract from "../../../filter/core/contract.ts";
import * as recorded from "../../recorded.ts";
import type { RecordingGroup, RecordingRule } from "../model.ts";
import {
  BY_COUNTRY,
  BY_DESTINATION,
  BY_NAMESPACE,
  BY_OUTCOME,
  BY_POD,
  BY_POOL,
  BY_VENDOR,
  family,
  growth,
  orZero,
  POD,
  sum,
  VENDOR_FAULTS,
  weight,
} from "../promql.ts";
import { bounded, rest } from "./destinations.ts";
import { COSTS } from "./money.ts";
import { BUILTIN_PODS, DURATION_FAULTS } from "./pods.ts";
import { BY_POOL_OUTCOME, TUNNELLED_INCREASE, tunnelledShare } from "./splits.ts";
import { WINDOWS } from "./windows.ts";

const INTERVAL = "5m";
const POOL_OUTCOME = "vendor_pool_outcome:proxymeter_requests:increase5m";
const { LABEL_DESTINATION, LABEL_KIND, LABEL_OUTCOME, VALUE_OTHER } = contract;
const NAMED = `${LABEL_DESTINATION}!="${VALUE_OTHER}"`;

function levels(metric: string, pod: string, namespace: string, vendor: string): RecordingRule[] {
  return [
    { record: pod, expr: growth(BY_POD, family(metric)) },
    { record: namespace, expr: sum(BY_NAMESPACE, pod) },
    { record: vendor, expr: sum(BY_VENDOR, namespace) },
  ];
}

const requests: RecordingRule[] = [
  { record: POOL_OUTCOME, expr: growth(BY_POOL_OUTCOME, family(contract.REQUESTS)) },
  { record: TUNNELLED_INCREASE, expr: tunnelledShare(POOL_OUTCOME) },
  { record: recorded.OUTCOME_REQUESTS_INCREASE, expr: sum(BY_OUTCOME, POOL_OUTCOME) },
  { record: recorded.POOL_REQUESTS_INCREASE, expr: sum(BY_POOL, POOL_OUTCOME) },
  { record: recorded.VENDOR_FAULTS_INCREASE, expr: faults() },
];

/** As in the rates: outcomes of requests, and for pods without outcomes the results of their durations. */
function faults(): string {
  const byOutcome = sum(BY_VENDOR, `${recorded.OUTCOME_REQUESTS_INCREASE}{${LABEL_OUTCOME}=~"${VENDOR_FAULTS}"}`);
  const known = recorded.VENDOR_REQUESTS_INCREASE;
  const byDuration = sum(BY_VENDOR, `\n  ${growth(BY_POD, DURATION_FAULTS)}\n  and on (${POD}) (${BUILTIN_PODS})\n`);
  return [byOutcome, byDuration].map((expr) => `(\n${orZero(expr, known)}\n)`).join("\n+\n");
}

function destination(record: string, metric: string, total: string): RecordingRule[] {
  return [{ record, expr: bounded(growth(BY_DESTINATION, family(metric, NAMED))) }, rest(record, total)];
}

const BYTES: readonly [record: string, by: string, metric: string][] = [
  [recorded.POOL_SENT_INCREASE, BY_POOL, contract.SENT_BYTES],
  [recorded.POOL_RECEIVED_INCREASE, BY_POOL, contract.RECEIVED_BYTES],
  [recorded.COUNTRY_SENT_INCREASE, BY_COUNTRY, contract.COUNTRY_SENT_BYTES],
  [recorded.COUNTRY_RECEIVED_INCREASE, BY_COUNTRY, contract.COUNTRY_RECEIVED_BYTES],
  [recorded.OVERHEAD_SENT_INCREASE, `${BY_VENDOR}, ${LABEL_KIND}`, contract.OVERHEAD_SENT_BYTES],
  [recorded.OVERHEAD_RECEIVED_INCREASE, `${BY_VENDOR}, ${LABEL_KIND}`, contract.OVERHEAD_RECEIVED_BYTES],
  [recorded.FAILED_SENT_INCREASE, `${BY_VENDOR}, ${LABEL_OUTCOME}`, contract.FAILED_SENT_BYTES],
  [recorded.FAILED_RECEIVED_INCREASE, `${BY_VENDOR}, ${LABEL_OUTCOME}`, contract.FAILED_RECEIVED_BYTES],
];

/** The vendors' totals, and the shares of them. */
const TOTALS: RecordingRule[] = [
  ...levels(
    contract.VENDOR_REQUESTS,
    recorded.POD_REQUESTS_INCREASE,
    recorded.NAMESPACE_REQUESTS_INCREASE,
    recorded.VENDOR_REQUESTS_INCREASE,
  ),
  ...levels(
    contract.VENDOR_SENT_BYTES,
    recorded.POD_SENT_INCREASE,
    recorded.NAMESPACE_SENT_INCREASE,
    recorded.VENDOR_SENT_INCREASE,
  ),
  ...levels(
    contract.VENDOR_RECEIVED_BYTES,
    recorded.POD_RECEIVED_INCREASE,
    recorded.NAMESPACE_RECEIVED_INCREASE,
    recorded.VENDOR_RECEIVED_INCREASE,
  ),
  {
    record: recorded.POD_WEIGHT_INCREASE,
    expr: weight(recorded.POD_REQUESTS_INCREASE, recorded.POD_SENT_INCREASE, recorded.POD_RECEIVED_INCREASE),
  },
  ...requests,
  ...destination(recorded.DESTINATION_REQUESTS_INCREASE, contract.REQUESTS, recorded.VENDOR_REQUESTS_INCREASE),
  ...destination(recorded.DESTINATION_SENT_INCREASE, contract.SENT_BYTES, recorded.VENDOR_SENT_INCREASE),
  ...destination(recorded.DESTINATION_RECEIVED_INCREASE, contract.RECEIVED_BYTES, recorded.VENDOR_RECEIVED_INCREASE),
];

const PARTS: RecordingRule[] = BYTES.map(([record, by, metric]) => ({ record, expr: growth(by, family(metric)) }));

export const GROWTHS: RecordingGroup = {
  name: "proxymeter-growths",
  interval: INTERVAL,
  rules: [...WINDOWS, ...TOTALS, ...PARTS, ...COSTS],
};
