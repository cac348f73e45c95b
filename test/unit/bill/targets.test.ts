// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about pods that Prometheus has several times: which targets are one process, and that its counters count once. A real
 * Prometheus is asked in test/slow/bill-targets.test.ts.
 */
import { describe, expect, it } from "vitest";
import { grownOnce, type Row } from "../../../bill/usage/prometheus/growth.ts";
import { doubledSeconds, processesOf, type TargetLife } from "../../../bill/usage/prometheus/processes.ts";
import { grownProcesses } from "../../../bill/usage/prometheus/targets.ts";

const HOUR = 3600;

/** A target of a process with two workers that began at a time. */
function target(began: number, first: number, last: number, labels: Record<string, string> = {}): TargetLife {
  const beat = (time: number) => 2 * (time - began);
  return { labels: { pod: "crawler-0", ...labels }, first, last, firstBeat: beat(first), lastBeat: beat(last) };
}

const sizes = (...targets: TargetLife[]) => processesOf(targets).map(({ length }) => length);

describe("targets of a pod's name", () => {
  it.each<[string, number[], TargetLife[]]>([
    ["beside each other, of one process", [2], [target(0, 0, 9 * HOUR), target(0, 7, 9 * HOUR)]],
    ["one after the other, of one process", [2], [target(0, 0, HOUR), target(0, HOUR + 60, 9 * HOUR)]],
    ["one after the other, after a long outage", [2], [target(0, 0, HOUR), target(0, 3 * HOUR, 9 * HOUR)]],
    ["under another cluster than before", [2], [target(0, 0, HOUR), target(0, HOUR + 15, 2 * HOUR, { cluster: "eu" })]],
    ["three of one process", [3], [target(0, 0, HOUR), target(0, 60, 2 * HOUR), target(0, 2 * HOUR + 15, 3 * HOUR)]],
    ["a process after another one", [1, 1], [target(0, 0, HOUR), target(HOUR + 5, HOUR + 20, 9 * HOUR)]],
    ["a process after another one that had lived shortly", [1, 1], [target(0, 10, 400), target(410, 420, 9 * HOUR)]],
    ["a process after another one that had lived for a minute", [1, 1], [target(0, 10, 100), target(105, 110, HOUR)]],
    ["beside each other, of two processes", [1, 1], [target(0, 0, 9 * HOUR), target(2 * HOUR, 2 * HOUR, 9 * HOUR)]],
    ["of two short lives with a long outage between", [1, 1], [target(0, 10, 1200), target(1500, 8400, 9 * HOUR)]],
    ["of two clusters", [1, 1], [target(0, 0, HOUR, { cluster: "eu" }), target(0, 0, HOUR, { cluster: "us" })]],
    [
      "that was older than the one before when it was seen",
      [1, 1],
      [target(HOUR, HOUR, 2 * HOUR), target(-9 * HOUR, 2 * HOUR + 60, 3 * HOUR)],
    ],
  ])("%s", (_title, want, targets) => {
    expect(sizes(...targets)).toEqual(want);
    expect(sizes(...[...targets].reverse())).toEqual(want);
  });

  it("of one process were doubled as long as they were beside each other, within the window", () => {
    const process = [target(0, 0, 100), target(0, 60, 150), target(0, 90, 120)];
    expect(doubledSeconds(process, 0, 1000)).toBe(40 + 30);
    expect(doubledSeconds(process, 80, 110)).toBe(20 + 20);
    expect(doubledSeconds([target(0, 0, 100), target(0, 100, 200)], 0, 1000)).toBe(0);
  });
});

