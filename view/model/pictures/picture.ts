// SPDX-License-Identifier: Apache-2.0
/**
 * What a panel shows, ready to be drawn: numbers with the texts that stand for them, names, colours. Knows no chart library and
 * no browser. Types only.
 */
import type { Shown } from "../fields.ts";
import type { Cell } from "../frames.ts";

export interface LinesPicture {
  kind: "lines";
  lines: Line[];
  /** How numbers of the axis are written. */
  format: Format;
  min?: number;
  max?: number;
  isLogarithmic: boolean;
  isStacked: boolean;
  /** Lines across, where a threshold is. */
  limits: { value: number; color: string }[];
  legend: Legend;
}

export interface Format {
  unit: string;
  decimals?: number | null;
}

export interface Line {
  name: string;
  color?: string;
  style: "line" | "bars" | "points";
  /** 0 to 1. */
  fill: number;
  width: number;
  isRightAxis: boolean;
  format: Format;
  /** Milliseconds of the epoch; null where there is no sample. */
  points: [time: number, value: number | null][];
}

export interface Legend {
  isShown: boolean;
  isTable: boolean;
  isRight: boolean;
  /** Calculations beside each name, such as `lastNotNull`. */
  calculations: string[];
}

export interface StatsPicture {
  kind: "stats";
  items: (Named & { course: [time: number, value: number | null][] })[];
  /** What the colour is of. */
  colored: "none" | "value" | "background";
  isNameShown: boolean;
}

/** A number with its name and how it is shown. */
export interface Named extends Shown {
  name: string;
  value: number | null;
}

export interface BarsPicture {
  kind: "bars";
  /** One group of bars for each, or one bar. */
  categories: string[];
  series: { name: string; color?: string; values: Named[] }[];
  isHorizontal: boolean;
  isStacked: boolean;
  format: Format;
  max?: number;
}

export interface PiePicture {
  kind: "pie";
  slices: Named[];
  isDonut: boolean;
  legend: Legend;
}

export interface TablePicture {
  kind: "table";
  columns: { name: string; isNumber: boolean }[];
  rows: TableCell[][];
}

export interface TableCell extends Shown {
  value: Cell;
  /** The colour fills the cell instead of its text. */
  isFilled?: boolean;
  /** 0 to 1 where the cell has a bar. */
  share?: number;
}

export interface HeatmapPicture {
  kind: "heatmap";
  /** Milliseconds of the epoch. */
  times: number[];
  /** Names of the rows, the lowest first. */
  rows: string[];
  /** By row, then time. */
  values: (number | null)[][];
  format: Format;
}

export interface FlowPicture {
  kind: "flow";
  nodes: { id: string; name: string; detail: string; layer?: number }[];
  links: { from: string; to: string; value: number; detail: string }[];
  /** What `value` is written as. */
  format: Format;
}

export interface TextPicture {
  kind: "text";
  text: string;
}

export interface NothingPicture {
  kind: "nothing";
  /** Why there is nothing to see. */
  text: string;
}

export type Picture =
  | LinesPicture
  | StatsPicture
  | BarsPicture
  | PiePicture
  | TablePicture
  | HeatmapPicture
  | FlowPicture
  | TextPicture
  | NothingPicture;
