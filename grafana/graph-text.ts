// SPDX-License-Identifier: Apache-2.0
/**
 * A graph for people and for Graphviz: a table of links, and the DOT language.
 *
 * @see https://graphviz.org/doc/info/lang.html
 */
import Table from "cli-table3";
import type { Graph, GraphNode } from "./graph.ts";

const UNITS = ["B", "kB", "MB", "GB", "TB"];
const COUNTS = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const SIZES = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const SHAPES: Readonly<Record<GraphNode["kind"], string>> = {
  pod: "box",
  workload: "box",
  vendor: "ellipse",
  destination: "note",
};
/** Widths of lines, in points: from nothing to the busiest link. */
const [THINNEST, THICKEST] = [1, 8];

/** A row for each link, without a line break at the end. */
export function graphTable({ from, to, links }: Graph): string {
  if (links.length === 0) return `nothing went through any vendor from ${from} to ${to}`;
  const table = new Table({
    head: ["from", "to", "requests", "bytes", "faults"],
    colAligns: ["left", "left", "right", "right", "right"],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 1 },
    chars: Object.fromEntries(BORDERS.map((name) => [name, ""])),
  });
  for (const { source, target, requests, bytes, faults } of links) {
    table.push([source, target, COUNTS.format(requests), sizeText(bytes), COUNTS.format(faults)].map(printable));
  }
  return `${from} to ${to}\n\n${table.toString()}`;
}

const BORDERS = [
  ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
  ...["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
] as const;

/** A directed graph from left to right; links are as thick as they are busy, red in the share of their faults. */
export function graphDot({ from, to, nodes, links }: Graph): string {
  const most = Math.max(1, ...links.map(({ bytes }) => bytes));
  const boxes = nodes.map(({ id, kind, name, requests, bytes }) => {
    const label = [name, `${COUNTS.format(requests)} requests`, sizeText(bytes)].join("\n");
    return `  ${quoted(id)} [label=${quoted(label)}, shape=${SHAPES[kind] ?? "box"}];`;
  });
  const arrows = links.map(({ source, target, requests, bytes, faults }) => {
    const width = (THINNEST + (THICKEST - THINNEST) * (bytes / most)).toFixed(1);
    const color =
      faults > 0 && requests > 0 ? `, color=${quoted(`0.000 ${(faults / requests).toFixed(3)} 0.800`)}` : "";
    return `  ${quoted(source)} -> ${quoted(target)} [label=${quoted(sizeText(bytes))}, penwidth=${width}${color}];`;
  });
  const head = ["digraph proxymeter {", `  label=${quoted(`${from} to ${to}`)};`, "  rankdir=LR;"];
  return [...head, ...boxes, ...arrows, "}"].join("\n");
}

/** A DOT string: quotes and backslashes escaped, line breaks as DOT writes them, nothing else that could end it. */
function quoted(text: string): string {
  const inner = text.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n");
  return `"${printable(inner)}"`;
}

/** Labels are made by whoever runs the sites: no control characters on a terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}

/** Decimal units, as traffic is sold. */
function sizeText(bytes: number): string {
  const unit = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  return `${unit === 0 ? COUNTS.format(bytes) : SIZES.format(bytes / 1000 ** unit)} ${UNITS[unit]}`;
}
