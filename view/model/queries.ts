// SPDX-License-Identifier: Apache-2.0
/**
 * The questions of a panel: each target with its variables filled in, its times and its step. Asks nobody.
 */
import { durationMs } from "./dashboard.ts";
import type { GrafanaPanel, GrafanaTarget } from "./grafana.ts";
import { type Intervals, intervalsOf, promDuration, type TimeRange } from "./time.ts";
import { interpolate, type Scope } from "./variables.ts";

export interface PanelQuery {
  refId: string;
  expression: string;
  legend: string;
  format: "time_series" | "table" | "heatmap";
  /** At the end of the range only. */
  isInstant: boolean;
  /** Milliseconds of the epoch, whole steps. */
  startMs: number;
  endMs: number;
  stepMs: number;
}

export interface QueryScope extends Omit<Scope, "builtIn"> {
  range: TimeRange;
  scrapeMs: number;
  /** How many points the panel has room for. */
  maxPoints: number;
}

export function panelQueries(panel: GrafanaPanel, scope: QueryScope): PanelQuery[] {
  const range = panelRange(panel, scope.range);
  return (panel.targets ?? [])
    .filter(({ hide, expr }) => !hide && expr)
    .flatMap((target) => targetQueries(panel, target, { ...scope, range }));
}

/** A panel may show less than the page, or an earlier time. */
export function panelRange({ timeFrom, timeShift }: GrafanaPanel, { from, to }: TimeRange): TimeRange {
  const shift = durationMs(timeShift ?? "") ?? 0;
  const length = durationMs((timeFrom ?? "").replace(/^now-/, ""));
  return { from: (length === undefined ? from : to - length) - shift, to: to - shift };
}

function targetQueries(panel: GrafanaPanel, target: GrafanaTarget, scope: QueryScope): PanelQuery[] {
  const { range, maxPoints, scrapeMs } = scope;
  const leastStep = interpolate(target.interval || panel.interval || "", { ...scope, builtIn: {} }, "text");
  const intervals = intervalsOf({ range, maxPoints: panel.maxDataPoints ?? maxPoints, leastStep, scrapeMs });
  const { stepMs } = intervals;
  const query = {
    refId: target.refId,
    expression: interpolate(target.expr ?? "", { ...scope, builtIn: builtIn(intervals, range) }),
    legend: target.legendFormat ?? "",
    format: formatOf(target.format),
    startMs: Math.floor(range.from / stepMs) * stepMs,
    endMs: Math.floor(range.to / stepMs) * stepMs,
    stepMs,
  };
  const isInstant = target.instant === true;
  const at = { ...query, isInstant: true, endMs: range.to };
  if (isInstant && target.range) return [at, { ...query, isInstant: false }];
  return [isInstant ? at : { ...query, isInstant }];
}

function formatOf(format: string | undefined): PanelQuery["format"] {
  return format === "table" || format === "heatmap" ? format : "time_series";
}

function builtIn({ stepMs, rateMs, rangeMs }: Intervals, { from, to }: TimeRange): Record<string, string> {
  return {
    __interval: promDuration(stepMs),
    __interval_ms: String(stepMs),
    __rate_interval: promDuration(rateMs),
    __range: `${Math.round(rangeMs / 1000)}s`,
    __range_s: String(Math.round(rangeMs / 1000)),
    __range_ms: String(rangeMs),
    __from: String(from),
    __to: String(to),
  };
}

/** The question as Prometheus' API has it, times in seconds. */
export function questionOf(query: PanelQuery): { path: string; parameters: Record<string, string> } {
  const { expression, isInstant, startMs, endMs, stepMs } = query;
  if (isInstant) return { path: "/api/v1/query", parameters: { query: expression, time: String(endMs / 1000) } };
  const times = { start: String(startMs / 1000), end: String(endMs / 1000), step: String(stepMs / 1000) };
  return { path: "/api/v1/query_range", parameters: { query: expression, ...times } };
}
