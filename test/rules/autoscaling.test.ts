// SPDX-License-Identifier: Apache-2.0
/**
 * The examples of docs/objects.md for scaling crawlers: the adapter's rules as promtool computes them once they are filled in as
 * the adapter does, and that the autoscalers ask for what it offers.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as recorded from "../../grafana/recorded.ts";
import { differences } from "./driver/promtool.ts";

const page = readFileSync(new URL("../../docs/objects.md", import.meta.url), "utf8");

function block<T>(wanted: string): T {
  const text = new RegExp(`^\`\`\`yaml ${wanted}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(page)?.[1];
  if (text === undefined) throw new Error(`cannot find \`\`\`yaml ${wanted} in docs/objects.md`);
  return parse(text) as T;
}

interface Rule {
  seriesQuery: string;
  name: { as: string };
  metricsQuery: string;
}

interface Autoscaler {
  spec: {
    metrics: { pods: { metric: { name: string } } }[];
    behavior?: Record<"scaleDown" | "scaleUp", { stabilizationWindowSeconds: number }>;
  };
}

const { rules } = block<{ rules: Rule[] }>("prometheus-adapter");
const metricOf = (name: string) => block<Autoscaler>(name).spec.metrics.map(({ pods }) => pods.metric.name);

/** For these pods, by the templates of https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/config.md */
function query(name: string, pods: string): string {
  const rule = rules.find(({ name: { as } }) => as === name);
  const series = /__name__="([^"]+)"/.exec(rule?.seriesQuery ?? "")?.[1] ?? "";
  return (rule?.metricsQuery ?? "")
    .replaceAll("<<.Series>>", series)
    .replaceAll("<<.LabelMatchers>>", `namespace="crawl",pod=~"${pods}"`)
    .replaceAll("<<.GroupBy>>", "pod");
}

const series = (name: string, pod: string, vendor: string, value: number) => ({
  series: `${name}{namespace="crawl",workload="crawler",pod="${pod}",proxy_vendor="${vendor}"}`,
  values: `${value}x4`,
});
const connections = (pod: string, vendor: string, value: number) =>
  series(recorded.POD_ACTIVE_CONNECTIONS, pod, vendor, value);
const requests = (pod: string, vendor: string, value: number) => series(recorded.POD_REQUESTS_RATE, pod, vendor, value);
const faults = (pod: string, vendor: string, value: number) => series(recorded.POD_FAULTS_RATE, pod, vendor, value);

/** Two vendors in pod a, of which one fails a quarter; b without requests; c with nothing but faults; d with faults of one vendor. */
const FLEET = [
  ...[connections("a", "acme", 100), requests("a", "acme", 8), faults("a", "acme", 2)],
  ...[connections("a", "globex", 40), requests("a", "globex", 5)],
  ...[connections("b", "acme", 60), requests("b", "acme", 0)],
  ...[connections("c", "acme", 80), requests("c", "acme", 4), faults("c", "acme", 4)],
  ...[connections("d", "acme", 10), requests("d", "acme", 1), faults("d", "acme", 1)],
  ...[connections("d", "globex", 10), requests("d", "globex", 1), faults("d", "globex", 0)],
];

describe("scaling of crawlers", () => {
  it("asks for what the adapter's rules offer", () => {
    expect([...metricOf("hpa-connections"), ...metricOf("hpa-vendor-faults")]).toEqual(
      rules.map(({ name }) => name.as),
    );
  });

  it("rests on recorded series only", () => {
    const texts = rules.flatMap(({ seriesQuery, metricsQuery }) => [seriesQuery, metricsQuery]).join("\n");
    const known = Object.values(recorded).flatMap((name) => (typeof name === "string" ? [name] : Object.values(name)));
    expect([...new Set(texts.match(/\w+:proxymeter_\w+:\w+/g))].filter((name) => !known.includes(name))).toEqual([]);
  });

  it("by connections has each pod's sum over its vendors", () => {
    const expected = [
      { labels: { pod: "a" }, value: 140 },
      { labels: { pod: "c" }, value: 80 },
    ];
    const expr = query("proxymeter_active_connections", "a|c");
    expect(differences({ rules: [], series: FLEET, expect: [{ at: "1m", expr, samples: expected }] })).toBe("");
  });

  it("by vendor faults has fewer where a vendor fails, none where all fails, and all where nothing was asked", () => {
    const expected = [
      { labels: { pod: "a" }, value: 115 },
      { labels: { pod: "b" }, value: 60 },
      { labels: { pod: "c" }, value: 0 },
      { labels: { pod: "d" }, value: 10 },
    ];
    const expr = query("proxymeter_working_connections", "a|b|c|d");
    expect(differences({ rules: [], series: FLEET, expect: [{ at: "1m", expr, samples: expected }] })).toBe("");
  });

  it("by vendor faults is slow both ways", () => {
    const { behavior } = block<Autoscaler>("hpa-vendor-faults").spec;
    expect([behavior?.scaleDown, behavior?.scaleUp].map((way) => way?.stabilizationWindowSeconds)).toEqual([300, 300]);
  });
});
