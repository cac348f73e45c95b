// SPDX-License-Identifier: Apache-2.0
/**
 * The dashboards' queries as the fleet benchmark asks them, with and without recorded series: every one is PromQL.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { stringify } from "yaml";
import { FLOW_STEPS } from "../../../grafana/flow.ts";
import { findTool } from "../../../demo/paths.ts";
import { panelQueries, recordedExpressions, withoutRecorded } from "../../fleet/panels.ts";
import { ruleFiles } from "../../fleet/store.ts";

const queries = panelQueries(3600);
const recorded = recordedExpressions(ruleFiles());
const NAMED = /[a-z_]+:proxymeter_\w+:\w+/g;

/** promtool reads them as rules. */
function promtoolSays(expressions: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "fleet-queries-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const rules = expressions.map((expr, at) => ({ record: `query:${at}:value`, expr }));
  writeFileSync(join(folder, "rules.yaml"), stringify({ groups: [{ name: "queries", rules }] }));
  return execFileSync(findTool("promtool"), ["check", "rules", "rules.yaml"], { cwd: folder, encoding: "utf8" });
}

describe("the dashboards' queries", () => {
  it("are all there by dashboard, panel and reference, and none is asked for twice under one name", () => {
    expect(new Set(queries.map(({ dashboard }) => dashboard)).size).toBe(5);
    const names = queries.map(({ dashboard, panel, ref }) => `${dashboard}, ${panel}, ${ref}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it("have every variable filled in, and are PromQL", () => {
    expect(queries.filter(({ expr }) => /\$(?!\d)/.test(expr))).toEqual([]);
    expect(promtoolSays(queries.map(({ expr }) => expr))).toContain(`SUCCESS: ${queries.length} rules found`);
  });

  it("are stepped through as the panel asks, never finer than scrapes", () => {
    const steps = new Set(queries.map(({ stepSeconds }) => stepSeconds));
    expect(Math.min(...steps)).toBe(15);
    expect(Math.max(...steps)).toBe(3600 / FLOW_STEPS);
  });
});

describe("without recorded series", () => {
  it("they are PromQL too, and read only what reads its own past, or nobody records", () => {
    const raw = queries.map(({ expr }) => withoutRecorded(expr, recorded));
    expect(promtoolSays(raw)).toContain(`SUCCESS: ${raw.length} rules found`);
    const left = new Set(raw.flatMap((expr) => expr.match(NAMED) ?? []));
    const reasons = [...left].filter((name) => !(recorded.get(name)?.includes(name) ?? true));
    expect(reasons).toEqual([]);
  });

  it.each([
    ["a:proxymeter_x:sum", "(up)"],
    ['a:proxymeter_x:sum{pod="a"} + 1', "(up) + 1"],
    ["sum_over_time(a:proxymeter_x:sum[1h])", "sum_over_time((up)[1h:1m])"],
    ["sum_over_time(a:proxymeter_x:sum[1h:15s] offset 7d)", "sum_over_time((up)[1h:1m] offset 7d)"],
    ["a:proxymeter_x:sum offset 7d", "last_over_time((up)[1m:1m] offset 7d)"],
    ["b:proxymeter_x:sum", "b:proxymeter_x:sum"],
  ])("%s is %s", (expr, want) => {
    expect(withoutRecorded(expr, new Map([["a:proxymeter_x:sum", "up"]]))).toBe(want);
  });
});
