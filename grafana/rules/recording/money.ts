// SPDX-License-Identifier: Apache-2.0
/**
 * Bytes as vendors bill them, and what they cost by list price: an estimate for dashboards and budgets.
 * Prices, profiles and budgets are constants that the installer writes from vendors.yaml. Tiers, zones and rounding are
 * the bill's business.
 */
import * as contract from "../../../filter/core/contract.ts";
import * as recorded from "../../recorded.ts";
import type { RecordingGroup, RecordingRule } from "../model.ts";
import { BY_VENDOR, sum } from "../promql.ts";
import { TUNNELLED_INCREASE, TUNNELLED_RATE } from "./splits.ts";

const { LABEL_KIND, LABEL_OUTCOME, LABEL_VENDOR } = contract;
const WINDOWS_A_DAY = 288;
/** Month of the window before; read and written by the month's sum only. */
const MONTH = "fleet:proxymeter_month:number";

interface Direction {
  total: string;
  bills: string;
  overhead: string;
  failed: string;
  /** Helper of this group. */
  refused: string;
  tunnelled: string;
}

/** Outcomes that a tunnel never opens with. */
const REFUSALS = [
  contract.OUTCOME_RATE_LIMITED,
  contract.OUTCOME_VENDOR_AUTH,
  contract.OUTCOME_VENDOR_ERROR,
  contract.OUTCOME_VENDOR_UNREACHABLE,
  contract.OUTCOME_TARGET_UNREACHABLE,
].join("|");

function unbilled(part: string, label: string, mark: string): string {
  return `${part} * on (${LABEL_VENDOR}, ${label}) group_left () ${mark}`;
}

/** Bytes of requests for a tunnel that were refused with an outcome that is not billed: they are nothing but handshake. */
function refusals({ failed, refused, tunnelled }: Direction): RecordingRule {
  const failures = unbilled(failed, LABEL_OUTCOME, recorded.UNBILLED_OUTCOME);
  const share = `${tunnelled}{${LABEL_OUTCOME}=~"${REFUSALS}"}`;
  return { record: refused, expr: sum(BY_VENDOR, `${failures} * on (${BY_VENDOR}, ${LABEL_OUTCOME}) ${share}`) };
}

/**
 * Bytes of one direction that the vendor bills: all, less the handshakes and failures that it leaves out. What is both was taken off
 * twice and comes back: of what failed no family says how much was handshake, except for refusals. As the bill has it.
 */
function billed({ total, bills, overhead, failed, refused }: Direction): string {
  const proxyHandshakes = `${overhead}{${LABEL_KIND}="${contract.KIND_PROXY_HANDSHAKE}"}`;
  const [handshakes, ofProxy] = [overhead, proxyHandshakes].map((part) =>
    sum(BY_VENDOR, unbilled(part, LABEL_KIND, recorded.UNBILLED_KIND)),
  );
  const failures = sum(BY_VENDOR, unbilled(failed, LABEL_OUTCOME, recorded.UNBILLED_OUTCOME));
  const terms = [
    total,
    `- (${handshakes} or ${total} * 0)`,
    `- (${failures} or ${total} * 0)`,
    `+ (${refused} < ${ofProxy} or (${ofProxy} and ${refused}) or ${total} * 0)`,
  ];
  return `(${terms.join("\n  ")}) * on (${LABEL_VENDOR}) group_left () ${bills}`;
}

/** Bytes as they are billed, with what it takes to say so. */
function billable(record: string, sent: Direction, received: Direction): RecordingRule[] {
  const expr = `clamp_min(\n  ${billed(sent)}\n  +\n  ${billed(received)},\n  0\n)`;
  return [refusals(sent), refusals(received), { record, expr }];
}

function cost(bytes: string): string {
  return `${bytes} * on (${LABEL_VENDOR}) group_left (currency) ${recorded.PRICE_PER_BYTE}`;
}

const rates: RecordingRule[] = [
  ...billable(
    recorded.VENDOR_BILLABLE_RATE,
    {
      total: recorded.VENDOR_SENT_RATE,
      bills: recorded.BILLS_SENT,
      overhead: recorded.OVERHEAD_SENT_RATE,
      failed: recorded.FAILED_SENT_RATE,
      refused: "vendor:proxymeter_unbilled_refusals_sent_bytes:rate5m",
      tunnelled: TUNNELLED_RATE,
    },
    {
      total: recorded.VENDOR_RECEIVED_RATE,
      bills: recorded.BILLS_RECEIVED,
      overhead: recorded.OVERHEAD_RECEIVED_RATE,
      failed: recorded.FAILED_RECEIVED_RATE,
      refused: "vendor:proxymeter_unbilled_refusals_received_bytes:rate5m",
      tunnelled: TUNNELLED_RATE,
    },
  ),
  { record: recorded.VENDOR_COST_RATE, expr: cost(recorded.VENDOR_BILLABLE_RATE) },
];

/**
 * What the window cost; 0 without traffic, so that the month's sum is written in every window: a gap in it would end the sum, or
 * carry it into the next month. It ends with the vendor's price.
 */
const SPENT = `${recorded.VENDOR_COST_INCREASE}
  or
  (last_over_time(${recorded.VENDOR_COST_MONTH}[1d]) * 0 and on (${LABEL_VENDOR}, currency) ${recorded.PRICE_PER_BYTE})`;

/** Last in the group of growths: in another group they could come before a growth of that time is written, and find none. */
export const COSTS: readonly RecordingRule[] = [
  ...billable(
    recorded.VENDOR_BILLABLE_INCREASE,
    {
      total: recorded.VENDOR_SENT_INCREASE,
      bills: recorded.BILLS_SENT,
      overhead: recorded.OVERHEAD_SENT_INCREASE,
      failed: recorded.FAILED_SENT_INCREASE,
      refused: "vendor:proxymeter_unbilled_refusals_sent_bytes:increase5m",
      tunnelled: TUNNELLED_INCREASE,
    },
    {
      total: recorded.VENDOR_RECEIVED_INCREASE,
      bills: recorded.BILLS_RECEIVED,
      overhead: recorded.OVERHEAD_RECEIVED_INCREASE,
      failed: recorded.FAILED_RECEIVED_INCREASE,
      refused: "vendor:proxymeter_unbilled_refusals_received_bytes:increase5m",
      tunnelled: TUNNELLED_INCREASE,
    },
  ),
  { record: recorded.VENDOR_COST_INCREASE, expr: cost(recorded.VENDOR_BILLABLE_INCREASE) },
  {
    // What was spent before, if that was in the same month, and this window.
    record: recorded.VENDOR_COST_MONTH,
    expr: `(${SPENT})
+ on (${BY_VENDOR}, currency)
(
  (
    last_over_time(${recorded.VENDOR_COST_MONTH}[1d])
    and on () (last_over_time(${MONTH}[1d]) == month(vector(time() - 60)))
  )
  or
  (${SPENT}) * 0
)`,
  },
  { record: MONTH, expr: "month(vector(time() - 60))" },
  {
    record: recorded.VENDOR_BUDGET_DAYS,
    expr: `clamp_min(${recorded.MONTHLY_BUDGET} - on (${LABEL_VENDOR}, currency) group_right () ${recorded.VENDOR_COST_MONTH}, 0)
/
(
  sum_over_time(${recorded.VENDOR_COST_INCREASE}[1d])
  / on (${BY_VENDOR}, currency) count_over_time(${recorded.VENDOR_COST_MONTH}[1d])
  * ${WINDOWS_A_DAY}
  > 0
)`,
  },
];

export const MONEY: RecordingGroup = { name: "proxymeter-money", interval: "1m", rules: rates };
