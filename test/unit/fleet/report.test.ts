// SPDX-License-Identifier: Apache-2.0
/**
 * What the fleet benchmark makes of its figures: which bars are missed, and which part of the machine it names for it.
 */
import { describe, expect, it } from "vitest";
import { failedAt, limitingPart, sharesOf } from "../../fleet/limits.ts";
import type { Figures } from "../../fleet/measure.ts";
import type { PanelQuery } from "../../fleet/panels.ts";
import { dashboardsOf, type Row, summaryOf } from "../../fleet/queries.ts";
import { missedBars, tableText } from "../../fleet/report.ts";

const GIB = 2 ** 30;
const QUICK = {
  ...{ queries: 161, p95Seconds: 0.2, slowestSeconds: 0.9, slowest: "Proxymeter / Overview, Pods, A" },
  ...{ dashboardSeconds: 2, dashboard: "Proxymeter / Overview", failed: [], empty: 3 },
};

function figures(more: Partial<Figures> = {}): Figures {
  return {
    ...{ pods: 500, intervalSeconds: 15, minutes: 6, scraped: 500, samplesPerSecond: 24_000, activeSeries: 380_000 },
    ...{ seriesPerPod: 691, bytesPerSample: 3, gigabytesADayPerThousandPods: 12, residentBytes: 1.6 * GIB },
    ...{ machine: { cores: 2, memoryBytes: 8 * GIB }, cores: 0.3, rulesCores: 0.2, simulatorCores: 0.03 },
    ...{ slowestScrapeSeconds: 0.1, fastRulesSeconds: 0.7, slowestGroupSeconds: 8, slowestGroup: "proxymeter-growths" },
    ...{ missedRuleRuns: 0, groups: [], queries: [], dashboards: [], withRules: QUICK, withoutRules: QUICK },
    ...more,
  };
}

describe("the bars", () => {
  it("are held by figures at them, and missed by more", () => {
    const at = { fastRulesSeconds: 5, withRules: { ...QUICK, slowestSeconds: 1.5, dashboardSeconds: 3 } };
    expect(missedBars(figures(at))).toEqual([]);
    expect(missedBars(figures({ fastRulesSeconds: 5.01 }))).toHaveLength(1);
    expect(missedBars(figures({ scraped: 499, missedRuleRuns: 1 }))).toHaveLength(2);
  });

  it("are missed where there is no figure", () => {
    expect(missedBars(figures({ scraped: Number.NaN }))).toHaveLength(1);
  });

  it("name the query or dashboard, and the part that limits", () => {
    expect(missedBars(figures({ withRules: { ...QUICK, slowestSeconds: 1.61, dashboardSeconds: 4.4 } }))).toEqual([
      "500 pods: 95th percentile of the slowest panel query (s): 1.61 (must be at most 1.5): Proxymeter / Overview, Pods, A; limited by: queries",
      "500 pods: all queries of a dashboard (s): 4.40 (must be at most 3): Proxymeter / Overview; limited by: queries",
    ]);
  });

  it("are in the table's text, after sizes that were carried, with those that were not", () => {
    const text = tableText([figures({ missedRuleRuns: 2 })], ["2500 pods: limited by memory"]);
    expect(text).toContain("500 pods, every 15 s");
    expect(text).toMatch(/MISSED: 500 pods: rule runs missed: 2\.00 .*limited by: processor of rules/);
    expect(text.split("\n").at(-1)).toBe("FAILED: 2500 pods: limited by memory");
    expect(tableText([], ["all"])).toBe("FAILED: all");
  });
});

describe("the limiting part", () => {
  it("is the missed bar's own while the machine has a core to spare", () => {
    expect(limitingPart("queries", figures())).toBe("queries");
  });

  it("is the processor of what takes most of it where no core is left", () => {
    expect(limitingPart("queries", figures({ cores: 1.9, rulesCores: 1.3 }))).toBe("processor of rules");
    expect(limitingPart("queries", figures({ cores: 1.9, rulesCores: 0.2 }))).toBe("processor of scrapes and storage");
  });

  it("is memory where that is nearly used up, whatever else is short", () => {
    expect(limitingPart("queries", figures({ residentBytes: 7 * GIB, cores: 1.9, rulesCores: 1.9 }))).toBe("memory");
  });

  it("is told from shares of the machine; rules that waited for a core took no more than there was", () => {
    expect(sharesOf(figures({ cores: 1, rulesCores: 3 }))).toEqual([
      ["processor of rules", 0.5],
      ["memory", 0.2],
      ["processor of scrapes and storage", 0],
    ]);
  });
});

describe("a size that was not carried", () => {
  const MACHINE = { cores: 2, memoryBytes: 1024 * GIB };

  it.each([
    ["signal SIGKILL", "limited by memory: the system killed Prometheus"],
    ["exit code 2", "limited by Prometheus, which ended with exit code 2"],
  ])("is told by how Prometheus ended: %s", (ending, want) => {
    expect(failedAt(process.pid, ending, MACHINE)).toBe(want);
  });

  it("is told by its memory where it lives on", () => {
    expect(failedAt(process.pid, undefined, MACHINE)).toMatch(
      /^limited by the processor of scrapes: .* of 1024\.0 GiB/,
    );
    expect(failedAt(process.pid, undefined, { cores: 2, memoryBytes: 1 })).toMatch(/^limited by memory: /);
  });
});

describe("the queries' figures", () => {
  const query = (dashboard: string, ref: string): PanelQuery => ({
    ...{ dashboard, panel: "P", ref, expr: "x", isRange: true, stepSeconds: 15 },
  });
  const rows: Row[] = [
    [query("one", "A"), { seconds: 0.2, p95Seconds: 0.9, series: 3 }],
    [query("one", "B"), { seconds: 0.3, p95Seconds: 0.3, series: 0 }],
    [query("two", "A"), { seconds: 10, p95Seconds: 10, series: 0, error: "query timed out" }],
  ];

  it("add up each dashboard's medians", () => {
    expect(dashboardsOf(rows)).toEqual([
      { dashboard: "one", queries: 2, seconds: 0.5 },
      { dashboard: "two", queries: 1, seconds: 10 },
    ]);
  });

  it("name the slowest by its own 95th percentile, and count what failed apart from what is empty", () => {
    expect(summaryOf(rows.slice(0, 2))).toMatchObject({ slowest: "one, P, A", slowestSeconds: 0.9, empty: 1 });
    expect(summaryOf(rows)).toMatchObject({ dashboard: "two", failed: ["two, P, A: query timed out"], empty: 1 });
  });
});
