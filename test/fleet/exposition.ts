// SPDX-License-Identifier: Apache-2.0
/**
 * A simulated pod as Envoy's /stats/prometheus prints one: families by kind and name, a TYPE line before each, no HELP.
 * The text before each value is made once; an answer only puts the values in.
 */
import type { Series, SimulatedPod } from "./pod.ts";
import { BOUNDS, CUMULATIVE, MEAN_MILLISECONDS } from "./shape.ts";

const ORDER = ["counter", "gauge", "histogram"] as const;

interface Line {
  /** Up to the value, with the space before it. */
  head: string;
  /** The value is rate x seconds, or the rate itself where it does not grow. */
  rate: number;
  isGrowing: boolean;
  isWhole: boolean;
}

/** Answers the exposition of a pod that has lived so many seconds. */
export function expositionOf({ series }: SimulatedPod): (seconds: number) => string {
  const lines = prepared(series);
  return (seconds) => {
    let text = "";
    for (const { head, rate, isGrowing, isWhole } of lines) {
      const value = isGrowing ? rate * seconds : rate;
      text += `${head}${isWhole ? Math.floor(value) : value}\n`;
    }
    return text;
  };
}

/** How many samples one answer has. */
export function sampleCount({ series }: SimulatedPod): number {
  return series.reduce((sum, { type }) => sum + (type === "histogram" ? BOUNDS.length + 2 : 1), 0);
}

function prepared(series: readonly Series[]): Line[] {
  const lines: Line[] = [];
  const rank = ({ type }: Series) => ORDER.indexOf(type);
  const sorted = [...series].sort(
    (a, b) => rank(a) - rank(b) || (a.family < b.family ? -1 : a.family > b.family ? 1 : 0),
  );
  let last = "";
  for (const one of sorted) {
    const title = one.family === last ? "" : `# TYPE ${one.family} ${one.type}\n`;
    last = one.family;
    const [first, ...rest] = one.type === "histogram" ? histogramLines(one) : [plainLine(one)];
    if (first) lines.push({ ...first, head: title + first.head }, ...rest);
  }
  return lines;
}

function labelText(labels: Series["labels"]): string {
  return labels.map(([name, value]) => `${name}="${value}"`).join(",");
}

function plainLine({ family, labels, type, rate }: Series): Line {
  return { head: `${family}{${labelText(labels)}} `, rate, isGrowing: type === "counter", isWhole: true };
}

function histogramLines({ family, labels, rate }: Series): Line[] {
  const text = labelText(labels);
  const buckets = BOUNDS.map((bound, at) => ({
    head: `${family}_bucket{${text},le="${bound}"} `,
    rate: rate * (CUMULATIVE[at] ?? 1),
    isGrowing: true,
    isWhole: true,
  }));
  return [
    ...buckets,
    { head: `${family}_sum{${text}} `, rate: rate * MEAN_MILLISECONDS, isGrowing: true, isWhole: false },
    { head: `${family}_count{${text}} `, rate, isGrowing: true, isWhole: true },
  ];
}
