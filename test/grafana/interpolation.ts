// SPDX-License-Identifier: Apache-2.0
/**
 * Fills Grafana's words into a query as Grafana does for its Prometheus source, with all values of every variable chosen.
 *
 * @see https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/
 */

export interface View {
  /** Seconds that the dashboard shows. */
  rangeSeconds: number;
  /** Seconds between two points of a panel. */
  stepSeconds: number;
  scrapeSeconds: number;
  /** Values other than "All", by variable. */
  chosen?: Readonly<Record<string, string>>;
}

const VARIABLES = ["cluster", "namespace", "vendor", "pool", "destination"];

export function interpolate(expr: string, { rangeSeconds, stepSeconds, scrapeSeconds, chosen = {} }: View): string {
  const rateSeconds = Math.max(stepSeconds + scrapeSeconds, 4 * scrapeSeconds);
  const words: [string, string][] = [
    ["$__rate_interval", `${rateSeconds}s`],
    ["$__interval_ms", String(stepSeconds * 1000)],
    ["$__interval", `${stepSeconds}s`],
    ["$__range_s", String(rangeSeconds)],
    ["$__range", `${rangeSeconds}s`],
    ...VARIABLES.map((name): [string, string] => [`$${name}`, chosen[name] ?? ".*"]),
  ];
  return words.reduce((text, [word, value]) => text.replaceAll(word, value), expr);
}
