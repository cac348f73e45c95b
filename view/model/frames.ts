// SPDX-License-Identifier: Apache-2.0
/**
 * From Prometheus' answers to frames: columns of equal length with a name, labels and a configuration, as Grafana's
 * panels and transformations know them. Pure.
 */
import type { FieldConfig } from "./grafana.ts";
import type { PanelQuery } from "./queries.ts";
import { visible } from "./visible.ts";

export type Labels = Readonly<Record<string, string>>;
export type Cell = string | number | null;

export interface Field {
  name: string;
  type: "time" | "number" | "string";
  labels: Labels;
  /** Times are milliseconds of the epoch. */
  values: Cell[];
  config: FieldConfig;
  /** What the query's legend calls it. */
  legend?: string;
}

export interface Frame {
  refId: string;
  /** What the query's legend calls the only series in it. */
  name?: string;
  fields: Field[];
}

/** `data` of an answer of Prometheus' API. */
export type Answer =
  | { resultType: "matrix"; result: { metric: Labels; values: [number, string][] }[] }
  | { resultType: "vector"; result: { metric: Labels; value: [number, string] }[] }
  | { resultType: "scalar" | "string"; result: [number, string] };

interface Series {
  labels: Labels;
  points: [time: number, value: number | null][];
}

const NAME = "__name__";

/** The frames of one query's answer. */
export function framesOf(query: PanelQuery, answer: Answer): Frame[] {
  const series = seriesOf(answer);
  if (query.format === "table") return [tableFrame(query, series)];
  if (query.format === "heatmap") return heatmapFrames(query, series);
  return series.map((one) => seriesFrame(query, one, series));
}

function seriesOf(answer: Answer): Series[] {
  if (answer.resultType === "matrix") {
    return answer.result.map(({ metric, values }) => ({ labels: metric, points: values.map(point) }));
  }
  if (answer.resultType === "vector") {
    return answer.result.map(({ metric, value }) => ({ labels: metric, points: [point(value)] }));
  }
  return [{ labels: {}, points: [point(answer.result)] }];
}

function point([time, value]: [number, string]): [number, number | null] {
  const number = Number(value.replace(/Inf$/, "Infinity"));
  return [time * 1000, Number.isNaN(number) ? null : number];
}

function seriesFrame(query: PanelQuery, { labels, points }: Series, all: readonly Series[]): Frame {
  const legend = legendOf(
    query.legend,
    labels,
    all.map((one) => one.labels),
  );
  const filled = query.isInstant ? points : withGaps(points, query);
  return {
    refId: query.refId,
    name: legend,
    fields: [
      field(
        "Time",
        "time",
        filled.map(([time]) => time),
      ),
      {
        ...field(
          "Value",
          "number",
          filled.map(([, value]) => value),
        ),
        labels,
        legend,
      },
    ],
  };
}

/** A step without a sample is a null, so that a line breaks there. */
function withGaps(points: Series["points"], { startMs, endMs, stepMs }: PanelQuery): Series["points"] {
  const found = new Map(points);
  const filled: Series["points"] = [];
  for (let time = startMs; time <= endMs; time += stepMs) filled.push([time, found.get(time) ?? null]);
  return filled.length > 0 ? filled : points;
}

/** One row for each sample: its time, its labels, its value. */
function tableFrame({ refId }: PanelQuery, series: readonly Series[]): Frame {
  const names = [...new Set(series.flatMap(({ labels }) => Object.keys(labels)))].sort();
  const rows = series.flatMap(({ labels, points }) => points.map(([time, value]) => ({ labels, time, value })));
  return {
    refId,
    fields: [
      field(
        "Time",
        "time",
        rows.map(({ time }) => time),
      ),
      ...names.map((name) =>
        field(
          name,
          "string",
          rows.map(({ labels }) => labels[name] ?? ""),
        ),
      ),
      field(
        "Value",
        "number",
        rows.map(({ value }) => value),
      ),
    ],
  };
}

/** Buckets in the order of their bounds, each without those below it: `le` counts whatever is at most that. */
function heatmapFrames(query: PanelQuery, series: readonly Series[]): Frame[] {
  const bound = ({ labels }: Series) => Number((labels.le ?? "").replace(/Inf$/, "Infinity"));
  const sorted = [...series].sort((a, b) => bound(a) - bound(b));
  const frames = sorted.map((one) => seriesFrame(query, one, sorted));
  return frames.map((frame, index) => {
    const below = frames[index - 1]?.fields[1]?.values ?? [];
    const fields = frame.fields.map((one, position) => {
      if (position !== 1) return one;
      const values = one.values.map((value, row) =>
        value === null ? null : Math.max(0, Number(value) - Number(below[row] ?? 0)),
      );
      return { ...one, values };
    });
    return { ...frame, fields };
  });
}

/** The legend's text: labels filled in; for `__auto` and none what tells this series from the others. */
function legendOf(format: string, labels: Labels, all: readonly Labels[]): string {
  if (format !== "" && format !== "__auto") {
    return format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name: string) => labels[name] ?? "");
  }
  const names = Object.keys(labels).filter(
    (name) => all.length === 1 || all.some((other) => other[name] !== labels[name]),
  );
  const shown = names.filter((name) => name !== NAME);
  if (shown.length === 1) return labels[shown[0] ?? ""] ?? "";
  const pairs = shown.map((name) => `${name}="${labels[name]}"`).join(", ");
  if (pairs === "") return labels[NAME] ?? "Value";
  return `${names.includes(NAME) ? labels[NAME] : ""}{${pairs}}`;
}

export function field(name: string, type: Field["type"], values: Cell[]): Field {
  return { name, type, labels: {}, values, config: {} };
}

/** The name of a column or series. */
export function displayName({ name, config, legend, labels }: Field, frame?: Frame): string {
  if (!config.displayName) return visible(legend ?? name);
  const filled = config.displayName
    .replace(/\$\{__field\.labels\.(\w+)\}/g, (_, label: string) => labels[label] ?? "")
    .replace(/\$\{__series\.name\}/g, () => legend ?? frame?.name ?? name)
    .replace(/\$\{__field\.name\}/g, () => name);
  return visible(filled);
}
