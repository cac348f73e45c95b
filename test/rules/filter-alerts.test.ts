// SPDX-License-Identifier: Apache-2.0
/**
 * Alerts on the filter in the pods: each fires for what it is meant for and stays silent under what looks like it.
 */
import { describe, expect, it } from "vitest";
import * as contract from "../../filter/core/contract.ts";
import { alive, counter, type Piece, sample, type Target } from "./driver/pods.ts";
import { differences, type Expectation, fires, type Series, silent } from "./driver/promtool.ts";

const A: Target = { pod: "a" };
const B: Target = { pod: "b" };
const life = (minutes: number): Piece[] => [{ minutes, perMinute: 1 }];
const WORKLOAD = { namespace: "crawl", workload: "crawler" };
const story = (series: readonly Series[], ...expected: Expectation[]) => differences({ series, expect: expected });
const constant = (value: number, minutes: number) => counter([{ minutes, perMinute: 0 }], value);

describe("ProxymeterConfigError", () => {
  const NAME = "ProxymeterConfigError";
  const errors = (value: number, minutes = 20) => [
    ...alive(A, life(minutes)),
    sample(contract.CONFIG_ERRORS, A, constant(value, minutes)),
  ];

  it("fires for a workload whose configuration has mistakes", () => {
    expect(story(errors(2), fires("19m", NAME, WORKLOAD))).toBe("");
  });

  it("stays silent without mistakes, and when a pod with mistakes is gone", () => {
    expect(story(errors(0), silent("19m", NAME))).toBe("");
    expect(story(errors(1, 4), silent("19m", NAME))).toBe("");
  });
});

describe("ProxymeterFilterNotLoaded", () => {
  const NAME = "ProxymeterFilterNotLoaded";
  const bare = (target: Target, minutes: number) => sample("up", target, constant(1, minutes));

  it("fires when a pod answers without the filter, and counts such pods", () => {
    const series = [...alive(A, life(30)), bare(B, 30), bare({ pod: "c" }, 30)];
    const value: Expectation = {
      at: "25m",
      expr: `count(group by (pod) (up == 1) unless group by (pod) (${contract.HEARTBEAT_SECONDS}))`,
      samples: [{ labels: {}, value: 2 }],
    };
    expect(story(series, fires("25m", NAME, WORKLOAD), value)).toBe("");
  });

  it.each<[string, Series[]]>([
    ["when all pods are metered", [...alive(A, life(30)), ...alive(B, life(30))]],
    [
      "when a pod cannot be scraped, which is another alert's",
      [...alive(A, life(30)), sample("up", B, constant(0, 30))],
    ],
    ["under pod churn: pods that start get time to load it", [...alive(A, life(30)), bare(B, 4)]],
    ["when another job scrapes other pods", [...alive(A, life(30)), bare({ pod: "x", job: "kubernetes-pods" }, 30)]],
  ])("stays silent %s", (_what, series) => {
    expect(story(series, silent("25m", NAME))).toBe("");
  });
});

describe("ProxymeterHeartbeatStale", () => {
  const NAME = "ProxymeterHeartbeatStale";
  const beats = (...pieces: Piece[]) => [
    sample("up", A, constant(1, 40)),
    sample(contract.HEARTBEAT_SECONDS, A, counter(pieces)),
  ];

  it("fires when the VMs tick no more while the pod is scraped", () => {
    const series = beats({ minutes: 20, perMinute: 120 }, { minutes: 20, perMinute: 0 });
    expect(story(series, silent("20m", NAME), fires("35m", NAME, WORKLOAD))).toBe("");
  });

  it.each<[string, Piece[]]>([
    ["while it ticks", [{ minutes: 40, perMinute: 120 }]],
    ["across a restart", [{ minutes: 20, perMinute: 120 }, { restart: true }, { minutes: 20, perMinute: 120 }]],
    [
      "in a scrape outage",
      [
        { minutes: 20, perMinute: 120 },
        { minutes: 20, perMinute: 120, unseen: true },
      ],
    ],
    ["for a pod that ended", [{ minutes: 20, perMinute: 120 }]],
  ])("stays silent %s", (_what, pieces) => {
    expect(story(beats(...pieces), silent("35m", NAME))).toBe("");
  });
});

describe("ProxymeterPodScrapedTwice", () => {
  const NAME = "ProxymeterPodScrapedTwice";

  it.each<[string, Target]>([
    ["two jobs", { ...A, job: "istio-proxies" }],
    ["two addresses", { ...A, instance: "a:15020" }],
  ])("fires for a pod that is scraped by %s", (_what, second) => {
    const series = [...alive(A, life(30)), ...alive(second, life(30))];
    expect(story(series, fires("25m", NAME, { namespace: "crawl", severity: "info" }))).toBe("");
  });

  it("stays silent for pods of one name in two namespaces, and for one that comes back with another address", () => {
    const namesakes = [...alive(A, life(30)), ...alive({ ...A, namespace: "crawl-eu" }, life(30))];
    const back = [
      ...alive({ ...A, instance: "10.0.0.1:15090" }, life(15)),
      ...alive({ ...A, instance: "10.0.0.2:15090" }, [{ minutes: 15, absent: true }, ...life(15)]),
    ];
    expect(story(namesakes, silent("25m", NAME))).toBe("");
    expect(story(back, silent("29m", NAME))).toBe("");
  });
});
