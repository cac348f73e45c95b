// SPDX-License-Identifier: Apache-2.0
/**
 * How long Prometheus takes for our rules: by group, by rule, and all together. What it must be is in `report.ts`.
 */
import { request } from "undici";
import type { Store } from "./store.ts";

export interface RuleGroupFigures {
  name: string;
  intervalSeconds: number;
  /** Wall time of the last run, and of the slowest one. */
  lastSeconds: number;
  maxSeconds: number;
  /** Wall time of each rule's last evaluation, slowest first; a series with several rules has several rows. */
  rules: { name: string; seconds: number }[];
}

export interface RuleFigures {
  groups: RuleGroupFigures[];
  /** All groups of a 15 s interval together, the slowest seen; the slowest single group of any interval. */
  fastRulesSeconds: number;
  slowestGroupSeconds: number;
  slowestGroup: string;
  missedRuleRuns: number;
  /** Wall time of all groups for each second: cores, where nothing waits for a core. */
  rulesCores: number;
}

const LAST = "prometheus_rule_group_last_duration_seconds";
const FAST = `${LAST} and on (rule_group) (prometheus_rule_group_interval_seconds == 15)`;

export async function ruleFigures(store: Store, window: string): Promise<RuleFigures> {
  const read = async (query: string) => (await store.value(query)) ?? 0;
  const groups = await groupsOf(store, window);
  const slowest = groups[0];
  return {
    groups,
    fastRulesSeconds: await read(`max_over_time(sum(${FAST})[${window}:15s])`),
    slowestGroupSeconds: slowest?.maxSeconds ?? 0,
    slowestGroup: slowest?.name ?? "",
    missedRuleRuns: await read(`sum(increase(prometheus_rule_group_iterations_missed_total[${window}]))`),
    rulesCores: await read(`sum(rate(prometheus_rule_group_duration_seconds_sum[${window}]))`),
  };
}

/** Slowest first. */
async function groupsOf(store: Store, window: string): Promise<RuleGroupFigures[]> {
  const slowest = new Map<string, number>();
  const { data } = await store.ask("query", { query: `max by (rule_group) (max_over_time(${LAST}[${window}]))` });
  for (const { metric, value } of data.result) {
    slowest.set(metric.rule_group?.split(";").at(-1) ?? "", Number(value?.[1]));
  }
  const groups = (await askGroups(store.url)).map(({ name, interval, evaluationTime, rules }) => ({
    name,
    intervalSeconds: interval,
    lastSeconds: evaluationTime,
    maxSeconds: Math.max(evaluationTime, slowest.get(name) ?? 0),
    rules: rules
      .map((rule) => ({ name: rule.name, seconds: rule.evaluationTime }))
      .sort((a, b) => b.seconds - a.seconds),
  }));
  return groups.sort((a, b) => b.maxSeconds - a.maxSeconds);
}

interface AnsweredGroup {
  name: string;
  interval: number;
  evaluationTime: number;
  rules: { name: string; evaluationTime: number }[];
}

/** https://prometheus.io/docs/prometheus/latest/querying/api/#rules */
async function askGroups(url: string): Promise<AnsweredGroup[]> {
  const { body } = await request(`${url}/api/v1/rules`);
  return ((await body.json()) as { data: { groups: AnsweredGroup[] } }).data.groups;
}
