// SPDX-License-Identifier: Apache-2.0
/**
 * Prometheus' text format, read exactly, and our own families picked out of it. Where a text comes from is the caller's business.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */

export interface Sample {
  metric: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

const PREFIX = "proxymeter_";
const SAMPLE = /^([a-zA-Z_:][\w:]*)\s*(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf|nan)$/i;
const LABEL = /\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\[\\"n])*)"\s*(?:,|$)/y;
const UNESCAPED: Readonly<Record<string, string>> = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };

/**
 * The lines about our families, comments included, as they stand in an exposition. The sidecar's page also holds Envoy's own
 * metrics and the application's, which may be in any shape and concern nobody here.
 */
export function ourLines(text: string): string[] {
  return text.split("\n").filter((line) => /^(?:# (?:HELP|TYPE) )?proxymeter_/.test(line));
}

/** Samples of our families. Throws Error that quotes the first line of ours that is not in the format. */
export function parseOurSamples(text: string): Sample[] {
  return ourLines(text)
    .filter((line) => line.startsWith(PREFIX))
    .map(parseSample);
}

function parseSample(line: string): Sample {
  const [, metric, labels = "", value = ""] = SAMPLE.exec(line) ?? [];
  if (metric === undefined || !NUMBER.test(value)) throw new Error(`not a sample: ${JSON.stringify(line)}`);
  return { metric, labels: parseLabels(labels.trimEnd(), line), value: numberOf(value) };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (LABEL.lastIndex = 0; LABEL.lastIndex < text.length; ) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error(`labels are broken: ${JSON.stringify(line)}`);
    if (Object.hasOwn(labels, name)) throw new Error(`label "${name}" is there twice: ${JSON.stringify(line)}`);
    labels[name] = value.replace(/\\[\\"n]/g, (written) => UNESCAPED[written] ?? written);
  }
  return labels;
}

function numberOf(text: string): number {
  const [, sign, isInfinite] = /^([+-]?)(inf)?/i.exec(text) ?? [];
  if (isInfinite) return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
