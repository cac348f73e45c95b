// SPDX-License-Identifier: Apache-2.0
/**
 * What every panel of ours has, and the kinds that draw lines, numbers, bars and shares, each with one look.
 * Tables, heatmaps and the flow have files of their own. Which panels there are is decided by the dashboards.
 */
import { PanelBuilder as BarGauge } from "@grafana/grafana-foundation-sdk/bargauge";
import type * as cog from "@grafana/grafana-foundation-sdk/cog";
import * as common from "@grafana/grafana-foundation-sdk/common";
import {
  FieldColorBuilder,
  FieldColorModeId,
  type Panel,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as PieChart, PieChartLegendValues, PieChartType } from "@grafana/grafana-foundation-sdk/piechart";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as Stat } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeSeries } from "@grafana/grafana-foundation-sdk/timeseries";
import { DATASOURCE } from "./variables.ts";

export interface Query {
  expr: string;
  /** `{{label}}` stands for a label's value. */
  legend: string;
}

/** Points of a panel whose query reads series of every pod: at thousands of pods each point takes milliseconds. */
export const POINTS_OVER_PODS = 40;

export interface Spec {
  title: string;
  /** One or two sentences: what it shows and how to read it. */
  description: string;
  /** A unit of Grafana's list, such as `reqps`. */
  unit: string;
  /** Of 24 columns. */
  width: number;
  /** In rows of 30 pixels; `ROW_HEIGHT` unless told. */
  height?: number;
  queries: readonly Query[];
  /** From which value on a figure is bad: orange, red. With `isLowBad` the other way round. */
  limits?: Limits;
  min?: number;
  max?: number;
  decimals?: number;
  /** Points over the range at most, where the query reads every pod; as many as the panel is wide unless told. */
  points?: number;
  /** Shown where a query has no answer; only where that is no fault. */
  noValue?: string;
}

export interface Limits {
  warn: number;
  bad: number;
  isLowBad?: boolean;
}

export type PanelBuilder = cog.Builder<Panel>;

const ROW_HEIGHT = 8;
const STAT_HEIGHT = 4;
const [GREEN, ORANGE, RED] = ["green", "orange", "red"];
const FILL = 10;

/** What the builders of all kinds of panels have in common. */
interface Settable<T> {
  title(text: string): T;
  description(text: string): T;
  datasource(source: common.DataSourceRef): T;
  unit(unit: string): T;
  span(columns: number): T;
  height(rows: number): T;
  min(value: number): T;
  max(value: number): T;
  decimals(count: number): T;
  noValue(text: string): T;
  thresholds(of: cog.Builder<{ mode: ThresholdsMode; steps: Threshold[] }>): T;
  withTarget(target: cog.Builder<cog.Dataquery>): T;
}

/** Sets what all kinds share; the queries are the caller's, as their form differs. */
export function described<T extends Settable<T>>(panel: T, spec: Omit<Spec, "queries">, usualHeight = ROW_HEIGHT): T {
  const { title, description, unit, width, height = usualHeight, limits, min, max, decimals, noValue } = spec;
  panel.title(title).description(description).datasource(DATASOURCE).unit(unit).span(width).height(height);
  panel.thresholds(thresholds(limits));
  if (min !== undefined) panel.min(min);
  if (max !== undefined) panel.max(max);
  if (decimals !== undefined) panel.decimals(decimals);
  if (noValue !== undefined) panel.noValue(noValue);
  return panel;
}

export function query({ expr, legend }: Query, index: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId(refId(index))
    .datasource(DATASOURCE)
    .expr(expr)
    .legendFormat(legend)
    .format(PromQueryFormat.TimeSeries);
}

/** A, B, C ... */
export function refId(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

function thresholds(limits: Limits | undefined): ThresholdsConfigBuilder {
  const steps = limits === undefined ? [{ value: null, color: GREEN }] : limitSteps(limits);
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps as Threshold[]);
}

/** From low to high, the first from the bottom on. */
export function limitSteps({ warn, bad, isLowBad }: Limits) {
  return [
    { value: null, color: isLowBad ? RED : GREEN },
    { value: isLowBad ? bad : warn, color: ORANGE },
    { value: isLowBad ? warn : bad, color: isLowBad ? GREEN : RED },
  ];
}

/** Lines over time; `isStacked` where their sum means something. */
export function lines(spec: Spec & { isStacked?: boolean }): PanelBuilder {
  const panel = described(new TimeSeries(), { min: 0, ...spec })
    .lineWidth(1)
    .fillOpacity(FILL)
    .showPoints(common.VisibilityMode.Never)
    .legend(legend())
    .tooltip(tooltip());
  if (spec.isStacked) {
    panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group("A"));
  }
  if (spec.points !== undefined) panel.maxDataPoints(spec.points);
  if (spec.limits !== undefined) {
    const style = new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed);
    panel.thresholdsStyle(style);
  }
  for (const [index, each] of spec.queries.entries()) panel.withTarget(query(each, index).range());
  return panel;
}

/** One figure as it is now, with its course behind it. */
export function figure(spec: Spec): PanelBuilder {
  const panel = stat(spec)
    .graphMode(common.BigValueGraphMode.Area)
    .targets(spec.queries.map((each, index) => query(each, index).range()));
  return spec.points === undefined ? panel : panel.maxDataPoints(spec.points);
}

/** One figure that is asked for once, such as a total. */
export function total(spec: Spec): PanelBuilder {
  return stat(spec).graphMode(common.BigValueGraphMode.None).targets(instants(spec));
}

function stat(spec: Spec): Stat {
  return described(new Stat(), spec, STAT_HEIGHT)
    .colorMode(spec.limits === undefined ? common.BigValueColorMode.None : common.BigValueColorMode.Value)
    .reduceOptions(lastValue());
}

/** A bar for each value, biggest first as the query sorts them. */
export function bars(spec: Spec): PanelBuilder {
  return described(new BarGauge(), { min: 0, ...spec })
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .reduceOptions(lastValue())
    .colorScheme(
      new FieldColorBuilder().mode(spec.limits ? FieldColorModeId.Thresholds : FieldColorModeId.PaletteClassicByName),
    )
    .targets(instants(spec));
}

/** Shares of a whole. */
export function shares(spec: Spec): PanelBuilder {
  const list = {
    displayMode: common.LegendDisplayMode.Table,
    placement: common.LegendPlacement.Right,
    showLegend: true,
    values: [PieChartLegendValues.Percent, PieChartLegendValues.Value],
    calcs: [],
  };
  return described(new PieChart(), spec)
    .pieType(PieChartType.Donut)
    .reduceOptions(lastValue())
    .legend({ build: () => list })
    .tooltip(tooltip())
    .targets(instants(spec));
}

function instants({ queries }: Spec): DataqueryBuilder[] {
  return queries.map((each, index) => query(each, index).instant());
}

function lastValue(): common.ReduceDataOptionsBuilder {
  return new common.ReduceDataOptionsBuilder().values(false).calcs(["lastNotNull"]).fields("");
}

function legend(): common.VizLegendOptionsBuilder {
  return new common.VizLegendOptionsBuilder()
    .displayMode(common.LegendDisplayMode.List)
    .placement(common.LegendPlacement.Bottom)
    .showLegend(true)
    .calcs([]);
}

function tooltip(): common.VizTooltipOptionsBuilder {
  return new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending);
}
