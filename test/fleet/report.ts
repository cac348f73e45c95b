// SPDX-License-Identifier: Apache-2.0
/**
 * The figures of a fleet as text, and whether they hold the bars. Pure.
 */
import Table from "cli-table3";
import type { Figures } from "./measure.ts";

export interface Bar {
  what: string;
  most: number;
  of: (figures: Figures) => number;
}

/** What must hold at every size that the machine carries. */
export const BARS: readonly Bar[] = [
  { what: "rules of a 15 s interval, together (s)", most: 5, of: ({ fastRulesSeconds }) => fastRulesSeconds },
  { what: "slowest panel query, median of its runs (s)", most: 1.5, of: ({ withRules }) => withRules.slowestSeconds },
  { what: "all queries of a dashboard (s)", most: 3, of: ({ withRules }) => withRules.dashboardSeconds },
  { what: "panel queries that failed", most: 0, of: ({ withRules }) => withRules.failed.length },
  { what: "rule runs missed", most: 0, of: ({ missedRuleRuns }) => missedRuleRuns },
  { what: "pods not scraped", most: 0, of: ({ pods, scraped }) => pods - scraped },
];

export function missedBars(figures: Figures): string[] {
  return BARS.filter(({ of, most }) => !(of(figures) <= most)).map(
    ({ what, of, most }) => `${figures.pods} pods: ${what}: ${of(figures).toFixed(2)} (must be at most ${most})`,
  );
}

const NUMBER = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

const ROWS: readonly (readonly [string, (figures: Figures) => string])[] = [
  ["pods scraped", ({ scraped, pods }) => `${WHOLE.format(scraped)} of ${WHOLE.format(pods)}`],
  ["samples of a pod", ({ seriesPerPod }) => WHOLE.format(seriesPerPod)],
  ["samples a second", ({ samplesPerSecond }) => WHOLE.format(samplesPerSecond)],
  ["active series", ({ activeSeries }) => WHOLE.format(activeSeries)],
  ["bytes of chunks for a sample", ({ bytesPerSample }) => NUMBER.format(bytesPerSample)],
  ["GB a day for 1,000 pods", (figures) => NUMBER.format(figures.gigabytesADayPerThousandPods)],
  ["resident memory of Prometheus, most (GiB)", ({ residentBytes }) => NUMBER.format(residentBytes / 2 ** 30)],
  [
    "cores: Prometheus; the simulated pods",
    (figures) => `${NUMBER.format(figures.cores)}; ${NUMBER.format(figures.simulatorCores)}`,
  ],
  ["slowest scrape (s)", ({ slowestScrapeSeconds }) => NUMBER.format(slowestScrapeSeconds)],
  ["rules of a 15 s interval, together, slowest run (s)", ({ fastRulesSeconds }) => NUMBER.format(fastRulesSeconds)],
  ["slowest rule group of any interval (s)", ({ slowestGroupSeconds }) => NUMBER.format(slowestGroupSeconds)],
  ["rule runs missed", ({ missedRuleRuns }) => WHOLE.format(missedRuleRuns)],
  [
    "panel queries; empty; failed",
    ({ withRules: { queries, empty, failed } }) => `${queries}; ${empty}; ${failed.length}`,
  ],
  ["95th percentile of them (s)", ({ withRules }) => NUMBER.format(withRules.p95Seconds)],
  ["the slowest (s)", ({ withRules }) => `${NUMBER.format(withRules.slowestSeconds)} ${withRules.slowest}`],
  [
    "slowest dashboard, all its queries (s)",
    ({ withRules }) => `${NUMBER.format(withRules.dashboardSeconds)} ${withRules.dashboard}`,
  ],
  [
    "some of them without recorded series: queries; given up after 10 s",
    ({ withoutRules: { queries, failed } }) => `${queries}; ${failed.length}`,
  ],
  ["95th percentile of them (s)", ({ withoutRules }) => NUMBER.format(withoutRules.p95Seconds)],
  ["the slowest (s)", ({ withoutRules }) => `${NUMBER.format(withoutRules.slowestSeconds)} ${withoutRules.slowest}`],
  [
    "slowest dashboard, all its queries (s)",
    ({ withoutRules }) => `${NUMBER.format(withoutRules.dashboardSeconds)} ${withoutRules.dashboard}`,
  ],
];

export function tableText(all: readonly Figures[]): string {
  const head = [
    "",
    ...all.map(({ pods, intervalSeconds }) => `${WHOLE.format(pods)} pods, every ${intervalSeconds} s`),
  ];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const [name, text] of ROWS) table.push([name, ...all.map(text)]);
  const failures = all.flatMap(({ pods, withRules }) =>
    withRules.failed.map((line) => `${pods} pods: failed: ${line}`),
  );
  return [table.toString(), ...failures, ...all.flatMap(missedBars).map((line) => `MISSED: ${line}`)].join("\n");
}
