// SPDX-License-Identifier: Apache-2.0
/**
 * The figures of a fleet as text, whether they hold the bars, and what limits a size that does not. Pure.
 */
import Table from "cli-table3";
import { limitingPart, sharesOf } from "./limits.ts";
import type { Figures } from "./measure.ts";

export interface Bar {
  what: string;
  most: number;
  of: (figures: Figures) => number;
  /** What is behind it where nothing else is short. */
  part: string;
  /** Which one it was. */
  which?: (figures: Figures) => string;
}

/** What must hold at every size that the machine carries. */
export const BARS: readonly Bar[] = [
  {
    what: "rules of a 15 s interval, together (s)",
    most: 5,
    of: ({ fastRulesSeconds }) => fastRulesSeconds,
    part: "processor of rules",
  },
  {
    what: "95th percentile of the slowest panel query (s)",
    most: 1.5,
    of: ({ withRules }) => withRules.slowestSeconds,
    part: "queries",
    which: ({ withRules }) => withRules.slowest,
  },
  {
    what: "all queries of a dashboard (s)",
    most: 3,
    of: ({ withRules }) => withRules.dashboardSeconds,
    part: "queries",
    which: ({ withRules }) => withRules.dashboard,
  },
  {
    what: "panel queries that failed",
    most: 0,
    of: ({ withRules }) => withRules.failed.length,
    part: "queries",
  },
  { what: "rule runs missed", most: 0, of: ({ missedRuleRuns }) => missedRuleRuns, part: "processor of rules" },
  { what: "pods not scraped", most: 0, of: ({ pods, scraped }) => pods - scraped, part: "processor of scrapes" },
];

export function missedBars(figures: Figures): string[] {
  return BARS.filter(({ of, most }) => !(of(figures) <= most)).map(({ what, of, most, part, which }) => {
    const found = `${WHOLE.format(figures.pods)} pods: ${what}: ${of(figures).toFixed(2)} (must be at most ${most})`;
    const where = which === undefined ? "" : `: ${which(figures)}`;
    return `${found}${where}; limited by: ${limitingPart(part, figures)}`;
  });
}

const NUMBER = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
/** A column has to fit beside two others. */
const LONGEST = 44;

function named(seconds: number, name: string): string {
  const short = name.replaceAll("Proxymeter / ", "");
  return `${NUMBER.format(seconds)} ${short.length > LONGEST ? `${short.slice(0, LONGEST - 1)}…` : short}`;
}

function biggestShare(figures: Figures): string {
  const [part = "", share = 0] = sharesOf(figures)[0] ?? [];
  return `${part}: ${NUMBER.format(share * 100)} %`;
}

const ROWS: readonly (readonly [string, (figures: Figures) => string])[] = [
  ["pods scraped", ({ scraped, pods }) => `${WHOLE.format(scraped)} of ${WHOLE.format(pods)}`],
  ["samples of a pod", ({ seriesPerPod }) => WHOLE.format(seriesPerPod)],
  ["samples a second", ({ samplesPerSecond }) => WHOLE.format(samplesPerSecond)],
  ["active series", ({ activeSeries }) => WHOLE.format(activeSeries)],
  ["bytes of chunks for a sample", ({ bytesPerSample }) => NUMBER.format(bytesPerSample)],
  ["GB a day for 1,000 pods", (figures) => NUMBER.format(figures.gigabytesADayPerThousandPods)],
  ["resident memory of Prometheus, most (GiB)", ({ residentBytes }) => NUMBER.format(residentBytes / 2 ** 30)],
  [
    "cores: Prometheus, of that its rules; the simulated pods",
    ({ cores, rulesCores, simulatorCores }) =>
      `${NUMBER.format(cores)}, ${NUMBER.format(rulesCores)}; ${NUMBER.format(simulatorCores)}`,
  ],
  ["what it takes most of, before any query", biggestShare],
  ["slowest scrape (s)", ({ slowestScrapeSeconds }) => NUMBER.format(slowestScrapeSeconds)],
  ["rules of a 15 s interval, together, slowest run (s)", ({ fastRulesSeconds }) => NUMBER.format(fastRulesSeconds)],
  [
    "slowest rule group of any interval (s)",
    ({ slowestGroupSeconds, slowestGroup }) => named(slowestGroupSeconds, slowestGroup),
  ],
  ["rule runs missed", ({ missedRuleRuns }) => WHOLE.format(missedRuleRuns)],
  [
    "panel queries; empty; failed",
    ({ withRules: { queries, empty, failed } }) => `${queries}; ${empty}; ${failed.length}`,
  ],
  ["95th percentile of them all (s)", ({ withRules }) => NUMBER.format(withRules.p95Seconds)],
  ["the slowest, its 95th percentile (s)", ({ withRules }) => named(withRules.slowestSeconds, withRules.slowest)],
  ["slowest dashboard, all its queries (s)", ({ withRules }) => named(withRules.dashboardSeconds, withRules.dashboard)],
  [
    "without recorded series: queries; given up after 10 s or failed",
    ({ withoutRules: { queries, failed } }) => `${queries}; ${failed.length}`,
  ],
  ["95th percentile of them all (s)", ({ withoutRules }) => NUMBER.format(withoutRules.p95Seconds)],
  ["the slowest (s)", ({ withoutRules }) => named(withoutRules.slowestSeconds, withoutRules.slowest)],
  [
    "slowest dashboard, all its queries (s)",
    ({ withoutRules }) => named(withoutRules.dashboardSeconds, withoutRules.dashboard),
  ],
];

/** @param failures  lines about sizes that were not carried */
export function tableText(all: readonly Figures[], failures: readonly string[] = []): string {
  const head = [
    "",
    ...all.map(({ pods, intervalSeconds }) => `${WHOLE.format(pods)} pods, every ${intervalSeconds} s`),
  ];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const [name, text] of ROWS) table.push([name, ...all.map(text)]);
  const queries = all.flatMap(({ pods, withRules }) => withRules.failed.map((line) => `${pods} pods: failed: ${line}`));
  const missed = all.flatMap(missedBars).map((line) => `MISSED: ${line}`);
  const shown = all.length === 0 ? [] : [table.toString()];
  return [...shown, ...queries, ...missed, ...failures.map((line) => `FAILED: ${line}`)].join("\n");
}
