// SPDX-License-Identifier: Apache-2.0
/**
 * Heatmaps: histogram buckets over time as they come, or other series counted into rows of equal size here.
 */
import { displayName, type Field, type Frame } from "../frames.ts";
import type { GrafanaPanel } from "../grafana.ts";
import { formatNumber } from "../units.ts";
import type { HeatmapPicture } from "./picture.ts";

const USUAL_ROWS = 12;
const MOST_COLUMNS = 60;

export function heatmapPicture(panel: GrafanaPanel, frames: readonly Frame[]): HeatmapPicture {
  const series = frames.flatMap((frame) => {
    const times = (frame.fields.find(({ type }) => type === "time")?.values ?? []) as number[];
    const numbers = frame.fields.filter(({ type }) => type === "number");
    return numbers.map((field) => ({ field, name: displayName(field, frame), times }));
  });
  const times = [...new Set(series.flatMap((one) => one.times))].sort((a, b) => a - b);
  if (panel.options?.calculate === true) return counted(panel, series, times);
  const { unit = "" } = panel.fieldConfig?.defaults ?? {};
  const axis = (panel.options?.yAxis ?? {}) as { unit?: string };
  return {
    kind: "heatmap",
    times,
    rows: series.map(({ name }) => boundText(name, axis.unit ?? unit)),
    values: series.map((one) => aligned(one, times)),
    format: { unit: cellUnit(panel) },
  };
}

interface Series {
  field: Field;
  name: string;
  times: number[];
}

function cellUnit({ options }: GrafanaPanel): string {
  return ((options?.cellValues ?? {}) as { unit?: string }).unit ?? "short";
}

/** A bucket's bound with its unit; other names as they are. */
function boundText(name: string, unit: string): string {
  const bound = Number(name.replace(/Inf$/, "Infinity"));
  return name === "" || Number.isNaN(bound) ? name : formatNumber(bound, unit);
}

function aligned({ field, times: own }: Series, times: readonly number[]): (number | null)[] {
  const found = new Map(own.map((time, index) => [time, field.values[index] as number | null]));
  return times.map((time) => found.get(time) ?? null);
}

/** How many series are in which range of values, over stretches of time. */
function counted(panel: GrafanaPanel, series: readonly Series[], times: readonly number[]): HeatmapPicture {
  const unit = series[0]?.field.config.unit ?? panel.fieldConfig?.defaults?.unit ?? "";
  const all = series.flatMap(({ field }) => field.values.filter((value): value is number => typeof value === "number"));
  const highest = all.reduce((a, b) => Math.max(a, b), 0);
  const size = roundSize(highest / USUAL_ROWS) || 1;
  const rowCount = Math.min(Math.floor(highest / size) + 1, 4 * USUAL_ROWS);
  const perColumn = Math.max(1, Math.ceil(times.length / MOST_COLUMNS));
  const columns = times.filter((_, index) => index % perColumn === 0);
  const values = Array.from({ length: rowCount }, () => columns.map((): number | null => 0));
  for (const one of series) {
    for (const [index, value] of aligned(one, times).entries()) {
      const row = values[Math.min(rowCount - 1, Math.floor((value ?? -1) / size))];
      const column = Math.floor(index / perColumn);
      if (value !== null && row !== undefined) row[column] = (row[column] ?? 0) + 1;
    }
  }
  const rows = values.map((_, row) => formatNumber((row + 1) * size, unit));
  const seen = values.map((row) => row.map((count) => count || null));
  return { kind: "heatmap", times: columns, rows, values: seen, format: { unit: "short" } };
}

/** The next larger of 1, 2, 5 times a power of ten. */
function roundSize(size: number): number {
  if (size <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(size));
  return ([1, 2, 5, 10].find((step) => step * power >= size) ?? 10) * power;
}
