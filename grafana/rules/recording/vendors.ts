// SPDX-License-Identifier: Apache-2.0
/**
 * Rates of vendors, from pods up: each raw series is read once, namespaces and vendors are sums of what was recorded.
 * Vendor faults come from the outcomes of requests, or for pods without outcomes from the results of their durations.
 */
import * as contract from "../../../filter/core/contract.ts";
import * as recorded from "../../recorded.ts";
import type { RecordingGroup, RecordingRule } from "../model.ts";
import { BY_NAMESPACE, BY_POD, BY_VENDOR, counted, family, orZero, POD, rate, sum, VENDOR_FAULTS } from "../promql.ts";

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

/** One level after the other; a row is one metric. */
const LEVELS: readonly { pod: string; namespace: string; vendor: string; expr: string }[] = [
  {
    pod: recorded.POD_REQUESTS_RATE,
    namespace: recorded.NAMESPACE_REQUESTS_RATE,
    vendor: recorded.VENDOR_REQUESTS_RATE,
    expr: rate(BY_POD, family(contract.VENDOR_REQUESTS)),
  },
  {
    pod: recorded.POD_SENT_RATE,
    namespace: recorded.NAMESPACE_SENT_RATE,
    vendor: recorded.VENDOR_SENT_RATE,
    expr: rate(BY_POD, family(contract.VENDOR_SENT_BYTES)),
  },
  {
    pod: recorded.POD_RECEIVED_RATE,
    namespace: recorded.NAMESPACE_RECEIVED_RATE,
    vendor: recorded.VENDOR_RECEIVED_RATE,
    expr: rate(BY_POD, family(contract.VENDOR_RECEIVED_BYTES)),
  },
  {
    pod: recorded.POD_FAULTS_RATE,
    namespace: recorded.NAMESPACE_FAULTS_RATE,
    vendor: recorded.VENDOR_FAULTS_RATE,
    expr: faults,
  },
  {
    pod: recorded.POD_ACTIVE_CONNECTIONS,
    namespace: recorded.NAMESPACE_ACTIVE_CONNECTIONS,
    vendor: recorded.VENDOR_ACTIVE_CONNECTIONS,
    expr: sum(BY_POD, counted(family(contract.ACTIVE_CONNECTIONS))),
  },
];

function levels({ pod, namespace, vendor, expr }: (typeof LEVELS)[number]): RecordingRule[] {
  const total = sum(BY_VENDOR, namespace);
  const isSparse = pod === recorded.POD_FAULTS_RATE || pod === recorded.POD_ACTIVE_CONNECTIONS;
  return [
    { record: pod, expr },
    { record: namespace, expr: sum(BY_NAMESPACE, pod) },
    { record: vendor, expr: isSparse ? orZero(total, recorded.VENDOR_REQUESTS_RATE) : total },
  ];
}

export const VENDORS: RecordingGroup = {
  name: "proxymeter-vendors",
  interval: "15s",
  rules: LEVELS.flatMap(levels),
};
