// SPDX-License-Identifier: Apache-2.0
/**
 * A dashboard as the page lays it out: rows of panels in reading order, the variables a person can set, its usual times.
 * Reads Grafana's JSON; what panels draw is known elsewhere.
 */
import type { GrafanaDashboard, GrafanaPanel, GrafanaVariable } from "./grafana.ts";

export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  /** `now-1h` and the like. */
  time: { from: string; to: string };
  /** Milliseconds; 0 for never. */
  refreshMs: number;
  variables: GrafanaVariable[];
  rows: Row[];
}

export interface Row {
  /** Empty for panels above the first row. */
  title: string;
  isCollapsed: boolean;
  panels: GrafanaPanel[];
}

const USUAL_TIME = { from: "now-1h", to: "now" };
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * @throws Error when the text is no JSON object with panels
 */
export function readDashboard(text: string): Dashboard {
  const json = JSON.parse(text) as GrafanaDashboard;
  if (!Array.isArray(json.panels)) throw new Error("this dashboard has no panels (expected Grafana's JSON)");
  return {
    uid: json.uid,
    title: json.title,
    description: json.description ?? "",
    time: json.time ?? USUAL_TIME,
    refreshMs: durationMs(json.refresh || "") ?? 0,
    variables: json.templating?.list ?? [],
    rows: rowsOf(json.panels),
  };
}

/** Milliseconds of a duration such as `5s` or `1m30s`; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([all]) => all).join("") !== text) return undefined;
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (UNITS_MS[unit] ?? 0), 0);
}

function rowsOf(panels: readonly GrafanaPanel[]): Row[] {
  const rows: Row[] = [{ title: "", isCollapsed: false, panels: [] }];
  for (const panel of inReadingOrder(panels)) {
    if (panel.type === "row") {
      const inside = panel.panels ?? [];
      rows.push({ title: panel.title ?? "", isCollapsed: panel.collapsed ?? false, panels: inReadingOrder(inside) });
    } else rows.at(-1)?.panels.push(panel);
  }
  return rows.filter((row) => row.panels.length > 0);
}

function inReadingOrder(panels: readonly GrafanaPanel[]): GrafanaPanel[] {
  const at = ({ gridPos }: GrafanaPanel) => [gridPos?.y ?? 0, gridPos?.x ?? 0] as const;
  return [...panels].sort((a, b) => at(a)[0] - at(b)[0] || at(a)[1] - at(b)[1]);
}
