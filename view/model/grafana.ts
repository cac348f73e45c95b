// SPDX-License-Identifier: Apache-2.0
/**
 * The part of Grafana's dashboard JSON (schema version 1) that the page reads, as types. No code.
 *
 * @see https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
 */

export interface GrafanaDashboard {
  uid: string;
  title: string;
  description?: string;
  tags?: string[];
  refresh?: string | false;
  time?: { from: string; to: string };
  templating?: { list?: GrafanaVariable[] };
  panels?: GrafanaPanel[];
  links?: GrafanaLink[];
}

export interface GrafanaLink {
  title?: string;
  type?: string;
  url?: string;
  tags?: string[];
}

export interface GrafanaVariable {
  name: string;
  label?: string;
  description?: string;
  type: string;
  hide?: number;
  query?: string | { query?: string };
  definition?: string;
  regex?: string;
  sort?: number;
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string | null;
  current?: { value?: string | string[]; text?: string | string[] };
  options?: { value?: string | string[]; text?: string | string[]; selected?: boolean }[];
}

export interface GrafanaPanel {
  id: number;
  type: string;
  title?: string;
  description?: string;
  gridPos?: GridPosition;
  targets?: GrafanaTarget[];
  fieldConfig?: GrafanaFieldConfig;
  options?: Record<string, unknown>;
  transformations?: GrafanaTransformation[];
  interval?: string | null;
  maxDataPoints?: number | null;
  timeFrom?: string | null;
  timeShift?: string | null;
  links?: GrafanaLink[];
  repeat?: string;
  collapsed?: boolean;
  panels?: GrafanaPanel[];
}

/** In columns of a 24th of the width, and rows of 30 pixels with 8 between. */
export interface GridPosition {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface GrafanaTarget {
  refId: string;
  expr?: string;
  legendFormat?: string;
  format?: string;
  instant?: boolean;
  range?: boolean;
  hide?: boolean;
  interval?: string;
}

export interface GrafanaTransformation {
  id: string;
  disabled?: boolean;
  filter?: { id: string; options?: unknown };
  options?: Record<string, unknown>;
}

export interface GrafanaFieldConfig {
  defaults?: FieldConfig;
  overrides?: { matcher: { id: string; options?: unknown }; properties: { id: string; value?: unknown }[] }[];
}

export interface FieldConfig {
  unit?: string;
  decimals?: number | null;
  min?: number | null;
  max?: number | null;
  displayName?: string;
  noValue?: string;
  color?: { mode?: string; fixedColor?: string };
  thresholds?: { mode?: string; steps?: { value: number | null; color: string }[] };
  mappings?: ValueMapping[];
  links?: GrafanaLink[];
  custom?: Record<string, unknown>;
}

export interface MappingResult {
  text?: string;
  color?: string;
  index?: number;
}

export type ValueMapping =
  | { type: "value"; options: Record<string, MappingResult> }
  | { type: "range"; options: { from: number | null; to: number | null; result: MappingResult } }
  | { type: "regex"; options: { pattern: string; result: MappingResult } }
  | { type: "special"; options: { match: string; result: MappingResult } };
