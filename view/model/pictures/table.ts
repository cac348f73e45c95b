// SPDX-License-Identifier: Apache-2.0
/**
 * A table panel, and every other picture as a table: what people read who do not see the drawing, or want the numbers.
 */
import { custom, shown, timeText } from "../fields.ts";
import { displayName, type Field, type Frame } from "../frames.ts";
import type { GrafanaPanel } from "../grafana.ts";
import { withLetters } from "../join.ts";
import { compared } from "../transformations.ts";
import { formatNumber } from "../units.ts";
import type {
  BarsPicture,
  FlowPicture,
  Format,
  HeatmapPicture,
  LinesPicture,
  Named,
  Picture,
  TableCell,
  TablePicture,
} from "./picture.ts";

/** Newest points first, and no more of them than somebody would read. */
const MOST_TIMES = 50;

export function tablePicture({ options }: GrafanaPanel, frames: readonly Frame[]): TablePicture {
  const lettered = frames.length > 1 ? withLetters(frames) : frames;
  const frame = lettered.find(({ fields }) => fields.some(({ values }) => values.length > 0)) ?? lettered[0];
  const fields = (frame?.fields ?? []).filter((field) => !custom(field, "hidden", false));
  const length = fields[0]?.values.length ?? 0;
  const columns = fields.map((field) => ({ name: displayName(field, frame), isNumber: field.type === "number" }));
  const rows = Array.from({ length }, (_, row) => fields.map((field) => cellOf(field, row)));
  const [by] = (options?.sortBy ?? []) as { displayName?: string; desc?: boolean }[];
  const column = columns.findIndex(({ name }) => name === by?.displayName);
  return { kind: "table", columns, rows: column < 0 ? rows : sortedRows(rows, column, by?.desc ?? false) };
}

/** Rows by the values of a column; nothing comes last from the largest down. */
export function sortedRows(rows: readonly TableCell[][], column: number, isDescending: boolean): TableCell[][] {
  const value = (row: TableCell[]) => row[column]?.value ?? null;
  return [...rows].sort((a, b) => (isDescending ? compared(value(b), value(a)) : compared(value(a), value(b))));
}

function cellOf(field: Field, row: number): TableCell {
  const value = field.values[row] ?? null;
  const { text, color } = shown(value, field);
  const style = custom<{ type?: string }>(field, "cellOptions", {}).type ?? "auto";
  const cell: TableCell = { value, text };
  if (color !== undefined && (style.startsWith("color") || hasMapping(field))) cell.color = color;
  if (style === "color-background") cell.isFilled = true;
  if (style === "gauge" && typeof value === "number") {
    cell.share = shareOf(value, field);
    if (color !== undefined) cell.color = color;
  }
  return cell;
}

function hasMapping({ config }: Field): boolean {
  return (config.mappings ?? []).length > 0;
}

function shareOf(value: number, { config, values }: Field): number {
  const highest = config.max ?? Math.max(...values.map(Number), 0);
  const lowest = config.min ?? 0;
  return highest > lowest ? Math.min(1, Math.max(0, (value - lowest) / (highest - lowest))) : 0;
}

/** Any picture as a table. */
export function asTable(picture: Picture): TablePicture {
  switch (picture.kind) {
    case "table":
      return picture;
    case "lines":
      return linesTable(picture);
    case "stats":
      return namedTable(picture.items);
    case "pie":
      return namedTable(picture.slices);
    case "bars":
      return barsTable(picture);
    case "heatmap":
      return heatmapTable(picture);
    case "flow":
      return flowTable(picture);
    default:
      return table(["text"], [[{ value: picture.text, text: picture.text }]]);
  }
}

function table(names: readonly string[], rows: TableCell[][]): TablePicture {
  const isNumber = (column: number) => rows.some((row) => typeof row[column]?.value === "number");
  return { kind: "table", columns: names.map((name, index) => ({ name, isNumber: isNumber(index) })), rows };
}

function text(value: string): TableCell {
  return { value, text: value };
}

function time(value: number): TableCell {
  return { value: timeText(value), text: timeText(value) };
}

function number(value: number | null, { unit, decimals }: Format): TableCell {
  return { value, text: value === null ? "-" : formatNumber(value, unit, decimals) };
}

function linesTable({ lines }: LinesPicture): TablePicture {
  const byTime = lines.map(({ points }) => new Map(points));
  const times = [...new Set(lines.flatMap(({ points }) => points.map(([at]) => at)))];
  const isKnown = (at: number) => byTime.some((points) => (points.get(at) ?? null) !== null);
  const shownTimes = times
    .filter(isKnown)
    .sort((a, b) => b - a)
    .slice(0, MOST_TIMES);
  const rows = shownTimes.map((at) => [
    time(at),
    ...lines.map(({ format }, index) => number(byTime[index]?.get(at) ?? null, format)),
  ]);
  return table(["time", ...lines.map(({ name }) => name)], rows);
}

function namedTable(items: readonly Named[]): TablePicture {
  return table(
    ["name", "value"],
    items.map(({ name, value, text: written }) => [text(name), { value: value ?? written, text: written }]),
  );
}

function barsTable({ categories, series }: BarsPicture): TablePicture {
  const rows = categories.map((category, index) => [
    text(category),
    ...series.map(
      ({ values }): TableCell => ({ value: values[index]?.value ?? null, text: values[index]?.text ?? "-" }),
    ),
  ]);
  return table(["name", ...series.map(({ name }) => name || "value")], rows);
}

function heatmapTable({ times, rows, values, format }: HeatmapPicture): TablePicture {
  const last = times
    .map((at, index) => ({ at, index }))
    .reverse()
    .slice(0, MOST_TIMES);
  return table(
    ["time", ...rows],
    last.map(({ at, index }) => [time(at), ...rows.map((_, row) => number(values[row]?.[index] ?? null, format))]),
  );
}

function flowTable({ nodes, links, format }: FlowPicture): TablePicture {
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  const rows = links.map(({ from, to, value, detail }) => [
    text(names.get(from) ?? from),
    text(names.get(to) ?? to),
    number(value, format),
    text(detail),
  ]);
  return table(["from", "to", "value", "detail"], rows);
}
