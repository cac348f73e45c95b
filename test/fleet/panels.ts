// SPDX-License-Identifier: Apache-2.0
/**
 * The queries that the dashboards send when everything is chosen, with and without recorded series. Pure but for reading files.
 * Without: the name of a recorded series is replaced by the expression of its rule, as deep as it goes.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const FOLDER = join(import.meta.dirname, "../../grafana/dashboards/json");
const SCRAPE_S = 15;
/** Grafana asks for about so many points in a panel. */
const POINTS = 240;

export interface PanelQuery {
  dashboard: string;
  panel: string;
  expr: string;
  isRange: boolean;
}

interface Panel {
  title?: string;
  type: string;
  panels?: Panel[];
  targets?: { expr?: string; instant?: boolean; range?: boolean }[];
}

/** Every query of every dashboard, variables filled in; those about other exporters' metrics are left out. */
export function panelQueries(rangeSeconds: number): PanelQuery[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const dashboard = JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as { title: string; panels: Panel[] };
      return flat(dashboard.panels).flatMap(({ title = "", targets = [] }) =>
        targets.flatMap(({ expr, instant }) =>
          expr === undefined || !expr.includes("proxymeter")
            ? []
            : [{ dashboard: dashboard.title, panel: title, expr: filledIn(expr, rangeSeconds), isRange: !instant }],
        ),
      );
    });
}

function flat(panels: readonly Panel[]): Panel[] {
  return panels.flatMap((panel) => [panel, ...flat(panel.panels ?? [])]);
}

export function stepOf(rangeSeconds: number): number {
  return Math.max(SCRAPE_S, Math.ceil(rangeSeconds / POINTS));
}

function filledIn(expr: string, rangeSeconds: number): string {
  const step = stepOf(rangeSeconds);
  const values: Record<string, string> = {
    __rate_interval: `${Math.max(4 * SCRAPE_S, step + SCRAPE_S)}s`,
    __interval: `${step}s`,
    __interval_ms: String(step * 1000),
    __range_s: String(rangeSeconds),
    __range: `${rangeSeconds}s`,
  };
  return expr.replace(/\$\{?(\w+)(?::\w+)?\}?/g, (_, name: string) => values[name] ?? ".*");
}

/** Expressions of all recording rules by the name that they record. */
export function recordedExpressions(files: readonly string[]): Map<string, string> {
  const groups = files.flatMap(
    (file) => (parse(readFileSync(file, "utf8")) as { groups?: { rules: Rule[] }[] }).groups ?? [],
  );
  const found = new Map<string, string>();
  for (const { record, expr } of groups.flatMap(({ rules }) => rules)) {
    if (record === undefined) continue;
    const known = found.get(record);
    // A series with several rules has other labels in each.
    found.set(record, known === undefined ? expr : `${known} or ${expr}`);
  }
  return found;
}

interface Rule {
  record?: string;
  expr: string;
}

const RECORDED = /([a-z_]+:proxymeter_\w+:\w+)(\{[^}]*\})?(\[(\w+)(?::\w*)?\])?/g;

/**
 * The query without recorded series. Selections are dropped, which is the same where everything is chosen. A series whose rule
 * reads its own past stays, for there is no other expression of it.
 */
export function withoutRecorded(
  expr: string,
  recorded: ReadonlyMap<string, string>,
  within: readonly string[] = [],
): string {
  return expr.replace(RECORDED, (whole, name: string, _matchers, range, width: string) => {
    const rule = recorded.get(name);
    if (rule === undefined || within.includes(name) || readsItself(name, recorded)) return whole;
    const inner = withoutRecorded(rule, recorded, [...within, name]);
    return range === undefined ? `(${inner})` : `(${inner})[${width}:1m]`;
  });
}

function readsItself(name: string, recorded: ReadonlyMap<string, string>): boolean {
  return recorded.get(name)?.includes(name) ?? false;
}
