// SPDX-License-Identifier: Apache-2.0
/**
 * Panels that show a few numbers: stats, gauges drawn as bars, bar charts and pies. Each field becomes one number by the panel's
 * calculation, or each row one, as the panel asks.
 */
import { custom, shown } from "../fields.ts";
import { displayName, type Field, type Frame } from "../frames.ts";
import type { GrafanaPanel } from "../grafana.ts";
import { reduced } from "../reduce.ts";
import { legendOf } from "./lines.ts";
import type { BarsPicture, PiePicture, StatsPicture } from "./picture.ts";

interface ReduceOptions {
  values?: boolean;
  calcs?: string[];
  fields?: string;
  limit?: number;
}

type Item = StatsPicture["items"][number];

export function statsPicture(panel: GrafanaPanel, frames: readonly Frame[]): StatsPicture {
  const {
    colorMode = "value",
    graphMode = "area",
    textMode = "auto",
  } = (panel.options ?? {}) as Record<string, string>;
  const items = itemsOf(panel, frames);
  return {
    kind: "stats",
    items: graphMode === "none" ? items.map((item) => ({ ...item, course: [] })) : items,
    colored: colorMode === "none" ? "none" : colorMode.startsWith("background") ? "background" : "value",
    isNameShown: textMode === "auto" ? items.length > 1 : textMode.includes("name"),
  };
}

/** Gauges: a bar for each number. */
export function gaugesPicture(panel: GrafanaPanel, frames: readonly Frame[]): BarsPicture {
  const items = itemsOf(panel, frames);
  const { unit = "", decimals = null, max } = panel.fieldConfig?.defaults ?? {};
  return {
    kind: "bars",
    categories: items.map(({ name }) => name),
    series: [{ name: panel.title ?? "", values: items }],
    isHorizontal: panel.options?.orientation !== "vertical",
    isStacked: false,
    format: { unit, decimals },
    ...(typeof max === "number" && { max }),
  };
}

/** A bar chart of a table: its first text or time names the bars, each number is a series. */
export function barsPicture(panel: GrafanaPanel, frames: readonly Frame[]): BarsPicture {
  const frame = frames.length > 1 ? oneFrame(frames) : frames[0];
  const fields = frame?.fields ?? [];
  const wanted = panel.options?.xField;
  const names =
    fields.find((field) => wanted !== undefined && displayName(field, frame) === wanted) ??
    fields.find(({ type }) => type === "string") ??
    fields.find(({ type }) => type === "time");
  const numbers = fields.filter(
    (field) => field.type === "number" && field !== names && !custom(field, "hideFrom", { viz: false }).viz,
  );
  const { unit = "", decimals = null } = numbers[0]?.config ?? {};
  return {
    kind: "bars",
    categories: (names?.values ?? []).map((value) => (names === undefined ? "" : shown(value, names).text)),
    series: numbers.map((field) => {
      const name = displayName(field, frame);
      return {
        name,
        values: field.values.map((value) => ({ name, value: value as number | null, ...shown(value, field) })),
      };
    }),
    isHorizontal: panel.options?.orientation === "horizontal",
    isStacked: (panel.options?.stacking ?? "none") !== "none",
    format: { unit, decimals },
  };
}

/** Answers of one sample each as one table: a row for each series. */
function oneFrame(frames: readonly Frame[]): Frame {
  const named = frames.flatMap((frame) =>
    frame.fields.filter(({ type }) => type === "number").map((field) => ({ field, name: displayName(field, frame) })),
  );
  const config = named[0]?.field.config ?? {};
  return {
    refId: frames[0]?.refId ?? "A",
    fields: [
      { name: "Name", type: "string", labels: {}, config: {}, values: named.map(({ name }) => name) },
      { name: "Value", type: "number", labels: {}, config, values: named.map(({ field }) => reduced(field.values)) },
    ],
  };
}

export function piePicture(panel: GrafanaPanel, frames: readonly Frame[]): PiePicture {
  const slices = itemsOf(panel, frames).filter(({ value }) => value !== null && value > 0);
  return {
    kind: "pie",
    slices: slices.sort((a, b) => (b.value ?? 0) - (a.value ?? 0)),
    isDonut: panel.options?.pieType === "donut",
    legend: legendOf(panel.options),
  };
}

function itemsOf({ options = {} }: GrafanaPanel, frames: readonly Frame[]): Item[] {
  const {
    values,
    calcs = ["lastNotNull"],
    fields: pattern = "",
    limit,
  } = (options.reduceOptions ?? {}) as ReduceOptions;
  const numbers = frames.flatMap((frame) =>
    frame.fields
      .filter((field) => isWanted(field, displayName(field, frame), pattern))
      .map((field) => ({ field, frame })),
  );
  const items = values
    ? numbers.flatMap(({ field, frame }) => rowItems(field, frame))
    : numbers.map(({ field, frame }) => fieldItem(field, frame, calcs[0]));
  return items.slice(0, limit || items.length);
}

function isWanted({ type }: Field, name: string, pattern: string): boolean {
  if (pattern === "") return type === "number";
  const written = /^\/([\s\S]*)\/(\w*)$/.exec(pattern);
  return written ? new RegExp(written[1] ?? "", written[2]).test(name) : name === pattern;
}

function fieldItem(field: Field, frame: Frame, calculation: string | undefined): Item {
  const times = frame.fields.find(({ type }) => type === "time")?.values ?? [];
  const value = field.type === "string" ? null : reduced(field.values, calculation);
  const last = field.type === "string" ? (field.values.at(-1) ?? null) : value;
  const course = times.map((time, row): [number, number | null] => [Number(time), field.values[row] as number | null]);
  return { name: displayName(field, frame), value, ...shown(last, field), course };
}

function rowItems(field: Field, frame: Frame): Item[] {
  const texts = frame.fields.filter(({ type }) => type === "string");
  return field.values.map((value, row) => {
    const name = texts.map(({ values }) => values[row] ?? "").join(" ") || displayName(field, frame);
    return { name, value: typeof value === "number" ? value : null, ...shown(value, field), course: [] };
  });
}
