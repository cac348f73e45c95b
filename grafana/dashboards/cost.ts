// SPDX-License-Identifier: Apache-2.0
/**
 * Money: an estimate from list prices of vendors.yaml, before tiers. `proxymeter bill` makes it exact.
 */
import { LABEL_VENDOR } from "../../filter/core/contract.ts";
import * as series from "../recorded.ts";
import { DAYS_LEFT } from "./limits.ts";
import { bars, lines } from "./panels.ts";
import { recorded, sum, total } from "./selectors.ts";
import { table } from "./tables.ts";

const BY = [LABEL_VENDOR, "currency"];
const LEGEND = `{{${LABEL_VENDOR}}} {{currency}}`;
const SECONDS_AN_HOUR = 3600;
const NO_PRICE = "no vendor has a price in vendors.yaml";

const COST = { increase: series.VENDOR_COST_INCREASE, rate: series.VENDOR_COST_RATE };
const BILLABLE = { increase: series.VENDOR_BILLABLE_INCREASE, rate: series.VENDOR_BILLABLE_RATE };

const costRate = recorded(series.VENDOR_COST_RATE);
const month = recorded(series.VENDOR_COST_MONTH);
const budget = recorded(series.MONTHLY_BUDGET);
const requests = sum(recorded(series.VENDOR_REQUESTS_RATE), LABEL_VENDOR);
const faults = sum(recorded(series.VENDOR_FAULTS_RATE), LABEL_VENDOR);
const successful = `(${requests} - (${faults} or ${requests} * 0) > 0)`;

export const cost = {
  title: "Cost, by list price",
  panels: [
    table({
      title: "Cost of a day, a week, a month",
      description:
        "Billable bytes times the price of vendors.yaml, without tiers, in the vendor's currency. Not narrowed by namespace. The bill itself is `proxymeter bill`.",
      width: 24,
      height: 6,
      labels: { [LABEL_VENDOR]: "Vendor", currency: "Currency" },
      sortBy: "30 d",
      columns: [
        { name: "24 h", unit: "short", decimals: 2, expr: sum(total(COST, "24h"), ...BY) },
        { name: "7 d", unit: "short", decimals: 2, expr: sum(total(COST, "7d"), ...BY) },
        { name: "30 d", unit: "short", decimals: 2, expr: sum(total(COST, "30d"), ...BY) },
        { name: "This month", unit: "short", decimals: 2, expr: sum(month, ...BY) },
        { name: "Budget", unit: "short", decimals: 0, expr: sum(budget, ...BY) },
        {
          name: "Week on week",
          unit: "percentunit",
          decimals: 1,
          expr: `${sum(total(COST, "7d"), ...BY)} / ${sum(total(COST, "7d", "7d"), ...BY)} - 1`,
        },
      ],
      noValue: NO_PRICE,
    }),
    lines({
      title: "Cost an hour",
      description: "What the traffic of now costs in an hour, by list price, in each vendor's currency.",
      unit: "short",
      decimals: 4,
      width: 8,
      isStacked: true,
      queries: [{ expr: `${sum(costRate, ...BY)} * ${SECONDS_AN_HOUR}`, legend: LEGEND }],
      noValue: NO_PRICE,
    }),
    lines({
      title: "Cost of 1,000 successful requests",
      description:
        "List price of a thousand requests that did not end in a vendor's fault: what vendors really cost beside each other.",
      unit: "short",
      decimals: 4,
      width: 8,
      queries: [
        { expr: `1000 * ${sum(costRate, ...BY)} / on (${LABEL_VENDOR}) group_left () ${successful}`, legend: LEGEND },
      ],
      noValue: NO_PRICE,
    }),
    lines({
      title: "Billable bytes",
      description: "Bytes per second as each vendor's billing profile counts them: directions, handshakes, failures.",
      unit: "Bps",
      width: 8,
      isStacked: true,
      queries: [{ expr: sum(recorded(series.VENDOR_BILLABLE_RATE), LABEL_VENDOR), legend: `{{${LABEL_VENDOR}}}` }],
    }),
    bars({
      title: "Billable in 30 d",
      description: "Bytes of the past 30 days as each vendor's billing profile counts them.",
      unit: "decbytes",
      width: 8,
      queries: [{ expr: `sort_desc(${sum(total(BILLABLE, "30d"), LABEL_VENDOR)})`, legend: `{{${LABEL_VENDOR}}}` }],
    }),
    bars({
      title: "Budget used this month",
      description: "Cost since the first of the month over the monthly budget; 1 is all of it.",
      unit: "percentunit",
      width: 8,
      max: 1,
      limits: { warn: 0.8, bad: 1 },
      queries: [{ expr: `sort_desc(${sum(month, ...BY)} / ${sum(budget, ...BY)})`, legend: LEGEND }],
      noValue: "no vendor has a budget in vendors.yaml",
    }),
    bars({
      title: "Days until the budget is spent",
      description: "At the pace of the past day.",
      unit: "short",
      decimals: 1,
      width: 8,
      limits: DAYS_LEFT,
      queries: [{ expr: `sort(${sum(recorded(series.VENDOR_BUDGET_DAYS), ...BY)})`, legend: LEGEND }],
      noValue: "no vendor has a budget in vendors.yaml",
    }),
  ],
};
