// SPDX-License-Identifier: Apache-2.0
/**
 * Alerts on money, for vendors with a price and a monthly budget in vendors.yaml: burning, running out, spent.
 */
import * as contract from "../../../filter/core/contract.ts";
import * as recorded from "../../recorded.ts";
import type { Alert, AlertGroup, Severity } from "../model.ts";

const { LABEL_VENDOR } = contract;
const VENDOR = `{{ $labels.${LABEL_VENDOR} }}`;
const OF_BUDGET = `/ on (${LABEL_VENDOR}, currency) group_left () ${recorded.MONTHLY_BUDGET}`;
const HOURS_A_MONTH = 730;
/** Written every five minutes, some seconds after its time: until then the one before is just too old to be found. */
const [MONTH_COST, DAYS_LEFT] = [recorded.VENDOR_COST_MONTH, recorded.VENDOR_BUDGET_DAYS].map(
  (record) => `last_over_time(${record}[10m])`,
);

interface Burn {
  long: string;
  longHours: number;
  short: string;
  shortHours: number;
  factor: number;
  severity: Severity;
}

const BURNS: readonly Burn[] = [
  { long: "6h", longHours: 6, short: "1h", shortHours: 1, factor: 10, severity: "critical" },
  { long: "3d", longHours: 72, short: "6h", shortHours: 6, factor: 2, severity: "warning" },
];

function spent(window: string, hours: number, factor: number): string {
  const share = ((factor * hours) / HOURS_A_MONTH).toPrecision(3);
  return `sum_over_time(${recorded.VENDOR_COST_INCREASE}[${window}]) ${OF_BUDGET} > ${Number(share)}`;
}

const burns: Alert[] = BURNS.map(({ long, longHours, short, shortHours, factor, severity }) => ({
  alert: "ProxymeterBudgetBurn",
  severity,
  labels: { long_window: long, short_window: short },
  for: "10m",
  expr: `${spent(long, longHours, factor)}\nand\n${spent(short, shortHours, factor)}`,
  summary: `${VENDOR} spends its monthly budget ${factor} times too fast`,
  description: `{{ $value | humanizePercentage }} of ${VENDOR}'s monthly budget went in the past ${long}, at least ${factor} times an even pace, and it goes on in the past ${short}. Estimated by list price.`,
}));

const exhausting: Alert = {
  alert: "ProxymeterBudgetExhausting",
  severity: "warning",
  for: "30m",
  expr: `${DAYS_LEFT} < 3
and
${DAYS_LEFT} < scalar(days_in_month(vector(time())) - day_of_month(vector(time())))
and
${MONTH_COST} ${OF_BUDGET} > 0.25`,
  summary: `${VENDOR}'s monthly budget will not last the month`,
  description: `At the pace of the past day ${VENDOR}'s budget is spent in {{ $value | humanize }} days, before the month ends.`,
};

const exhausted: Alert = {
  alert: "ProxymeterBudgetSpent",
  severity: "critical",
  for: "0m",
  expr: `${MONTH_COST} ${OF_BUDGET} >= 1`,
  summary: `${VENDOR}'s monthly budget is spent`,
  description: `{{ $value | humanizePercentage }} of ${VENDOR}'s monthly budget has been spent, by list price.`,
};

export const BUDGET_ALERTS: AlertGroup = {
  name: "proxymeter-budget-alerts",
  interval: "1m",
  alerts: [...burns, exhausting, exhausted],
};
