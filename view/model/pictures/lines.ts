// SPDX-License-Identifier: Apache-2.0
/**
 * Time series as lines, bars or points over time, and the legend that several kinds of panels have.
 */
import { custom } from "../fields.ts";
import { displayName, type Field, type Frame } from "../frames.ts";
import type { GrafanaPanel } from "../grafana.ts";
import type { Legend, Line, LinesPicture } from "./picture.ts";

const FULL_FILL = 100;

export function linesPicture(panel: GrafanaPanel, frames: readonly Frame[]): LinesPicture {
  const numbers = frames.flatMap((frame) => {
    const times = frame.fields.find(({ type }) => type === "time")?.values ?? [];
    return frame.fields
      .filter((field) => field.type === "number" && !hidden(field))
      .map((field) => ({ field, name: displayName(field, frame), times }));
  });
  const first = numbers[0]?.field;
  const defaults = panel.fieldConfig?.defaults ?? {};
  const { min, max } = defaults;
  return {
    kind: "lines",
    lines: numbers.map(({ field, name, times }) => lineOf(field, name, times as number[])),
    format: { unit: first?.config.unit ?? defaults.unit ?? "", decimals: defaults.decimals ?? null },
    ...(typeof min === "number" && { min }),
    ...(typeof max === "number" && { max }),
    isLogarithmic: first !== undefined && custom(first, "scaleDistribution", { type: "linear" }).type === "log",
    isStacked: first !== undefined && custom(first, "stacking", { mode: "none" }).mode !== "none",
    limits: first === undefined ? [] : limitsOf(first),
    legend: legendOf(panel.options),
  };
}

function hidden(field: Field): boolean {
  return custom(field, "hideFrom", { viz: false }).viz;
}

function lineOf(field: Field, name: string, times: readonly number[]): Line {
  const { unit = "", decimals = null, color } = field.config;
  const style = custom<string>(field, "drawStyle", "line");
  return {
    name,
    ...(color?.mode === "fixed" && color.fixedColor && { color: color.fixedColor }),
    style: style === "bars" || style === "points" ? style : "line",
    fill: custom(field, "fillOpacity", 0) / FULL_FILL,
    width: custom(field, "lineWidth", 1),
    isRightAxis: custom<string>(field, "axisPlacement", "auto") === "right",
    format: { unit, decimals },
    points: times.map((time, row) => [time, field.values[row] as number | null]),
  };
}

function limitsOf(field: Field): LinesPicture["limits"] {
  if (custom(field, "thresholdsStyle", { mode: "off" }).mode === "off") return [];
  const steps = field.config.thresholds?.steps ?? [];
  return steps.flatMap(({ value, color }) => (value === null ? [] : [{ value, color }]));
}

/** The legend by the panel's options. */
export function legendOf(options: Record<string, unknown> = {}): Legend {
  const legend = (options.legend ?? {}) as {
    showLegend?: boolean;
    displayMode?: string;
    placement?: string;
    calcs?: string[];
  };
  return {
    isShown: legend.showLegend !== false && legend.displayMode !== "hidden",
    isTable: legend.displayMode === "table",
    isRight: legend.placement === "right",
    calculations: legend.calcs ?? [],
  };
}
