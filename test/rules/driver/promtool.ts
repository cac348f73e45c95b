// SPDX-License-Identifier: Apache-2.0
/**
 * Runs one story through the real `promtool test rules`: series as they were scraped, then what the rules make of them.
 * promtool evaluates every group at one interval, so rules of slower groups are told to speak only at their own times.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { findTool } from "../../../demo/paths.ts";
import { ALERT_GROUPS, ruleFiles } from "../../../grafana/rules/files.ts";

export interface Series {
  /** `name{label="value"}` */
  series: string;
  /** In promtool's notation. */
  values: string;
}

/** Value of an expression at a time; labels as they come out, without a name. */
export interface Expectation {
  /** Such as `20m`. */
  at: string;
  expr: string;
  samples: readonly { labels: Readonly<Record<string, string>>; value: number }[];
}

export interface Story {
  /** Rule files by name; both where absent. */
  rules?: readonly ("recording" | "alerts")[];
  /** Rules of the installer's, such as the constants. */
  groups?: readonly object[];
  /** Time between samples; `15s` where absent. */
  scrape?: string;
  /** Time between evaluations; `1m` where absent. */
  evaluation?: string;
  series: readonly Series[];
  expect: readonly Expectation[];
}

interface Rule {
  record?: string;
  alert?: string;
  expr: string;
}

interface Group {
  name: string;
  interval?: string;
  rules: Rule[];
}

/** What promtool found otherwise than expected, or nothing. */
export function differences(story: Story): string {
  const { rules = ["recording", "alerts"], groups = [], scrape = "15s", evaluation = "1m" } = story;
  const folder = mkdtempSync(join(tmpdir(), "rules-"));
  try {
    const wanted = ruleFiles().filter(({ name }) => rules.some((rule) => name === `${rule}.yaml`));
    const all = [...(groups as Group[]), ...wanted.flatMap(({ text }) => (parse(text) as { groups: Group[] }).groups)];
    const spoken = needed(all, story.expect).map((group) => atOwnTimes(group, seconds(evaluation)));
    writeFileSync(join(folder, "rules.yaml"), stringify({ groups: spoken }));
    const expected = [...story.expect, ...story.expect.flatMap(told)];
    const test = {
      rule_files: ["rules.yaml"],
      evaluation_interval: evaluation,
      group_eval_order: spoken.map(({ name }) => name),
      tests: [{ interval: scrape, input_series: story.series, promql_expr_test: expected.map(expression) }],
    };
    writeFileSync(join(folder, "test.yaml"), stringify(test));
    execFileSync(findTool("promtool"), ["test", "rules", "test.yaml"], {
      cwd: folder,
      encoding: "utf8",
      stdio: "pipe",
    });
    return "";
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    return `${stdout}${stderr}` || String(error);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Where an alert fires, every label that its texts speak of has a value. */
function told({ at, expr, samples }: Expectation): Expectation[] {
  const [, name] = /ALERTS\{alertname="(\w+)"/.exec(expr) ?? [];
  if (name === undefined || samples.length === 0) return [];
  const rows = ALERT_GROUPS.flatMap(({ alerts }) => alerts).filter(({ alert }) => alert === name);
  const texts = rows.map(({ summary, description }) => summary + description).join();
  const labels = new Set([...texts.matchAll(/\$labels\.(\w+)/g)].map(([, label = ""]) => label));
  return [...labels].map((label) => {
    const silentAbout = `ALERTS{alertname="${name}",alertstate="firing",${label}=""}`;
    return { at, expr: silentAbout, samples: [] };
  });
}

/** The rules that the expressions rest on, directly or through others: the rest would only take time. */
function needed(groups: readonly Group[], expectations: readonly Expectation[]): Group[] {
  const rules = groups.flatMap((group) => group.rules);
  const isNamed = ({ record, alert }: Rule, text: string) =>
    (record !== undefined && text.includes(record)) || (alert !== undefined && text.includes(`"${alert}"`));
  const found = new Set<Rule>();
  let texts = expectations.map(({ expr }) => expr);
  while (texts.length > 0) {
    const next = rules.filter((rule) => !found.has(rule) && texts.some((text) => isNamed(rule, text)));
    for (const rule of next) found.add(rule);
    texts = next.map(({ expr }) => expr);
  }
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => found.has(rule)) }))
    .filter((group) => group.rules.length > 0);
}

function atOwnTimes(group: Group, evaluation: number): Group {
  const own = seconds(group.interval ?? "0s");
  if (own <= evaluation) return group;
  const rules = group.rules.map((rule) => ({
    ...rule,
    expr: `(${rule.expr}) and on () (vector(time()) % ${own} == 0)`,
  }));
  return { ...group, rules };
}

function seconds(duration: string): number {
  const [, number = "0", unit = "s"] = /^(\d+)([smh])$/.exec(duration) ?? [];
  return Number(number) * ({ s: 1, m: 60, h: 3600 }[unit] ?? 1);
}

function expression({ at, expr, samples }: Expectation): object {
  const exp = samples.map(({ labels, value }) => ({ labels: labelsText(labels), value }));
  return { eval_time: at, expr, exp_samples: exp };
}

export function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `{${pairs.join(",")}}`;
}

/** The alert fires for exactly these, told apart by the labels that the first has. */
export function fires(at: string, alert: string, ...who: Readonly<Record<string, string>>[]): Expectation {
  const by = Object.keys(who[0] ?? {});
  return {
    at,
    expr: `group by (${by.join(", ")}) (ALERTS{alertname="${alert}",alertstate="firing"})`,
    samples: who.map((labels) => ({ labels, value: 1 })),
  };
}

export function silent(at: string, alert: string): Expectation {
  return { at, expr: `ALERTS{alertname="${alert}",alertstate="firing"}`, samples: [] };
}
