// SPDX-License-Identifier: Apache-2.0
/**
 * Totals of a day, a week and a month and how the week compares with the one before: the panels that look far back.
 */
import { LABEL_VENDOR } from "../../filter/core/contract.ts";
import type { PanelBuilder, Query } from "./panels.ts";
import { type Growth, sum, total } from "./selectors.ts";
import { type Column, table } from "./tables.ts";

interface TotalsSpec {
  /** `Requests`: begins the title. */
  what: string;
  unit: string;
  /** What is added up: one growth, or that of either direction. */
  growths: readonly Growth[];
  width: number;
  /** Labels beside the vendor, with their heads. */
  labels?: Readonly<Record<string, string>>;
}

const WINDOWS = { "24 h": "24h", "7 d": "7d", "30 d": "30d" } as const;

/** A row for each vendor; the trend is empty before there are two weeks of data. */
export function totalsTable({ what, unit, growths, width, labels = {} }: TotalsSpec): PanelBuilder {
  const by = [LABEL_VENDOR, ...Object.keys(labels)];
  const added = (window: string, offset?: string) =>
    growths.map((growth) => sum(total(growth, window, offset), ...by)).join(" + ");
  const columns: Column[] = Object.entries(WINDOWS).map(([name, window]) => ({ name, unit, expr: added(window) }));
  const trend = {
    name: "Week on week",
    unit: "percentunit",
    decimals: 1,
    expr: `(${added("7d")}) / (${added("7d", "7d")}) - 1`,
  };
  return table({
    title: `${what} of a day, a week, a month`,
    description: `${what} by vendor, from growths that are written every five minutes, so up to eleven minutes behind. Week on week compares 7 days with the 7 before.`,
    width,
    labels: { [LABEL_VENDOR]: "Vendor", ...labels },
    columns: [...columns, trend],
  });
}

export function weekBefore(now: string, before: string): Query[] {
  return [
    { expr: now, legend: "now" },
    { expr: before, legend: "a week before" },
  ];
}