describe("counters of such pods", () => {
  const place = { namespace: "crawl", pod: "crawler-0" };
  const old = { ...place, instance: "a" };
  const late = { ...place, instance: "b", workload: "crawler" };
  const row = (target: Record<string, string>, vendor: string, value: number): Row => ({
    labels: { __name__: "m_total", ...target, proxy_vendor: vendor },
    value,
  });
  const targets = (...processes: Record<string, string>[][]) => ({
    processes: new Map([
      ["crawl/crawler-0", processes.map((labels) => labels.map((one, index) => target(0, index, 10 + index, one)))],
    ]),
    targetLabels: ["instance", "namespace", "pod", "workload"],
    doubledSeconds: 0,
  });
  const one = targets([old, late]);

  it("grow from the last value under any labels, and are booked under the latest", () => {
    const now = [row(old, "acme", 100), row(late, "acme", 130), row(late, "globex", 7)];
    expect(grownProcesses(now, [row(old, "acme", 90)], one)).toEqual([
      { labels: row(late, "acme", 0).labels, value: 40 },
      { labels: row(late, "globex", 0).labels, value: 7 },
    ]);
  });

  it("grow to the largest value where the latest labels were scraped earlier", () => {
    const now = [row(old, "acme", 140), row(late, "acme", 130)];
    for (const rows of [now, [...now].reverse()])
      expect(grownProcesses(rows, [row(old, "acme", 90)], one)).toEqual([
        { labels: row(late, "acme", 0).labels, value: 50 },
      ]);
  });

  it("go on where only the labels of before are in the time before", () => {
    expect(grownProcesses([row(late, "acme", 130)], [row(old, "acme", 100)], one)).toMatchObject([{ value: 30 }]);
  });

  it("that fell while nothing was scraped are those of two processes, whatever the heartbeats say", () => {
    const lives = [target(0, 0, 300, old), target(600, 4000, 9 * HOUR, late)];
    const seen = { ...one, processes: new Map([["crawl/crawler-0", [lives]]]) };
    expect(grownProcesses([row(old, "acme", 100), row(late, "acme", 30)], [], seen)).toMatchObject([
      { value: 100 },
      { value: 30 },
    ]);
    expect(grownProcesses([row(late, "acme", 30)], [row(old, "acme", 100)], seen)).toMatchObject([{ value: 30 }]);
    expect(grownProcesses([row(old, "acme", 100), row(late, "acme", 130)], [], seen)).toMatchObject([{ value: 130 }]);
  });

  it("of two processes grow apart", () => {
    const now = [row(old, "acme", 100), row(late, "acme", 30)];
    expect(grownProcesses(now, [row(old, "acme", 90)], targets([old], [late]))).toMatchObject([
      { value: 10 },
      { value: 30 },
    ]);
  });

  it("of a target without heartbeats are its own, and those of other pods are left to others", () => {
    const unknown = { ...place, instance: "c" };
    const other = { ...late, namespace: "elsewhere" };
    const now = [row(unknown, "acme", 5), row(other, "acme", 9)];
    expect(grownProcesses(now, [], one)).toEqual([{ labels: row(unknown, "acme", 0).labels, value: 5 }]);
  });
});

describe("series that are read sample by sample", () => {
  const series = (instance: string, ...points: [number, number][]) => ({ labels: { pod: "p", instance }, points });
  const grown = (...all: ReturnType<typeof series>[]) =>
    grownOnce(all, { from: 100_000, to: 200_000 }).reduce((sum, { value }) => sum + value, 0);

  it("count once where two targets are beside each other, with a fall in both", () => {
    const a = series("a", [90, 10], [110, 20], [130, 3], [150, 5], [190, 9]);
    expect(grown(a)).toBe(19);
    expect(grown(a, series("b", [95, 12], [125, 1], [185, 8]))).toBe(19);
  });

  it("count once where targets differ in other labels of theirs too, and apart in other clusters", () => {
    const at = (labels: Record<string, string>) => ({
      labels: { pod: "p", ...labels },
      points: [
        [110, 1000],
        [150, 1800],
      ] as [number, number][],
    });
    const window = { from: 100_000, to: 200_000 };
    const targetLabels = ["cluster", "endpoint", "instance", "namespace", "pod", "prometheus_replica"];
    const values = (...all: Record<string, string>[]) =>
      grownOnce(all.map(at), window, targetLabels).map(({ value }) => value);
    expect(values({ instance: "a", endpoint: "x" }, { instance: "b", endpoint: "y" })).toEqual([1800]);
    expect(values({ prometheus_replica: "0" }, { prometheus_replica: "1" })).toEqual([1800]);
    expect(values({ cluster: "eu", endpoint: "x" }, { cluster: "us", endpoint: "y" })).toEqual([1800, 1800]);
    expect(values({ proxy_vendor: "acme" }, { proxy_vendor: "globex" })).toEqual([1800, 1800]);
  });

  it("count what a target saw before and after the fullest one", () => {
    const a = series("a", [110, 20], [130, 30], [150, 40]);
    expect(grown(a, series("b", [104, 15], [195, 100]))).toBe(100);
    expect(grown(a, series("b", [95, 5], [140, 35], [195, 100]))).toBe(95);
  });

  it("do not take two scrapes at about the same time for a fall", () => {
    const a = series("a", [110, 20], [130, 30], [150, 40]);
    expect(grown(a, series("b", [109, 21], [151, 39], [190, 50]))).toBe(50);
  });

  it("count each where one comes after the other", () => {
    expect(grown(series("a", [90, 10], [110, 20]), series("b", [150, 4], [190, 6]))).toBe(16);
  });
});
