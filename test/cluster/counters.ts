// SPDX-License-Identifier: Apache-2.0
/**
 * Reads Prometheus' text format and sums what it holds. Knows no metric by name.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly metric: string;
  readonly labels: Labels;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** All samples of an exposition whose metric starts with `prefix`. */
export function readSamples(text: string, prefix: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const [, metric, labels = "", value] = LINE.exec(line) ?? [];
    if (metric === undefined || !metric.startsWith(prefix)) return [];
    return [{ metric, labels: readLabels(labels), value: Number(value) }];
  });
}

/** The sum over all samples of `metric` that have these labels; 0 when there is none. */
export function sum(samples: readonly Sample[], metric: string, labels: Labels = {}): number {
  return matching(samples, metric, labels).reduce((total, sample) => total + sample.value, 0);
}

/** Samples of `metric` that have these labels, and maybe others. */
export function matching(samples: readonly Sample[], metric: string, labels: Labels = {}): Sample[] {
  const wanted = Object.entries(labels);
  return samples.filter(
    (sample) => sample.metric === metric && wanted.every(([name, value]) => sample.labels[name] === value),
  );
}

/** Metric and labels as one text that is the same for the same series. */
export function seriesName({ metric, labels }: Sample): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${metric}{${sorted.map(([name, value]) => `${name}="${value}"`).join(",")}}`;
}

function readLabels(text: string): Labels {
  return Object.fromEntries([...text.matchAll(LABEL)].map(([, name, value]) => [name, value?.replace(/\\(.)/g, "$1")]));
}
