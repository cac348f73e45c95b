// SPDX-License-Identifier: Apache-2.0
/**
 * Draws a picture into a panel's body, and again with the next one: as a drawing or as a table, with what somebody switched off.
 */
import type { Named, Picture } from "../../model/pictures/picture.ts";
import { summary } from "../../model/pictures/summary.ts";
import { asTable } from "../../model/pictures/table.ts";
import { calculationTitle, reduced } from "../../model/reduce.ts";
import { formatNumber } from "../../model/units.ts";
import { element } from "../dom.ts";
import { colorOf } from "../theme.ts";
import { type Chart, makeChart } from "./chart.ts";
import { lineColor, linesOption, type Span } from "./lines.ts";
import {
  gaugesElement,
  type LegendItem,
  legendElement,
  type Order,
  statsElement,
  tableElement,
  textElement,
} from "./markup.ts";
import { barsOption, flowOption, heatmapOption, pieOption } from "./shapes.ts";

export interface Body {
  element: HTMLElement;
  show(picture: Picture, span: Span): void;
  /** As a table instead of a drawing. */
  setTable(isTable: boolean): void;
  /** The same again, in other colours or sizes. */
  redraw(): void;
}

type Shown = { picture: Picture; span: Span };

export function makeBody(title: string): Body {
  const box = element("div", { class: "body" });
  const hidden = new Set<string>();
  let last: Shown | undefined;
  let chart: Chart | undefined;
  let isTable = false;
  let order: Order | undefined;
  const toggle = (name: string) => {
    if (!hidden.delete(name)) hidden.add(name);
    redraw();
  };
  const sort = (next: Order) => {
    order = next;
    redraw();
  };
  const redraw = () => {
    if (last === undefined) return;
    const { picture, span } = last;
    const focused = focusedKey(box);
    const option = isTable ? undefined : optionOf(picture, span, hidden);
    if (option === undefined) {
      chart?.dispose();
      chart = undefined;
      box.replaceChildren(
        isTable ? tableElement(asTable(picture), title, order, sort) : plain(picture, title, order, sort),
      );
    } else {
      chart ??= makeChart();
      arrange(box, chart, picture, hidden, toggle);
      chart.show(option, `${title}: ${summary(picture)}`);
    }
    focus(box, focused);
  };
  return {
    element: box,
    show(picture, span) {
      last = { picture, span };
      redraw();
    },
    setTable(wanted) {
      isTable = wanted;
      order = undefined;
      redraw();
    },
    redraw,
  };
}

function optionOf(picture: Picture, span: Span, hidden: ReadonlySet<string>) {
  if (picture.kind === "lines") return linesOption(picture, span, hidden);
  if (picture.kind === "pie") return pieOption(picture, hidden);
  if (picture.kind === "heatmap") return heatmapOption(picture);
  if (picture.kind === "flow") return flowOption(picture);
  return picture.kind === "bars" && !isGauges(picture) ? barsOption(picture) : undefined;
}

function isGauges(picture: Picture): boolean {
  return picture.kind === "bars" && picture.series.length === 1 && picture.isHorizontal;
}

function plain(picture: Picture, title: string, order: Order | undefined, onSort: (order: Order) => void): HTMLElement {
  if (picture.kind === "stats") return statsElement(picture);
  if (picture.kind === "bars") return gaugesElement(picture);
  if (picture.kind === "table") return tableElement(picture, title, order, onSort);
  if (picture.kind === "text") return textElement(picture.text);
  return element("p", { class: "nothing" }, picture.kind === "nothing" ? picture.text : "");
}

/** The chart stays where it is on the page; its legend is made anew. */
function arrange(
  box: HTMLElement,
  chart: Chart,
  picture: Picture,
  hidden: ReadonlySet<string>,
  toggle: (name: string) => void,
): void {
  const isBeside = "legend" in picture && picture.legend.isRight;
  let holder = box.querySelector<HTMLElement>(":scope > .holder");
  if (holder === null || !holder.contains(chart.element)) {
    holder = element("div", { class: "holder" }, chart.element);
    box.replaceChildren(holder);
  }
  holder.className = `holder ${isBeside ? "beside" : "above"}`;
  holder.querySelector(".legend")?.remove();
  const items = legendItems(picture);
  if (items.length > 0) holder.append(legendElement(items, hidden, toggle));
}

function legendItems(picture: Picture): LegendItem[] {
  if (picture.kind === "lines" && picture.legend.isShown) {
    const { calculations } = picture.legend;
    return picture.lines.map((line) => {
      const values = line.points.map(([, value]) => value);
      const amounts = calculations.map((name) => {
        const value = reduced(values, name);
        return `${calculationTitle(name)}: ${value === null ? "-" : formatNumber(value, line.format.unit, line.format.decimals)}`;
      });
      return { name: line.name, color: lineColor(line), amounts };
    });
  }
  if (picture.kind !== "pie" || !picture.legend.isShown) return [];
  const total = picture.slices.reduce((sum, { value }: Named) => sum + (value ?? 0), 0);
  return picture.slices.map(({ name, text, value }) => {
    const share = formatNumber((value ?? 0) / total, "percentunit", 0);
    return { name, color: colorOf(name), amounts: [`${share}, ${text}`] };
  });
}

/** Whoever walks by keyboard keeps the place when the panel is drawn anew. */
function focusedKey(box: HTMLElement): number {
  return focusable(box).findIndex((one) => one.matches(":focus"));
}

function focus(box: HTMLElement, index: number): void {
  if (index >= 0) focusable(box)[index]?.focus({ preventScroll: true });
}

function focusable(box: HTMLElement): HTMLElement[] {
  return [...box.querySelectorAll<HTMLElement>("button, [tabindex]")];
}
