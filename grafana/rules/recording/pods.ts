// SPDX-License-Identifier: Apache-2.0
/**
 * Rates of single pods, and vendor faults of all levels, every minute: there are as many series as pods have vendors.
 * Vendor faults come from the outcomes of requests, or for pods without outcomes from the results of their durations.
 */
import * as contract from "../../../filter/core/contract.ts";
import * as recorded from "../../recorded.ts";
import type { RecordingGroup, RecordingRule } from "../model.ts";
import {
  BY_NAMESPACE,
  BY_POD,
  BY_VENDOR,
  counted,
  family,
  orZero,
  POD,
  rate,
  sum,
  VENDOR_FAULTS,
  weight,
} from "../promql.ts";

export const BUILTIN_PODS = `max by (${POD}) (max_over_time(${family(
  contract.INFO,
  `${contract.LABEL_ENCODING}="${contract.ENCODING_BUILTIN}"`,
)}[5m])) == 1`;

const OUTCOME_FAULTS = rate(BY_POD, family(contract.REQUESTS, `${contract.LABEL_OUTCOME}=~"${VENDOR_FAULTS}"`));
export const DURATION_FAULTS = family(
  `${contract.DURATION_MILLISECONDS}_count`,
  `${contract.LABEL_RESULT}="${contract.RESULT_VENDOR_FAULT}"`,
);

const faults = `${OUTCOME_FAULTS}
or
(
  ${rate(BY_POD, DURATION_FAULTS)}
  and on (${POD}) (${BUILTIN_PODS})
)`;

const FAULTS: RecordingRule[] = [
  { record: recorded.POD_FAULTS_RATE, expr: faults },
  { record: recorded.NAMESPACE_FAULTS_RATE, expr: sum(BY_NAMESPACE, recorded.POD_FAULTS_RATE) },
  {
    record: recorded.VENDOR_FAULTS_RATE,
    expr: orZero(sum(BY_VENDOR, recorded.NAMESPACE_FAULTS_RATE), recorded.VENDOR_REQUESTS_RATE),
  },
];

const ACTIVE: RecordingRule = {
  record: recorded.NAMESPACE_ACTIVE_PODS,
  expr: orZero(
    `count by (cluster, namespace) (
  sum by (${POD}) (${recorded.POD_SENT_RATE}) > 0 or sum by (${POD}) (${recorded.POD_RECEIVED_RATE}) > 0
)`,
    recorded.NAMESPACE_PODS,
  ),
};

const VENDORLESS = `${contract.LABEL_VENDOR}=~"${contract.VALUE_OTHER}|${contract.VALUE_UNKNOWN}"`;
const HAD_SOME = [contract.VENDOR_REQUESTS, contract.VENDOR_SENT_BYTES, contract.VENDOR_RECEIVED_BYTES]
  .map((metric) => `${family(metric, VENDORLESS)} > 0`)
  .join(" or ");

/** Every pod has `other` and `unknown`, and hardly any ever has traffic of them. */
function ofPods(metric: string): string {
  const known = rate(BY_POD, family(metric, VENDORLESS.replace("=~", "!~")));
  return `${known}\nor\n(${rate(BY_POD, family(metric, VENDORLESS))} and on (${BY_POD}) (${HAD_SOME}))`;
}

export const PODS: RecordingGroup = {
  name: "proxymeter-pods",
  interval: "1m",
  rules: [
    { record: recorded.POD_REQUESTS_RATE, expr: ofPods(contract.VENDOR_REQUESTS) },
    { record: recorded.POD_SENT_RATE, expr: ofPods(contract.VENDOR_SENT_BYTES) },
    { record: recorded.POD_RECEIVED_RATE, expr: ofPods(contract.VENDOR_RECEIVED_BYTES) },
    {
      record: recorded.POD_WEIGHT_RATE,
      expr: weight(recorded.POD_REQUESTS_RATE, recorded.POD_SENT_RATE, recorded.POD_RECEIVED_RATE),
    },
    { record: recorded.POD_ACTIVE_CONNECTIONS, expr: sum(BY_POD, counted(family(contract.ACTIVE_CONNECTIONS))) },
    ACTIVE,
    ...FAULTS,
  ],
};
