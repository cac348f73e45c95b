// SPDX-License-Identifier: Apache-2.0
/**
 * Pies, bar charts, heatmaps and flows as the chart library's options. Tooltips are drawn, not written as HTML.
 */
import type { EChartsCoreOption } from "echarts";
import { timeText } from "../../model/fields.ts";
import type { BarsPicture, FlowPicture, HeatmapPicture, PiePicture } from "../../model/pictures/picture.ts";
import { formatNumber } from "../../model/units.ts";
import { colorOf, isDark, styleColor } from "../theme.ts";
import { axisStyle, tooltipStyle } from "./lines.ts";

const LABEL_WIDTH = 120;

export function pieOption({ slices, isDonut }: PiePicture, hidden: ReadonlySet<string>): EChartsCoreOption {
  const shown = slices.filter(({ name }) => !hidden.has(name));
  const total = shown.reduce((sum, { value }) => sum + (value ?? 0), 0);
  const text = ({ dataIndex }: { dataIndex: number }) => {
    const slice = shown[dataIndex];
    return slice === undefined
      ? ""
      : `${slice.name}: ${slice.text}, ${formatNumber((slice.value ?? 0) / total, "percentunit", 1)}`;
  };
  return {
    animation: false,
    tooltip: { ...tooltipStyle(), trigger: "item", formatter: text },
    series: [
      {
        type: "pie",
        radius: isDonut ? ["50%", "90%"] : "90%",
        label: { show: false },
        itemStyle: { borderColor: styleColor("--card"), borderWidth: 1 },
        data: shown.map(({ name, value }) => ({ name, value, itemStyle: { color: colorOf(name) } })),
      },
    ],
  };
}

export function barsOption({ categories, series, isHorizontal, isStacked, format }: BarsPicture): EChartsCoreOption {
  const names = { type: "category", data: categories, inverse: isHorizontal, ...axisStyle() };
  names.axisLabel = { ...names.axisLabel, ...({ width: LABEL_WIDTH, overflow: "truncate" } as object) };
  const numbers = {
    type: "value",
    ...axisStyle(),
    axisLabel: { color: styleColor("--weak"), formatter: (value: number) => formatNumber(value, format.unit) },
  };
  const text = ({ dataIndex, seriesIndex }: { dataIndex: number; seriesIndex: number }) =>
    `${categories[dataIndex]}\n${series[seriesIndex]?.name}: ${series[seriesIndex]?.values[dataIndex]?.text}`;
  return {
    animation: false,
    grid: { left: 8, right: 24, top: 10, bottom: 4, containLabel: true },
    xAxis: isHorizontal ? numbers : names,
    yAxis: isHorizontal ? names : numbers,
    tooltip: { ...tooltipStyle(), trigger: "item", formatter: text },
    series: series.map(({ name, values }) => ({
      name,
      type: "bar",
      itemStyle: { color: colorOf(name) },
      data: values.map(({ value }) => value),
      ...(isStacked && { stack: "all" }),
    })),
  };
}

export function heatmapOption({ times, rows, values, format }: HeatmapPicture): EChartsCoreOption {
  const cells = values.flatMap((row, y) =>
    row.flatMap((value, x) => (value === null || value === 0 ? [] : [[x, y, value]])),
  );
  const highest = cells.reduce((most, [, , value = 0]) => Math.max(most, value), 0);
  const clock = (time: number) => timeText(time).slice(11);
  const text = ({ value: [x = 0, y = 0, value = 0] }: { value: number[] }) =>
    `${clock(times[x] ?? 0)}\n${rows[y]}: ${formatNumber(value, format.unit)}`;
  return {
    animation: false,
    grid: { left: 8, right: 24, top: 10, bottom: 4, containLabel: true },
    xAxis: { type: "category", data: times.map(clock), ...axisStyle(), splitLine: { show: false } },
    yAxis: { type: "category", data: rows, ...axisStyle(), splitLine: { show: false } },
    tooltip: { ...tooltipStyle(), trigger: "item", formatter: text },
    visualMap: {
      show: false,
      min: 0,
      max: highest || 1,
      inRange: { color: isDark() ? ["#3a2a1c", "#b35900", "#ffd9a8"] : ["#ffe9d1", "#f08a2c", "#7a3200"] },
    },
    series: [{ type: "heatmap", data: cells, itemStyle: { borderColor: styleColor("--card"), borderWidth: 1 } }],
  };
}

export function flowOption({ nodes, links, format }: FlowPicture): EChartsCoreOption {
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  const details = new Map(nodes.map(({ id, detail }) => [id, detail]));
  const nameOf = (id: string) => names.get(id) ?? id;
  const text = ({
    dataType,
    data,
  }: {
    dataType: string;
    data: { name?: string; source?: string; target?: string; index?: number };
  }) => {
    if (dataType !== "edge") return `${nameOf(data.name ?? "")}\n${details.get(data.name ?? "") ?? ""}`;
    return `${nameOf(data.source ?? "")} > ${nameOf(data.target ?? "")}\n${links[data.index ?? 0]?.detail ?? ""}`;
  };
  return {
    animation: false,
    tooltip: {
      ...tooltipStyle(),
      trigger: "item",
      formatter: text,
      valueFormatter: (value: number) => formatNumber(value, format.unit),
    },
    series: [
      {
        type: "sankey",
        left: 8,
        right: 150,
        top: 8,
        bottom: 8,
        draggable: false,
        nodeGap: 6,
        emphasis: { focus: "adjacency" },
        label: {
          color: styleColor("--text"),
          width: 140,
          overflow: "truncate",
          formatter: ({ name }: { name: string }) => nameOf(name),
        },
        lineStyle: { color: "source", opacity: 0.35 },
        data: nodes.map(({ id, name }) => ({ name: id, itemStyle: { color: colorOf(name) } })),
        links: links.map(({ from, to, value }, index) => ({ source: from, target: to, value, index })),
      },
    ],
  };
}
