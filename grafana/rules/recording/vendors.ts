// SPDX-License-Identifier: Apache-2.0
/**
 * Rates of namespaces and vendors, at every scrape: each raw series is read once, and vendors are sums of what was recorded of
 * namespaces. Vendor faults and single pods are in `pods.ts`, more seldom.
 */
import * as contract from "../../../filter/core/contract.ts";
import * as recorded from "../../recorded.ts";
import type { RecordingGroup, RecordingRule } from "../model.ts";
import { BY_NAMESPACE, BY_VENDOR, counted, family, orZero, rate, sum } from "../promql.ts";

/** A row is one metric. */
const LEVELS: readonly { namespace: string; vendor: string; expr: string }[] = [
  {
    namespace: recorded.NAMESPACE_REQUESTS_RATE,
    vendor: recorded.VENDOR_REQUESTS_RATE,
    expr: rate(BY_NAMESPACE, family(contract.VENDOR_REQUESTS)),
  },
  {
    namespace: recorded.NAMESPACE_SENT_RATE,
    vendor: recorded.VENDOR_SENT_RATE,
    expr: rate(BY_NAMESPACE, family(contract.VENDOR_SENT_BYTES)),
  },
  {
    namespace: recorded.NAMESPACE_RECEIVED_RATE,
    vendor: recorded.VENDOR_RECEIVED_RATE,
    expr: rate(BY_NAMESPACE, family(contract.VENDOR_RECEIVED_BYTES)),
  },
  {
    namespace: recorded.NAMESPACE_ACTIVE_CONNECTIONS,
    vendor: recorded.VENDOR_ACTIVE_CONNECTIONS,
    expr: sum(BY_NAMESPACE, counted(family(contract.ACTIVE_CONNECTIONS))),
  },
];

function levels({ namespace, vendor, expr }: (typeof LEVELS)[number]): RecordingRule[] {
  const total = sum(BY_VENDOR, namespace);
  const isSparse = vendor === recorded.VENDOR_ACTIVE_CONNECTIONS;
  return [
    { record: namespace, expr },
    { record: vendor, expr: isSparse ? orZero(total, recorded.VENDOR_REQUESTS_RATE) : total },
  ];
}

export const VENDORS: RecordingGroup = {
  name: "proxymeter-vendors",
  interval: "15s",
  rules: LEVELS.flatMap(levels),
};
