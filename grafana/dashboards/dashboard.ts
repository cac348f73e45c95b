// SPDX-License-Identifier: Apache-2.0
/**
 * Puts a dashboard together: name and links from the catalogue, variables, and rows of panels on the grid.
 */
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DASHBOARDS, type DashboardName, TAG } from "./catalogue.ts";
import type { PanelBuilder } from "./panels.ts";
import { portable } from "./portable.ts";
import { datasourceVariable, labelVariable, type VariableName } from "./variables.ts";

export interface Row {
  title: string;
  /** Left to right; a line of the grid is full at 24 columns. */
  panels: readonly PanelBuilder[];
}

export interface Content {
  variables: readonly VariableName[];
  rows: readonly Row[];
}

const REFRESH = "5s";

export function dashboard(name: DashboardName, { variables, rows }: Content): Dashboard {
  const { uid, title, description } = DASHBOARDS[name];
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .readonly()
    .refresh(REFRESH)
    .time({ from: "now-1h", to: "now" })
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .links(linksFrom(name))
    .withVariable(datasourceVariable());
  for (const variable of variables) builder.withVariable(labelVariable(variable));
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title));
    for (const panel of row.panels) builder.withPanel(panel);
  }
  return portable(numbered(builder.build()));
}

/** Links to the others by UID, which keep the time range and whatever variables the other one has too. */
function linksFrom(name: DashboardName): DashboardLinkBuilder[] {
  const others = Object.entries(DASHBOARDS).filter(([other]) => other !== name);
  return others.map(([, { uid, title }]) =>
    new DashboardLinkBuilder(title.replace(/^.*\/ /, ""))
      .type(DashboardLinkType.Link)
      .url(`/d/${uid}`)
      .icon("dashboard")
      .includeVars(true)
      .keepTime(true),
  );
}

/** With the ids 1, 2, 3 ..., by which Grafana tells panels apart. */
function numbered(dashboard: Dashboard): Dashboard {
  const panels = (dashboard.panels ?? []).map((panel, index) => ({ ...panel, id: index + 1 }));
  return { ...dashboard, panels };
}
