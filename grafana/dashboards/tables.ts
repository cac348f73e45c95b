// SPDX-License-Identifier: Apache-2.0
/**
 * Tables: several questions whose answers become the columns of one row for each set of labels.
 */
import type { DynamicConfigValue } from "@grafana/grafana-foundation-sdk/dashboard";
import { PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as Table } from "@grafana/grafana-foundation-sdk/table";
import { described, type Limits, limitSteps, type PanelBuilder, query, refId, type Spec } from "./panels.ts";

/** One column of figures. */
export interface Column {
  name: string;
  expr: string;
  unit: string;
  decimals?: number;
  limits?: Limits;
}

export interface TableSpec extends Omit<Spec, "queries" | "unit" | "limits"> {
  /** Labels in order, with the heads of their columns. */
  labels: Readonly<Record<string, string>>;
  columns: readonly Column[];
  /** Head of the column that orders the rows, biggest first; the first column of figures unless told. */
  sortBy?: string;
  /** Labels that the answers have and nobody wants to see. */
  hidden?: readonly string[];
}

/** Rows are joined where all labels are equal. */
export function table({ labels, columns, sortBy, hidden = [], ...spec }: TableSpec): PanelBuilder {
  const sorted = sortBy ?? columns[0]?.name ?? "";
  const panel = described(new Table(), { ...spec, unit: "none" })
    .showHeader(true)
    .sortBy([{ build: () => ({ displayName: sorted, desc: true }) }])
    .targets(
      columns.map(({ expr }, index) => query({ expr, legend: "" }, index).instant().format(PromQueryFormat.Table)),
    )
    .transformations(transformations(labels, columns, hidden));
  for (const column of columns) panel.overrideByName(column.name, properties(column));
  return panel;
}

/** Name of a column of figures as Grafana's Prometheus source and its `merge` call it. */
function valueName(index: number, count: number): string {
  return count === 1 ? "Value" : `Value #${refId(index)}`;
}

function transformations(labels: TableSpec["labels"], columns: readonly Column[], hidden: readonly string[]) {
  const values = columns.map(({ name }, index) => [valueName(index, columns.length), name] as const);
  const shown = [...Object.entries(labels), ...values];
  const organize = {
    id: "organize",
    options: {
      excludeByName: Object.fromEntries(["Time", ...hidden].map((name) => [name, true])),
      indexByName: Object.fromEntries(shown.map(([from], index) => [from, index])),
      renameByName: Object.fromEntries(shown),
    },
  };
  return columns.length === 1 ? [organize] : [{ id: "merge", options: {} }, organize];
}

function properties({ unit, decimals, limits }: Column): DynamicConfigValue[] {
  return [
    { id: "unit", value: unit },
    ...(decimals === undefined ? [] : [{ id: "decimals", value: decimals }]),
    ...(limits === undefined
      ? []
      : [
          { id: "thresholds", value: { mode: "absolute", steps: limitSteps(limits) } },
          { id: "custom.cellOptions", value: { type: "color-text" } },
        ]),
  ];
}
