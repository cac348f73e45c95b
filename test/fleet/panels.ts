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
/** Grafana asks for about so many points in a panel that does not say how many. */
const POINTS = 240;

export interface PanelQuery {
  dashboard: string;
  panel: string;
  /** Of the query within its panel. */
  ref: string;
  expr: string;
  isRange: boolean;
  /** Between the points of a range query. */
  stepSeconds: number;
}

interface Panel {
  title?: string;
  type: string;
  maxDataPoints?: number;
  panels?: Panel[];
  targets?: { refId?: string; expr?: string; instant?: boolean; range?: boolean }[];
}

/** Every query of every dashboard, variables filled in; those about other exporters' metrics are left out. */
export function panelQueries(rangeSeconds: number): PanelQuery[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const dashboard = JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as { title: string; panels: Panel[] };
      return flat(dashboard.panels).flatMap(({ title = "", maxDataPoints = POINTS, targets = [] }) => {
        const stepSeconds = Math.max(SCRAPE_S, Math.ceil(rangeSeconds / Math.min(POINTS, maxDataPoints)));
        return targets.flatMap(({ expr, refId: ref = "", instant }) =>
          expr === undefined || !expr.includes("proxymeter")
            ? []
            : [
                {
                  ...{ dashboard: dashboard.title, panel: title, ref, isRange: !instant, stepSeconds },
                  expr: filledIn(expr, rangeSeconds, stepSeconds),
                },
              ],
        );
      });
    });
}

function flat(panels: readonly Panel[]): Panel[] {
  return panels.flatMap((panel) => [panel, ...flat(panel.panels ?? [])]);
}

function filledIn(expr: string, rangeSeconds: number, step: number): string {
  const values: Record<string, string> = {
    __rate_interval: `${Math.max(4 * SCRAPE_S, step + SCRAPE_S)}s`,
    __interval: `${step}s`,
    __interval_ms: String(step * 1000),
    __range_s: String(rangeSeconds),
    __range: `${rangeSeconds}s`,
  };
  return expr.replace(/\$\{?([A-Za-z_]\w*)(?::\w+)?\}?/g, (_, name: string) => values[name] ?? ".*");
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

const RECORDED = /([a-z_]+:proxymeter_\w+:\w+)(\{[^}]*\})?(\[(\w+)(?::\w*)?\])?( offset \w+)?/g;

/**
 * The query without recorded series. Selections are dropped, which is the same where everything is chosen. A series whose rule
 * reads its own past stays, for there is no other expression of it.
 */
export function withoutRecorded(
  expr: string,
  recorded: ReadonlyMap<string, string>,
  within: readonly string[] = [],
): string {
  return expr.replace(RECORDED, (whole, name: string, _matchers, range, width: string, offset = "") => {
    const rule = recorded.get(name);
    if (rule === undefined || within.includes(name) || readsItself(name, recorded)) return whole;
    const inner = withoutRecorded(rule, recorded, [...within, name]);
    if (range !== undefined) return `(${inner})[${width}:1m]${offset}`;
    // Only selectors and subqueries take an offset.
    return offset === "" ? `(${inner})` : `last_over_time((${inner})[1m:1m]${offset})`;
  });
}

function readsItself(name: string, recorded: ReadonlyMap<string, string>): boolean {
  return recorded.get(name)?.includes(name) ?? false;
}
