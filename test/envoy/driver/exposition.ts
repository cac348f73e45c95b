// SPDX-License-Identifier: Apache-2.0
/**
 * Reads Prometheus' text format, strictly: a line that a scraper would refuse is an error here as well.
 * Knows the format only; what the metrics mean is in books.ts.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const COMMENT =
  /^# (?:HELP [a-zA-Z_:][a-zA-Z0-9_:]* .*|TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (?:counter|gauge|histogram|summary|untyped))$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?)|[+-]?Inf|NaN)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;
const ESCAPES: Record<string, string> = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };

/** @throws Error that quotes the first line that is not in the format, or the first series that is there twice */
export function parseExposition(text: string): Sample[] {
  const samples: Sample[] = [];
  const seen = new Set<string>();
  for (const line of text.split("\n")) {
    if (line === "" || COMMENT.test(line)) continue;
    const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`not a sample: ${JSON.stringify(line)}`);
    const series = `${name}{${labels}}`;
    if (seen.has(series)) throw new Error(`there twice: ${JSON.stringify(series)}`);
    seen.add(series);
    samples.push({ name, labels: parseLabels(labels, line), value: Number(value.replace("Inf", "Infinity")) });
  }
  return samples;
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (LABEL.lastIndex = 0; LABEL.lastIndex < text.length; ) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error(`labels are broken: ${JSON.stringify(line)}`);
    if (name in labels) throw new Error(`label "${name}" is there twice: ${JSON.stringify(line)}`);
    labels[name] = value.replace(/\\[\\"n]/g, (text) => ESCAPES[text] ?? text);
  }
  return labels;
}
