// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the checked-in dashboards as documents: fresh, linked, drawn without overlaps, explained, with units.
 * The rules about queries are in queries.test.ts; that every query has an answer is shown in test/grafana.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as units from "@grafana/grafana-foundation-sdk/units";
import { describe, expect, it } from "vitest";
import { dashboardFiles } from "../../../../grafana/dashboards/all.ts";
import { type Dashboard, drawnPanels, JSON_FOLDER, type Panel, readDashboards } from "../../../grafana/checked-in.ts";

const dashboards = readDashboards();
const named = dashboards.map((dashboard): [string, Dashboard] => [dashboard.title, dashboard]);
const panels = dashboards.flatMap((dashboard) =>
  drawnPanels(dashboard).map((panel): [string, Panel] => [`${dashboard.title}: ${panel.title}`, panel]),
);
const DATASOURCE = { type: "prometheus", uid: "$" + "{datasource}" };
const KINDS = ["timeseries", "stat", "table", "bargauge", "piechart", "heatmap", "nodeGraph"];
const GRID_COLUMNS = 24;
const ON_TIME_RANGE_CHANGE = 2;

describe("the checked-in dashboards", () => {
  it.each([...dashboardFiles()])("%s is what the sources make (npm run generate)", (file, text) => {
    expect(readFileSync(join(JSON_FOLDER, file), "utf8")).toBe(text);
  });

  it("are all of the files there", () => {
    expect(readdirSync(JSON_FOLDER).sort()).toEqual([...dashboardFiles().keys()].sort());
  });

  it("have UIDs of their own, of the length that Grafana takes", () => {
    const uids = dashboards.map(({ uid }) => uid);
    expect(new Set(uids).size).toBe(uids.length);
    for (const uid of uids) expect(uid).toMatch(/^[a-z-]{8,40}$/);
  });
});

describe.each(named)("%s", (_title, dashboard) => {
  it("links to all others by UID, keeping time and variables", () => {
    const others = dashboards.filter(({ uid }) => uid !== dashboard.uid).map(({ uid }) => `/d/${uid}`);
    expect(dashboard.links.map(({ url }) => url).sort()).toEqual(others.sort());
    expect(dashboard.links.every(({ keepTime, includeVars }) => keepTime && includeVars)).toBe(true);
  });

  it("is refreshed every 5 s, tagged, explained, and edited in its source only", () => {
    expect(dashboard).toMatchObject({ refresh: "5s", tags: ["proxymeter"], editable: false });
    expect(dashboard.description.length).toBeGreaterThan(30);
  });

  it("has the schema of Grafana 10.0, which later releases migrate", () => {
    expect(dashboard.schemaVersion).toBe(38);
    expect(dashboard.annotations.list).toEqual([]);
  });

  it("has panels with ids of their own that lie on the grid beside each other", () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const taken = new Map<string, string>();
    const overlaps = dashboard.panels.flatMap(({ title, gridPos: { x, y, w, h } }) => {
      expect(x + w, title).toBeLessThanOrEqual(GRID_COLUMNS);
      const cells = Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}/${y + Math.floor(cell / w)}`);
      const hit = cells.filter((cell) => taken.has(cell)).map((cell) => `${title} on ${taken.get(cell)}`);
      for (const cell of cells) taken.set(cell, title);
      return hit;
    });
    expect(overlaps).toEqual([]);
  });

  it("leaves no gap in a line of the grid", () => {
    const lines = Map.groupBy(drawnPanels(dashboard), ({ gridPos }) => gridPos.y);
    for (const [y, line] of lines) {
      const columns = line.reduce((count, { gridPos }) => count + gridPos.w, 0);
      expect(columns, `line at ${y}: ${line.map(({ title }) => title).join(", ")}`).toBe(GRID_COLUMNS);
    }
  });

  it("has one data source variable, and uses each of its variables", () => {
    const { list } = dashboard.templating;
    expect(list.filter(({ type }) => type === "datasource")).toMatchObject([
      { name: "datasource", label: "Data source" },
    ]);
    const text = JSON.stringify(drawnPanels(dashboard));
    const unused = list.filter(({ name }) => !text.includes(`$${name}`) && !text.includes(`\${${name}}`));
    expect(unused.map(({ name }) => name)).toEqual([]);
  });

  it("declares each variable that it uses", () => {
    const text = JSON.stringify([drawnPanels(dashboard), dashboard.templating.list.map(({ query }) => query)]);
    const used = new Set([...text.matchAll(/\$\{?([a-z]+)\b/g)].map(([, name]) => name));
    const declared = dashboard.templating.list.map(({ name }) => name);
    expect([...used].filter((name) => !declared.includes(name ?? ""))).toEqual([]);
  });

  it("offers values that are read anew with the time range, several at once, from the chosen source", () => {
    for (const variable of dashboard.templating.list.filter(({ type }) => type === "query")) {
      const wanted = { refresh: ON_TIME_RANGE_CHANGE, multi: true, allValue: ".*", datasource: DATASOURCE };
      expect(variable, variable.name).toMatchObject(wanted);
      expect(variable.description, variable.name).toMatch(/\.$/);
    }
  });
});

describe("every panel", () => {
  const known = new Set<unknown>(Object.values(units));

  it.each(panels)("%s says what it shows", (_name, { title, description }) => {
    expect(title).not.toBe("");
    expect(description).toMatch(/^[A-Z].{20,}\.$/s);
  });

  it.each(panels)("%s is of a kind that Grafana has without plugins, and asks the chosen source", (_name, panel) => {
    expect(KINDS).toContain(panel.type);
    expect(panel.datasource).toEqual(DATASOURCE);
    expect(panel.targets?.length).toBeGreaterThan(0);
    for (const target of panel.targets ?? []) expect(target.datasource).toEqual(DATASOURCE);
  });

  it.each(panels)("%s has units that Grafana knows", (_name, { fieldConfig }) => {
    expect(known).toContain(fieldConfig?.defaults.unit);
    const properties = fieldConfig?.overrides.flatMap((override) => override.properties) ?? [];
    const overridden = properties.filter(({ id }) => id === "unit").map(({ value }) => value);
    expect(overridden.filter((unit) => !known.has(unit))).toEqual([]);
  });

  it.each(panels)("%s names each of its questions once", (_name, { targets = [] }) => {
    const ids = targets.map(({ refId }) => refId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(panels.filter(([, { type }]) => type === "table"))(
    "%s has a unit for each column of figures",
    (_name, panel) => {
      const organize = panel.transformations?.find(({ id }) => id === "organize");
      const renamed = organize?.options.renameByName as Record<string, string>;
      const figures = Object.entries(renamed).filter(([from]) => from.startsWith("Value"));
      expect(figures.length).toBe(panel.targets?.length);
      const withUnit = panel.fieldConfig?.overrides.map(({ matcher }) => matcher.options) ?? [];
      expect(figures.map(([, to]) => to)).toEqual(withUnit);
    },
  );
});
