// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about what usage asks of Prometheus where pods are not one target each, and what it says of them: with a source that answers
 * by what it is asked. A real Prometheus is asked in test/slow/bill-targets.test.ts.
 */
import { describe, expect, it } from "vitest";
import { PLAIN_PROFILE } from "../../../bill/prices/model.ts";
import type { Labels, MetricsSource, Row } from "../../../bill/usage/prometheus/growth.ts";
import { plainTargets } from "../../../bill/usage/prometheus/plain.ts";
import { processesOf, type TargetLife } from "../../../bill/usage/prometheus/processes.ts";
import { usageFromPrometheus } from "../../../bill/usage/prometheus/usage.ts";
import * as contract from "../../../filter/core/contract.ts";

const HOUR = 3600;
const FROM = Date.UTC(2026, 9, 1) / 1000;
const PERIOD = { from: FROM * 1000, to: (FROM + 24 * HOUR) * 1000 };
const VENDORS = [{ name: "acme", billing: PLAIN_PROFILE, gateways: [] }];

function life(labels: Labels, first: number, last: number): TargetLife {
  return { labels, first: FROM + first, last: FROM + last, firstBeat: first, lastBeat: last };
}

/** Has such targets; pods that are named began anew. */
function sourceOf(targets: readonly TargetLife[], restarted: readonly string[]) {
  const asked: string[] = [];
  const rows = (member: "first" | "last" | "firstBeat" | "lastBeat", promql: string): Row[] =>
    targets
      .filter(({ labels }) => promql.includes(labels.pod ?? "?"))
      .map((target) => ({ labels: target.labels, value: target[member] }));
  const answers: [RegExp, (promql: string) => Row[]][] = [
    [
      /^\(group by \(cluster, namespace, pod\)/,
      () => restarted.map((pod) => ({ labels: { namespace: "crawl", pod }, value: 1 })),
    ],
    [
      /^\(group by \(namespace, pod\)/,
      () => targets.map(({ labels: { namespace = "", pod = "" } }) => ({ labels: { namespace, pod }, value: 1 })),
    ],
    [/^min_over_time\(timestamp/, (promql) => rows("first", promql)],
    [/^max_over_time\(timestamp/, (promql) => rows("last", promql)],
    [/^min_over_time/, (promql) => rows("firstBeat", promql)],
    [/^max_over_time/, (promql) => rows("lastBeat", promql)],
  ];
  const ask = <Answer>(promql: string, answer: Answer) => {
    asked.push(promql);
    return Promise.resolve(answer);
  };
  const source: MetricsSource = {
    query: (promql) => ask(promql, answers.find(([form]) => form.test(promql))?.[1](promql) ?? []),
    raw: (promql) => ask(promql, []),
  };
  return { source, asked };
}

async function use(targets: readonly TargetLife[], restarted: readonly string[] = []) {
  const { source, asked } = sourceOf(targets, restarted);
  const said: string[] = [];
  const usage = await usageFromPrometheus({ period: PERIOD, vendors: VENDORS, source, say: (line) => said.push(line) });
  return { notes: usage.notes.join(), asked, said };
}

const at = (pod: string, more: Labels = {}) => ({ namespace: "crawl", pod, ...more });
const twice = (pod: string) => [
  life(at(pod, { instance: "a" }), 0, 9 * HOUR),
  life(at(pod, { instance: "b" }), 10, 9 * HOUR),
];
const changed = [life(at("p-0"), 0, HOUR), life(at("p-0", { cluster: "eu" }), HOUR + 15, 9 * HOUR)];

describe("a pod whose sidecar began anew", () => {
  const NOTE = "1 pod began anew on a day on which labels of its target changed";

  it("is told of where its labels changed on that day, since it may count twice", async () => {
    expect((await use(changed, ["p-0"])).notes).toContain(NOTE);
  });

  it("is not told of where its labels stayed, or where it did not begin anew", async () => {
    expect((await use(twice("p-0"), ["p-0"])).notes).not.toContain("began anew");
    expect((await use(changed)).notes).not.toContain("began anew");
  });

  it("has each of its families read once", async () => {
    const { asked } = await use([], ["p-0"]);
    const raw = asked.filter((promql) => promql.startsWith(`${contract.REQUESTS}{`));
    expect(raw).toHaveLength(1);
  });
});

describe("pods with several targets", () => {
  const many = Array.from({ length: 120 }, (_, index) => twice(`crawler-${index}`)).flat();

  it("are looked at by the minute alone, without the other pods", async () => {
    const { asked } = await use(twice("crawler-7"));
    const looks = asked.filter((promql) => promql.includes(":1m]"));
    expect(looks).toHaveLength(2);
    for (const look of looks) expect(look).toContain('pod=~"crawler-7"');
  });

  it("are told of batch by batch", async () => {
    const { said } = await use(many);
    expect(said.filter((line) => line.includes(contract.VENDOR_REQUESTS))).toEqual(
      [1, 51, 101].map(
        (first) => `asking for ${contract.VENDOR_REQUESTS} of pods with several targets (${first} of 120)`,
      ),
    );
  });

  it("are asked for in one expression where there are many, and nothing else changed about them", async () => {
    const all = [...many, ...Array.from({ length: 120 }, (_, index) => twice(`worker-${index}`)).flat(), ...changed];
    const { asked } = await use(all);
    expect(asked.some((promql) => promql.includes("max without (instance)"))).toBe(true);
    const named = asked.filter((promql) => promql.startsWith(`last_over_time(${contract.VENDOR_REQUESTS}{`));
    expect(named.length).toBe(2);
    for (const promql of named) expect(promql).toContain('pod=~"p-0"');
  });
});

describe("pods that are nothing but scraped twice", () => {
  const plain = (targets: readonly TargetLife[], restarted: readonly string[] = []) =>
    plainTargets(
      new Map(
        [...Map.groupBy(targets, ({ labels }) => `crawl/${labels.pod}`)].map(([name, own]) => [name, processesOf(own)]),
      ),
      new Set(restarted),
      0,
    );

  it("are those of one process at several targets at once", () => {
    expect(plain([...twice("p-1"), ...changed])).toEqual({
      names: new Set(["crawl/p-1"]),
      apart: [{ namespace: "crawl", pod: "p-0" }],
      differing: ["instance"],
    });
  });

  it.each<[string, TargetLife[], string[]]>([
    ["those that began anew", twice("p-1"), ["crawl/p-1"]],
    [
      "one target after the other",
      [life(at("p-1", { instance: "a" }), 0, HOUR), life(at("p-1", { instance: "b" }), HOUR + 15, 9 * HOUR)],
      [],
    ],
    [
      "two processes",
      [
        life(at("p-1", { instance: "a" }), 0, 9 * HOUR),
        { ...life(at("p-1", { instance: "b" }), HOUR, 9 * HOUR), firstBeat: 0 },
      ],
      [],
    ],
    [
      "targets of several workloads",
      [life(at("p-1"), 0, 9 * HOUR), life(at("p-1", { workload: "w" }), 10, 9 * HOUR)],
      [],
    ],
  ])("are not %s", (_title, targets, restarted) => {
    expect(plain(targets, restarted)).toBeUndefined();
  });
});
