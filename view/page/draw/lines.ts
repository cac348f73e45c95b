// SPDX-License-Identifier: Apache-2.0
/**
 * Lines over time as the chart library's options. Tooltips are drawn, not written as HTML.
 */
import type { EChartsCoreOption } from "echarts";
import type { Format, Line, LinesPicture } from "../../model/pictures/picture.ts";
import { formatNumber } from "../../model/units.ts";
import { colorOf, cssColor, styleColor } from "../theme.ts";

const MOST_IN_TOOLTIP = 12;

export interface Span {
  from: number;
  to: number;
}

/** @param hidden  names of the lines that somebody switched off */
export function linesOption(picture: LinesPicture, span: Span, hidden: ReadonlySet<string>): EChartsCoreOption {
  const lines = picture.lines.filter(({ name }) => !hidden.has(name));
  return {
    animation: false,
    grid: { left: 8, right: 24, top: 10, bottom: 4, containLabel: true },
    xAxis: { type: "time", min: span.from, max: span.to, ...axisStyle(), splitLine: { show: false } },
    yAxis: axes(picture, lines),
    tooltip: { ...tooltipStyle(), trigger: "axis", formatter: (items: Hit[]) => tooltipText(items, lines) },
    series: lines.map((line, index) => seriesOf(line, picture, index === 0)),
  };
}

export function lineColor({ name, color }: Line): string {
  return color === undefined ? colorOf(name) : cssColor(color);
}

function axes(picture: LinesPicture, lines: readonly Line[]) {
  const axis = (format: Format, isRight: boolean) => ({
    type: picture.isLogarithmic ? "log" : "value",
    position: isRight ? "right" : "left",
    ...(picture.min !== undefined && !picture.isLogarithmic && { min: picture.min }),
    ...(picture.max !== undefined && { max: picture.max }),
    ...axisStyle(),
    axisLabel: { color: styleColor("--weak"), formatter: (value: number) => formatNumber(value, format.unit) },
  });
  const right = lines.find(({ isRightAxis }) => isRightAxis);
  return right === undefined ? [axis(picture.format, false)] : [axis(picture.format, false), axis(right.format, true)];
}

function seriesOf(line: Line, picture: LinesPicture, isFirst: boolean) {
  const color = lineColor(line);
  // What lies behind several areas would not be seen.
  const fill = picture.isStacked ? line.fill : line.fill / picture.lines.length;
  const limits = picture.limits.map(({ value, color: limit }) => ({
    yAxis: value,
    lineStyle: { color: cssColor(limit) },
  }));
  return {
    name: line.name,
    type: line.style === "bars" ? "bar" : line.style === "points" ? "scatter" : "line",
    data: line.points,
    showSymbol: line.points.filter(([, value]) => value !== null).length < 2,
    symbolSize: 4,
    yAxisIndex: line.isRightAxis ? 1 : 0,
    itemStyle: { color },
    lineStyle: { color, width: Math.max(line.width, 1.5) },
    ...(line.fill > 0 && { areaStyle: { color, opacity: fill } }),
    ...(picture.isStacked && { stack: "all" }),
    ...(isFirst &&
      limits.length > 0 && { markLine: { silent: true, symbol: "none", label: { show: false }, data: limits } }),
  };
}

interface Hit {
  seriesName: string;
  value: [number, number | null];
  axisValueLabel: string;
}

function tooltipText(items: readonly Hit[], lines: readonly Line[]): string {
  const rows = items.filter(({ value }) => value[1] !== null).sort((a, b) => (b.value[1] ?? 0) - (a.value[1] ?? 0));
  const texts = rows.slice(0, MOST_IN_TOOLTIP).map(({ seriesName, value }) => {
    const { unit, decimals } = lines.find(({ name }) => name === seriesName)?.format ?? { unit: "" };
    return `${seriesName}: ${formatNumber(value[1] ?? 0, unit, decimals)}`;
  });
  const more = rows.length > MOST_IN_TOOLTIP ? [`and ${rows.length - MOST_IN_TOOLTIP} more`] : [];
  return [items[0]?.axisValueLabel ?? "", ...texts, ...more].join("\n");
}

export function axisStyle() {
  return {
    axisLabel: { color: styleColor("--weak"), hideOverlap: true },
    axisLine: { lineStyle: { color: styleColor("--line") } },
    splitLine: { lineStyle: { color: styleColor("--grid") } },
  };
}

/** Drawn on the canvas: nothing of it is ever HTML. */
export function tooltipStyle() {
  return {
    renderMode: "richText",
    confine: true,
    backgroundColor: styleColor("--card"),
    borderColor: styleColor("--line"),
    textStyle: { color: styleColor("--text"), fontSize: 12 },
  };
}
