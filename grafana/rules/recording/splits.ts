// SPDX-License-Identifier: Apache-2.0
/**
 * Rates of requests by pool and outcome every minute, of bytes by pool, country, outcome and kind of overhead every two.
 * Requests are read from the raw series once, by all the labels that have few values; pools and outcomes are sums of that.
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

const POOL_OUTCOME = recorded.POOL_OUTCOME_RATE;
const { LABEL_OUTCOME, LABEL_PROTOCOL, LABEL_RESPONSE_CODE } = contract;
export const BY_POOL_OUTCOME = `${BY_POOL}, ${LABEL_OUTCOME}, ${LABEL_RESPONSE_CODE}, ${LABEL_PROTOCOL}`;
/** Share of an outcome's requests that asked for a tunnel; proxy_vendor, outcome. For the billable bytes only. */
export const TUNNELLED_RATE = "vendor_outcome:proxymeter_tunnelled_ratio:rate5m";
export const TUNNELLED_INCREASE = "vendor_outcome:proxymeter_tunnelled_ratio:increase5m";
const TUNNELS = `${LABEL_PROTOCOL}=~"${contract.PROTOCOL_CONNECT}|${contract.PROTOCOL_SOCKS5}"`;

/** The vendor's faults among recorded requests that have outcome and code; without an outcome the code decides. */
export function faultsOf(record: string, by: string): string {
  const byOutcome = `${record}{${LABEL_OUTCOME}=~"${VENDOR_FAULTS}"}`;
  const byCode = `${record}{${LABEL_OUTCOME}="",${LABEL_RESPONSE_CODE}=~"${FAULT_CODES}"}`;
  return sum(by, `${byOutcome} or ${byCode}`);
}

export function tunnelledShare(record: string): string {
  const of = (matchers: string) => sum(`${BY_VENDOR}, ${LABEL_OUTCOME}`, `${record}{${matchers}}`);
  return `${of(TUNNELS)} / (${of("")} > 0)`;
}

const byFew: RecordingRule[] = [
  { record: POOL_OUTCOME, expr: rate(BY_POOL_OUTCOME, family(contract.REQUESTS)) },
  { record: TUNNELLED_RATE, expr: tunnelledShare(POOL_OUTCOME) },
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

export const BYTE_SPLITS: readonly RecordingRule[] = BYTES.map(([record, by, metric]) => ({
  record,
  expr: rate(by, family(metric)),
}));
