// SPDX-License-Identifier: Apache-2.0
/**
 * Heatmaps: how many fall into which bucket over time. Either from the buckets of a histogram, or by counting in the
 * query how many series fall into each, so that a fleet of thousands of pods comes as a dozen series.
 */
import { HeatmapCellLayout, ScaleDistribution } from "@grafana/grafana-foundation-sdk/common";
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  HeatmapColorScale,
  PanelBuilder as Heatmap,
  RowsHeatmapOptionsBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { described, type PanelBuilder, query, type Spec } from "./panels.ts";

const COLOR_STEPS = 64;
const MOST_COLUMNS = 80;

export interface HeatmapSpec extends Omit<Spec, "queries" | "limits"> {
  /** Counts by `le` over a range. */
  expr: string;
  /** Whether a count includes those of the buckets below, as with a histogram's buckets. */
  isCumulative: boolean;
  /** Unit of what is counted in a cell. */
  cellUnit: string;
}

/** `unit` is that of the buckets' bounds. */
export function heatmap({ expr, isCumulative, cellUnit, ...spec }: HeatmapSpec): PanelBuilder {
  const color = new HeatmapColorOptionsBuilder()
    .mode(HeatmapColorMode.Scheme)
    .scheme("Oranges")
    .scale(HeatmapColorScale.Exponential)
    .exponent(1 / 2)
    .steps(COLOR_STEPS)
    .reverse(false);
  // Grafana takes what has the format of a heatmap for cumulative, and time series for counts of single buckets.
  const format = isCumulative ? PromQueryFormat.Heatmap : PromQueryFormat.TimeSeries;
  return described(new Heatmap(), spec)
    .calculate(false)
    .color(color)
    .cellGap(1)
    .cellValues({ build: () => ({ unit: cellUnit }) })
    .rowsFrame(new RowsHeatmapOptionsBuilder().layout(HeatmapCellLayout.Auto))
    .yAxis(new YAxisConfigBuilder().unit(spec.unit))
    .scaleDistribution({ build: () => ({ type: ScaleDistribution.Linear }) })
    .maxDataPoints(MOST_COLUMNS)
    .withTarget(query({ expr, legend: "{{le}}" }, 0).range().format(format));
}

/**
 * How many series of an expression fall into buckets that double: counts by `le`, the upper bound, which are not
 * cumulative as a histogram's are. One evaluation of the expression, where a comparison for each bound took a dozen.
 */
export function countedByPowersOfTwo(expression: string): string {
  return `count_values("le", 2 ^ ceil(log2(${expression} > 0)))`;
}
