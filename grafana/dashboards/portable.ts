// SPDX-License-Identifier: Apache-2.0
/**
 * One JSON for every Grafana from 10 on: leaves out what the builders set by themselves and only newer releases know,
 * and says what older ones want to be told. `test/grafana/schema.ts` holds the result against the schema of each.
 */
import type { Dashboard, Panel, RowPanel, VariableModel } from "@grafana/grafana-foundation-sdk/dashboard";

/** The schema of Grafana 10.0: nothing here needs a later one, and later releases migrate it themselves. */
const SCHEMA_VERSION = 38;

/** Options of panels, by kind, whose usual values are what we want anyway. */
const NEWER_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  stat: ["percentChangeColorMode", "showPercentChange", "wideLayout"],
  bargauge: ["sizing", "namePlacement", "maxVizHeight"],
  heatmap: ["selectionMode"],
};
const NEWER_OF_VARIABLES = ["allowCustomValue", "definition", "auto", "auto_min", "auto_count"];
/** Grafana 12 would put links into a menu. */
const NEWER_OF_LINKS = ["placement"];
const SHOWN = 0;

export function portable(dashboard: Dashboard): Dashboard {
  return {
    ...dashboard,
    schemaVersion: SCHEMA_VERSION,
    annotations: { list: [] },
    links: (dashboard.links ?? []).map((link) => without(link, NEWER_OF_LINKS)),
    templating: { list: (dashboard.templating.list ?? []).map(variable) },
    panels: (dashboard.panels ?? []).map((each) => (isRow(each) ? each : panel(each))),
  };
}

function variable(made: VariableModel): VariableModel {
  return { ...without(made, NEWER_OF_VARIABLES), hide: SHOWN };
}

function panel(made: Panel): Panel {
  const options = without((made.options ?? {}) as object, NEWER_OPTIONS[made.type] ?? []);
  return { ...made, transformations: made.transformations ?? [], options };
}

function isRow(made: Panel | RowPanel): made is RowPanel {
  return made.type === "row";
}

function without<T extends object>(value: T, names: readonly string[]): T {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name))) as T;
}
