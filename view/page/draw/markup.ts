// SPDX-License-Identifier: Apache-2.0
/**
 * Stats, gauges, tables, texts and legends as elements of the page; nothing here needs the chart library.
 */
import type { BarsPicture, StatsPicture, TableCell, TablePicture } from "../../model/pictures/picture.ts";
import { sortedRows } from "../../model/pictures/table.ts";
import { button, element, svgElement } from "../dom.ts";
import { colorOf, cssColor } from "../theme.ts";

const COURSE = { width: 100, height: 30 };

export function statsElement({ items, colored, isNameShown }: StatsPicture): HTMLElement {
  return element(
    "div",
    { class: "stats" },
    ...items.map(({ name, text, color, course, value }) => {
      const figure = element("span", { class: "value", "data-value": value ?? undefined }, text);
      const box = element("div", { class: "stat" });
      if (color !== undefined && colored === "value") figure.style.color = cssColor(color);
      if (color !== undefined && colored === "background") box.style.background = cssColor(color);
      if (isNameShown) box.append(element("span", { class: "name", title: name }, name));
      box.append(figure);
      if (course.length > 1) box.append(courseElement(course, cssColor(color ?? "blue")));
      return box;
    }),
  );
}

/** A small line without axes: the course that led to the figure. */
function courseElement(course: readonly [number, number | null][], color: string): SVGElement {
  const known = course.filter((point): point is [number, number] => point[1] !== null);
  const numbers = known.map(([, value]) => value);
  const [low, high] = [Math.min(...numbers, 0), Math.max(...numbers)];
  const first = course[0]?.[0] ?? 0;
  const length = (course.at(-1)?.[0] ?? 0) - first || 1;
  const place = ([time, value]: [number, number]) => {
    const x = ((time - first) / length) * COURSE.width;
    const y = COURSE.height - 1 - ((value - low) / (high - low || 1)) * (COURSE.height - 2);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  };
  const line = svgElement("polyline", {
    points: known.map(place).join(" "),
    fill: "none",
    stroke: color,
    "stroke-width": "1.5",
    "vector-effect": "non-scaling-stroke",
  });
  return svgElement(
    "svg",
    { viewBox: `0 0 ${COURSE.width} ${COURSE.height}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    line,
  );
}

/** Bars of one series, a line each: name, bar, figure. */
export function gaugesElement({ series, max }: BarsPicture): HTMLElement {
  const items = series[0]?.values ?? [];
  const highest = max ?? items.reduce((most, { value }) => Math.max(most, value ?? 0), 0);
  const rows = items.flatMap(({ name, text, value, color }) => {
    const fill = element("span", { class: "fill" });
    fill.style.width = `${highest > 0 ? Math.max(0, Math.min(100, ((value ?? 0) / highest) * 100)) : 0}%`;
    fill.style.background = color === undefined ? colorOf(name) : cssColor(color);
    return [
      element("span", { class: "name", title: name }, name),
      element("span", { class: "track", "aria-hidden": "true" }, fill),
      element("span", { class: "number", "data-value": value ?? undefined }, text),
    ];
  });
  return element("div", { class: "scroller" }, element("div", { class: "bars" }, ...rows));
}

export interface Order {
  column: number;
  isDescending: boolean;
}

/** @param onSort  undefined for a table that keeps its order */
export function tableElement(
  picture: TablePicture,
  caption: string,
  order?: Order,
  onSort?: (order: Order) => void,
): HTMLElement {
  const { columns, rows } = picture;
  const heads = columns.map(({ name, isNumber }, column) => {
    const isSorted = order?.column === column;
    const sort = isSorted ? (order.isDescending ? "descending" : "ascending") : undefined;
    const arrow = isSorted ? (order.isDescending ? " ▾" : " ▴") : "";
    const next = { column, isDescending: isSorted ? !order.isDescending : isNumber };
    const head = onSort === undefined ? name : button(`${name}${arrow}`, {}, () => onSort(next));
    return element("th", { scope: "col", class: isNumber ? "number" : undefined, "aria-sort": sort }, head);
  });
  const body = (order === undefined ? rows : sortedRows(rows, order.column, order.isDescending)).map((row) =>
    element("tr", {}, ...row.map((cell, column) => cellElement(cell, columns[column]?.isNumber ?? false))),
  );
  const table = element(
    "table",
    {},
    element("caption", { class: "hidden" }, caption),
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...body),
  );
  return element("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": `table: ${caption}` }, table);
}

function cellElement({ value, text, color, isFilled, share }: TableCell, isNumber: boolean): HTMLElement {
  const cell = element(
    "td",
    { class: isNumber ? "number" : undefined, "data-value": typeof value === "number" ? value : undefined },
    text,
  );
  if (color !== undefined && share === undefined) cell.style[isFilled ? "background" : "color"] = cssColor(color);
  if (share !== undefined) {
    const percent = `${(share * 100).toFixed(1)}%`;
    cell.style.background = `linear-gradient(to right, color-mix(in srgb, ${cssColor(color ?? "blue")} 35%, transparent) ${percent}, transparent ${percent})`;
  }
  return cell;
}

export interface LegendItem {
  name: string;
  color: string;
  amounts: string[];
}

/** Names with their colours; pressing one switches it off and on. */
export function legendElement(
  items: readonly LegendItem[],
  hidden: ReadonlySet<string>,
  onToggle: (name: string) => void,
): HTMLElement {
  const entries = items.map(({ name, color, amounts }) => {
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.background = color;
    const entry = button(swatch, { "aria-pressed": hidden.has(name) ? "false" : "true", "data-name": name }, () =>
      onToggle(name),
    );
    const texts = amounts.flatMap((amount) => [" ", element("span", { class: "amount" }, amount)]);
    entry.append(element("span", { class: "beside-swatch" }, name, ...texts));
    return element("li", {}, entry);
  });
  return element("ul", { class: "legend", "aria-label": "legend" }, ...entries);
}

/** A little Markdown: paragraphs, headings and lists, as plain texts. */
export function textElement(text: string): HTMLElement {
  const blocks = text.split(/\n\s*\n/).map((block) => {
    const lines = block.split("\n").map((line) => line.trim());
    const isList = lines.every((line) => /^[-*] /.test(line));
    if (isList) return element("ul", {}, ...lines.map((line) => element("li", {}, ...inline(line.slice(2)))));
    return element("p", {}, ...inline(lines.join(" ").replace(/^#+ /, "")));
  });
  return element("div", { class: "text scroller" }, ...blocks);
}

/** Code, bold and links; a link leads to the web or to a page of this server. */
function inline(text: string): (Node | string)[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)\s]+\))/).map((part) => {
    if (part.startsWith("`")) return element("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return element("strong", {}, part.slice(2, -2));
    const link = /^\[([^\]]+)\]\(((?:https?:\/\/|\/d\/)[^)\s]+)\)$/.exec(part);
    return link ? element("a", { href: link[2], rel: "noreferrer" }, link[1] ?? "") : part;
  });
}
