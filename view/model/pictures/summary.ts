// SPDX-License-Identifier: Apache-2.0
/**
 * A picture in a sentence: what a screen reader says in place of the drawing. The numbers themselves are in its table.
 */
import { reduced } from "../reduce.ts";
import { formatNumber } from "../units.ts";
import type { Picture } from "./picture.ts";

const MOST_NAMES = 5;

export function summary(picture: Picture): string {
  switch (picture.kind) {
    case "lines":
      return list(
        `${counted(picture.lines.length, "line")} over time, last values`,
        picture.lines.map(({ name, points, format }) => {
          const last = reduced(points.map(([, value]) => value));
          return `${name} ${last === null ? "none" : formatNumber(last, format.unit, format.decimals)}`;
        }),
      );
    case "pie":
      return list("shares of a whole", named(picture.slices));
    case "stats":
      return list(counted(picture.items.length, "figure"), named(picture.items));
    case "bars":
      return list(counted(picture.categories.length, "bar"), named(picture.series[0]?.values ?? []));
    case "heatmap":
      return `heatmap of ${counted(picture.rows.length, "row")} over ${counted(picture.times.length, "step")} of time`;
    case "flow":
      return `flow of ${counted(picture.links.length, "link")} between ${counted(picture.nodes.length, "node")}`;
    case "table":
      return `table of ${counted(picture.rows.length, "row")}`;
    default:
      return picture.text;
  }
}

function named(items: readonly { name: string; text: string }[]): string[] {
  return items.map(({ name, text }) => `${name} ${text}`.trim());
}

function list(what: string, items: readonly string[]): string {
  const more = items.length > MOST_NAMES ? `, and ${items.length - MOST_NAMES} more` : "";
  return `${what}: ${items.slice(0, MOST_NAMES).join(", ")}${more}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
