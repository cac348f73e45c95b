// SPDX-License-Identifier: Apache-2.0
/**
 * Rates by pool, country, outcome and kind of overhead, every minute. Requests are read from the raw series once, by all
 * the labels that have few values; pools and outcomes are sums of that.
 */
import * as contract from "../../../filter/core/contract.ts";
import * as recorded from "../../recorded.ts";
import type { RecordingGroup, RecordingRule } from "../model.ts";
import {
  BY_COUNTRY,
  BY_OUTCOME,
  BY_POOL,
  BY_VENDOR,
  FAULT_CODES,
  family,
  orZero,
  rate,
  sum,
  VENDOR_FAULTS,
} from "../promql.ts";

/** Requests by pool, outcome and code: read by the other rules of this group only. */
const POOL_OUTCOME = "vendor_pool_outcome:proxymeter_requests:rate5m";
const { LABEL_OUTCOME, LABEL_RESPONSE_CODE } = contract;

/** The vendor's faults among recorded requests that have outcome and code; without an outcome the code decides. */
export function faultsOf(record: string, by: string): string {
  const byOutcome = `${record}{${LABEL_OUTCOME}=~"${VENDOR_FAULTS}"}`;
  const byCode = `${record}{${LABEL_OUTCOME}="",${LABEL_RESPONSE_CODE}=~"${FAULT_CODES}"}`;
  return sum(by, `${byOutcome} or ${byCode}`);
}

const byFew: RecordingRule[] = [
  {
    record: POOL_OUTCOME,
    expr: rate(`${BY_POOL}, ${LABEL_OUTCOME}, ${LABEL_RESPONSE_CODE}`, family(contract.REQUESTS)),
  },
  { record: recorded.OUTCOME_REQUESTS_RATE, expr: sum(BY_OUTCOME, POOL_OUTCOME) },
  { record: recorded.POOL_REQUESTS_RATE, expr: sum(BY_POOL, POOL_OUTCOME) },
  { record: recorded.POOL_FAULTS_RATE, expr: orZero(faultsOf(POOL_OUTCOME, BY_POOL), recorded.POOL_REQUESTS_RATE) },
  { record: recorded.POOL_FAULT_RATIO, expr: `${recorded.POOL_FAULTS_RATE} / (${recorded.POOL_REQUESTS_RATE} > 0)` },
];

const BYTES: readonly [record: string, by: string, metric: string][] = [
  [recorded.POOL_SENT_RATE, BY_POOL, contract.SENT_BYTES],
  [recorded.POOL_RECEIVED_RATE, BY_POOL, contract.RECEIVED_BYTES],
  [recorded.COUNTRY_SENT_RATE, BY_COUNTRY, contract.COUNTRY_SENT_BYTES],
  [recorded.COUNTRY_RECEIVED_RATE, BY_COUNTRY, contract.COUNTRY_RECEIVED_BYTES],
  [recorded.OVERHEAD_SENT_RATE, `${BY_VENDOR}, ${contract.LABEL_KIND}`, contract.OVERHEAD_SENT_BYTES],
  [recorded.OVERHEAD_RECEIVED_RATE, `${BY_VENDOR}, ${contract.LABEL_KIND}`, contract.OVERHEAD_RECEIVED_BYTES],
  [recorded.FAILED_SENT_RATE, `${BY_VENDOR}, ${LABEL_OUTCOME}`, contract.FAILED_SENT_BYTES],
  [recorded.FAILED_RECEIVED_RATE, `${BY_VENDOR}, ${LABEL_OUTCOME}`, contract.FAILED_RECEIVED_BYTES],
];

export const REQUEST_SPLITS: RecordingGroup = { name: "proxymeter-requests", interval: "1m", rules: byFew };

export const BYTE_SPLITS: RecordingGroup = {
  name: "proxymeter-bytes",
  interval: "1m",
  rules: BYTES.map(([record, by, metric]) => ({ record, expr: rate(by, family(metric)) })),
};
