// SPDX-License-Identifier: Apache-2.0
/**
 * The checked-in dashboards as tests read them: their JSON, their panels, and every query with its panel's name.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DASHBOARDS } from "../../grafana/dashboards/catalogue.ts";

export const JSON_FOLDER = join(import.meta.dirname, "../../grafana/dashboards/json");

export interface Target {
  refId: string;
  expr: string;
  format?: "time_series" | "table" | "heatmap";
  instant?: boolean;
  range?: boolean;
  legendFormat?: string;
  datasource?: { type: string; uid: string };
}

export interface Grid {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: { type: string; uid: string };
  gridPos: Grid;
  targets?: Target[];
  transformations?: { id: string; options: Record<string, unknown>; filter?: { id: string; options: string } }[];
  fieldConfig?: {
    defaults: { unit?: string; noValue?: string };
    overrides: { matcher: { id: string; options: string }; properties: { id: string; value: unknown }[] }[];
  };
  maxDataPoints?: number;
  interval?: string;
}

export interface Variable {
  name: string;
  type: string;
  label: string;
  description?: string;
  datasource?: { type: string; uid: string };
  query: string | { query: string };
  refresh?: number;
  multi: boolean;
  allValue?: string;
}

export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  editable: boolean;
  refresh: string;
  schemaVersion: number;
  links: { title: string; type: string; url: string; keepTime: boolean; includeVars: boolean }[];
  templating: { list: Variable[] };
  annotations: { list: unknown[] };
  panels: Panel[];
}

/** One question of one panel. */
export interface Question {
  /** `Overview: Requests by vendor, A`. */
  name: string;
  panel: Panel;
  target: Target;
}

export function readDashboards(): Dashboard[] {
  return Object.values(DASHBOARDS).map(({ file }) => JSON.parse(readFileSync(join(JSON_FOLDER, file), "utf8")));
}

/** Panels that draw something; rows are headings. */
export function drawnPanels({ panels }: Dashboard): Panel[] {
  return panels.filter(({ type }) => type !== "row");
}

export function questionsOf(dashboard: Dashboard): Question[] {
  const short = dashboard.title.replace(/^.*\/ /, "");
  return drawnPanels(dashboard).flatMap((panel) =>
    (panel.targets ?? []).map((target) => ({ name: `${short}: ${panel.title}, ${target.refId}`, panel, target })),
  );
}

/** Series that a PromQL expression selects, with their matchers; every selector of ours has braces. */
export function selectorsOf(expr: string): { metric: string; matchers: string }[] {
  const found = expr.matchAll(/([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{((?:[^{}"]|"(?:[^"\\]|\\.)*")*)\}/g);
  return [...found].map(([, metric = "", matchers = ""]) => ({ metric, matchers }));
}
