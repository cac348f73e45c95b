// SPDX-License-Identifier: Apache-2.0
/**
 * Rules about the dashboards' queries, those of Grafana's dashboard-linter among them, named as there. Two of its rules
 * are left out: our panels select one fixed job, so they have no variables for job and instance.
 *
 * @see https://github.com/grafana/dashboard-linter/blob/main/docs/index.md
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { findTool } from "../../../../demo/paths.ts";
import * as contract from "../../../../filter/core/contract.ts";
import * as recorded from "../../../../grafana/recorded.ts";
import { type Question, questionsOf, readDashboards, selectorsOf } from "../../../grafana/checked-in.ts";
import { interpolate } from "../../../grafana/interpolation.ts";

const questions = readDashboards()
  .flatMap(questionsOf)
  .map((question): [string, Question] => [question.name, question]);
const VIEW = { rangeSeconds: 3600, stepSeconds: 15, scrapeSeconds: 15 };

const OURS = new Set<string>(Object.values(contract).filter((name) => /^proxymeter_[a-z]+_/.test(name)));
OURS.add(contract.INFO).add(contract.SERIES);
const RECORDED = new Set(
  Object.values(recorded).flatMap((name) => (typeof name === "string" ? [name] : Object.values(name))),
);
const WITHOUT_VENDOR = new Set<string>([
  ...[contract.INFO, contract.HEARTBEAT_SECONDS, contract.SERIES, contract.CONFIG_ERRORS, contract.MEMORY_BYTES],
  ...[contract.DESTINATIONS_OVERFLOW, contract.REFUSED_STREAMS, contract.UNATTRIBUTED_BYTES],
]);
/** What Prometheus writes about each scrape of ours. */
const OF_SCRAPES = ["up", "scrape_duration_seconds", "scrape_samples_post_metric_relabeling", "scrape_samples_scraped"];
const OF_OTHERS = [
  "container_cpu_usage_seconds_total",
  "container_memory_working_set_bytes",
  "container_cpu_cfs_throttled_periods_total",
  "container_cpu_cfs_periods_total",
  "kube_pod_container_status_restarts_total",
];

/** Fixed windows: growths of a day, a week, a month, the first minutes before there are any, and health over five minutes or an hour. */
const FIXED_WINDOWS = /^\[(24h|7d|30d|15m:15s|5m|1h|\$__rate_interval|\$__range|\$__range:\$__interval)\]$/;

describe("target-promql-rule", () => {
  it("Prometheus takes every query for valid", () => {
    const rules = questions.map(([, { target }], index) => ({
      record: `q${index}`,
      expr: interpolate(target.expr, VIEW),
    }));
    const folder = mkdtempSync(join(tmpdir(), "proxymeter-"));
    try {
      const file = join(folder, "queries.yaml");
      writeFileSync(file, stringify({ groups: [{ name: "queries", rules }] }));
      const said = execFileSync(findTool("promtool"), ["check", "rules", file], { encoding: "utf8", stdio: "pipe" });
      expect(said).toContain(`SUCCESS: ${rules.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Shows counters as they are: what pods that run now have counted, equal to the report of a run. */
const EXACT = "Counted so far";

describe.each(questions)("%s", (_name, { panel, target }) => {
  const selectors = selectorsOf(target.expr);

  it("asks for metrics of the contract, of our rules, or named third parties", () => {
    expect(selectors.length).toBeGreaterThan(0);
    const known = (metric: string) =>
      OURS.has(metric) || RECORDED.has(metric) || OF_SCRAPES.includes(metric) || OF_OTHERS.includes(metric);
    expect(selectors.map(({ metric }) => metric).filter((metric) => !known(metric))).toEqual([]);
  });

  it("target-job-rule: selects our job where it reads what was scraped", () => {
    const scraped = selectors.filter(({ metric }) => OURS.has(metric) || OF_SCRAPES.includes(metric));
    expect(scraped.filter(({ matchers }) => !matchers.includes(`job="${recorded.JOB}"`))).toEqual([]);
  });

  it("is narrowed by the cluster wherever it reads", () => {
    expect(selectors.filter(({ matchers }) => !matchers.includes('cluster=~"$cluster"'))).toEqual([]);
  });

  it("is narrowed by the vendor wherever a series has one", () => {
    const hasVendor = (metric: string) =>
      metric.startsWith("vendor") || (OURS.has(metric) && !WITHOUT_VENDOR.has(metric));
    const loose = selectors.filter(({ metric, matchers }) => hasVendor(metric) && !matchers.includes('=~"$vendor"'));
    expect(loose).toEqual([]);
  });

  it("target-counter-agg-rule: takes no counter but inside rate or increase, except where it is about what was counted", () => {
    const calls = panel.title === EXACT ? [""] : ["rate", "increase"];
    const counters = target.expr.matchAll(/(\w*)\(([a-z_]+_total)\{/g);
    const loose = selectors.filter(({ metric }) => metric.endsWith("_total")).length - [...counters].length;
    expect(loose).toBe(0);
    for (const [, call] of target.expr.matchAll(/(\w*)\([a-z_]+_total\{/g)) expect(calls).toContain(call);
  });

  it("target-rate-interval-rule: rates use $__rate_interval, and no other window is made up", () => {
    for (const [, window] of target.expr.matchAll(/rate\([^[]*(\[[^\]]*\])/g))
      expect(window).toBe("[$__rate_interval]");
    for (const [window] of target.expr.matchAll(/\[[^\]]*\]/g)) expect(window).toMatch(FIXED_WINDOWS);
  });

  it("is asked once or over a range, as its panel draws it", () => {
    expect(target.instant === true).not.toBe(target.range === true);
    const isOverTime = ["timeseries", "heatmap"].includes(panel.type);
    expect(target.range === true).toBe(isOverTime || (panel.type === "stat" && !target.instant));
    expect(target.format === "table").toBe(["table", "nodeGraph"].includes(panel.type));
  });

  it("names its lines only by labels that its answer has", () => {
    const labels = [...(target.legendFormat ?? "").matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
    expect(
      labels.filter((label) => !target.expr.includes(label) && label !== "reason" && label !== "proxy_vendor"),
    ).toEqual([]);
  });
});
