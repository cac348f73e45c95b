// SPDX-License-Identifier: Apache-2.0
/**
 * Rates by destination, bounded, every two minutes. A destination goes by name for an hour after it had 0.2 % of its vendor's requests or
 * received bytes, so there are at most 500 of each at a time, and none comes and goes as the ranks of a `topk` would.
 * What is left of the vendor's total is `other`.
 */
import * as contract from "../../../filter/core/contract.ts";
import * as recorded from "../../recorded.ts";
import type { RecordingRule } from "../model.ts";
import { BY_DESTINATION, BY_VENDOR, family, rate, sum } from "../promql.ts";
import { faultsOf } from "./splits.ts";

const SMALLEST_SHARE = 0.002;
/** Codes by which sites and gateways refuse crawlers. */
const BAN_CODES = "403|429|451";
const DESTINATION_OUTCOME = recorded.DESTINATION_OUTCOME_RATE;
const { LABEL_DESTINATION, LABEL_OUTCOME, LABEL_PROTOCOL, LABEL_RESPONSE_CODE, VALUE_OTHER } = contract;
const NAMED = `${LABEL_DESTINATION}!="${VALUE_OTHER}"`;

/** Keeps what belongs to destinations that go by name. */
export function bounded(expression: string): string {
  return `${expression}\nand on (${BY_DESTINATION}) last_over_time(${recorded.DESTINATION_NOTABLE}[1h])`;
}

/** A vendor's total less what its destinations have by name. */
export function rest(record: string, total: string): RecordingRule {
  const named = `sum by (${BY_VENDOR}) (${record}{${NAMED}})`;
  return {
    record,
    labels: { [LABEL_DESTINATION]: VALUE_OTHER },
    expr: `clamp_min(${total} - (${named} or ${total} * 0), 0)`,
  };
}

function isNotable(metric: string, total: string): string {
  const rates = `(${rate(BY_DESTINATION, family(metric, NAMED))}) > 0`;
  return `(${rates}) >= on (${BY_VENDOR}) group_left () ${SMALLEST_SHARE} * ${total}`;
}

const notable: RecordingRule = {
  record: recorded.DESTINATION_NOTABLE,
  expr: `group by (${BY_DESTINATION}) (
  (${isNotable(contract.REQUESTS, recorded.VENDOR_REQUESTS_RATE)})
  or
  (${isNotable(contract.RECEIVED_BYTES, recorded.VENDOR_RECEIVED_RATE)})
)`,
};

const BY_ALL = `${BY_DESTINATION}, ${LABEL_OUTCOME}, ${LABEL_RESPONSE_CODE}, ${LABEL_PROTOCOL}`;

const requests: RecordingRule[] = [
  { record: DESTINATION_OUTCOME, expr: bounded(rate(BY_ALL, family(contract.REQUESTS, NAMED))) },
  { record: recorded.DESTINATION_REQUESTS_RATE, expr: sum(BY_DESTINATION, DESTINATION_OUTCOME) },
  rest(recorded.DESTINATION_REQUESTS_RATE, recorded.VENDOR_REQUESTS_RATE),
  { record: recorded.DESTINATION_FAULTS_RATE, expr: faultsOf(DESTINATION_OUTCOME, BY_DESTINATION) },
  bans("status", `${LABEL_PROTOCOL}=~"${contract.PROTOCOL_HTTP}|${contract.PROTOCOL_H2}"`),
  bans("gateway", `${LABEL_PROTOCOL}="${contract.PROTOCOL_CONNECT}"`),
];

/** Who refuses: the site in clear, or the gateway on its behalf. */
function bans(evidence: string, protocol: string): RecordingRule {
  return {
    record: recorded.DESTINATION_BANS_RATE,
    labels: { evidence },
    expr: sum(BY_DESTINATION, `${DESTINATION_OUTCOME}{${LABEL_RESPONSE_CODE}=~"${BAN_CODES}",${protocol}}`),
  };
}

function bytes(record: string, metric: string, total: string): RecordingRule[] {
  return [{ record, expr: bounded(rate(BY_DESTINATION, family(metric, NAMED))) }, rest(record, total)];
}

const firstByte: RecordingRule = {
  record: recorded.DESTINATION_FIRST_BYTE_MEAN,
  expr: bounded(
    `${rate(BY_DESTINATION, family(contract.DESTINATION_FIRST_BYTE_SUM))}
/
(${rate(BY_DESTINATION, family(contract.DESTINATION_FIRST_BYTE_COUNT))} > 0)`,
  ),
};

const turns: RecordingRule = {
  record: recorded.DESTINATION_TURNS_RATE,
  expr: bounded(rate(BY_DESTINATION, family(contract.TUNNEL_TURNS, NAMED))),
};

export const DESTINATIONS: readonly RecordingRule[] = [
  notable,
  ...requests,
  ...bytes(recorded.DESTINATION_SENT_RATE, contract.SENT_BYTES, recorded.VENDOR_SENT_RATE),
  ...bytes(recorded.DESTINATION_RECEIVED_RATE, contract.RECEIVED_BYTES, recorded.VENDOR_RECEIVED_RATE),
  firstByte,
  turns,
];
