// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about usage from Prometheus where pods are not one target each, asked of a real one over written history: the same fleet,
 * scraped once, at two targets at once, under labels that change, under names that come back, and in two clusters.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PLAIN_PROFILE, type PricedVendor } from "../../bill/prices/model.ts";
import type { SplitRow, Usage, VendorUsage } from "../../bill/usage/model.ts";
import { usageFromPrometheus } from "../../bill/usage/prometheus/usage.ts";
import { makePrometheus } from "../../installer/prometheus/client.ts";
import { urlFetcher } from "../../installer/prometheus/fetcher.ts";
import { type Backfilled, startBackfilled } from "../envoy/driver/backfill.ts";
import type { WrittenSeries } from "../envoy/driver/blocks.ts";
import { churningFleet, type Fleet } from "../envoy/driver/churning-fleet.ts";

const HOUR = 3600;
const END = Math.floor(Date.now() / 1000 / HOUR) * HOUR - HOUR;
const BEGIN = END - 8 * HOUR;
const CHANGE = BEGIN + 3 * HOUR + 7;
const VENDORS: PricedVendor[] = ["acme", "globex"].map((name) => ({ name, gateways: [], billing: PLAIN_PROFILE }));
const OPTIONS = { from: BEGIN - 2 * HOUR, to: END + HOUR / 2, interval: 15, life: [40 * 60, 3 * HOUR] } as const;

type Labels = WrittenSeries["labels"];

/** The same samples under labels that say which of them they are; what gives undefined is left out. */
function under(
  fleet: Fleet,
  job: string,
  labelled: (labels: Labels, index: number, time: number) => Labels | undefined,
) {
  const written = new Map<string, WrittenSeries & { samples: [number, number][] }>();
  for (const { metric, labels, samples } of fleet.series) {
    for (const [index, sample] of samples.entries()) {
      const found = labelled({ ...labels, job }, index, sample[0]);
      if (found === undefined) continue;
      const key = JSON.stringify([metric, found]);
      const series = written.get(key) ?? { metric, labels: found, samples: [] };
      series.samples.push([...sample]);
      written.set(key, series);
    }
  }
  return [...written.values()];
}

const moved = (labels: Labels, port: number) => ({ ...labels, instance: `${labels.instance}${port}` });

let prometheus: Backfilled;
const usages = new Map<string, Usage>();
beforeAll(async () => {
  const steady = churningFleet({ ...OPTIONS, seed: 11, slots: 2, restarts: 0 });
  const anew = churningFleet({ ...OPTIONS, seed: 12, slots: 2, restarts: 0.5 });
  const one = churningFleet({ ...OPTIONS, seed: 13, slots: 1, restarts: 0 });
  const other = churningFleet({ ...OPTIONS, seed: 14, slots: 1, restarts: 0 });
  const named = (labels: Labels) => ({ ...labels, pod: "crawler-0" });
  const every: Record<string, WrittenSeries[]> = {
    once: under(steady, "once", (labels) => labels),
    // Alternate scrapes of either target, so that together they saw what one of them would have.
    twice: under(steady, "twice", (labels, index) => moved(labels, index % 2)),
    overlapping: [
      ...under(steady, "overlapping", (labels, _index, time) => (time < CHANGE + 1200 ? labels : undefined)),
      ...under(steady, "overlapping", (labels, _index, time) => (time > CHANGE ? moved(labels, 9) : undefined)),
    ],
    workload: under(steady, "workload", (labels, _index, time) =>
      time < CHANGE ? labels : { ...labels, workload: "crawler" },
    ),
    cluster: under(steady, "cluster", (labels, _index, time) =>
      time < CHANGE ? labels : { ...moved(labels, 1), cluster: "eu", node: "node-a" },
    ),
    "anew-once": under(anew, "anew-once", (labels) => labels),
    "anew-twice": under(anew, "anew-twice", (labels, index) => ({
      ...moved(labels, index % 2),
      ...{ endpoint: `port-${index % 2}`, prometheus_replica: `${index % 2}` },
    })),
    named: under(one, "named", named),
    unnamed: under(one, "unnamed", (labels) => labels),
    clusters: [
      ...under(one, "clusters", (labels) => ({ ...named(labels), cluster: "eu" })),
      ...under(other, "clusters", (labels) => ({ ...named(labels), cluster: "us" })),
    ],
    other: under(other, "other", (labels) => labels),
    some: [
      ...under(steady, "some", (labels, index) => moved({ ...labels, namespace: "crawl-twice" }, index % 2)),
      ...under(one, "some", (labels, _index, time) =>
        time < CHANGE ? labels : { ...labels, workload: "crawler", namespace: labels.namespace ?? "" },
      ),
      ...under(anew, "some", (labels) => ({ ...labels, namespace: "crawl-anew" })),
    ],
    late: under(one, "late", (labels, _index, time) => (time < CHANGE ? undefined : labels)),
  };
  prometheus = await startBackfilled(Object.values(every).flat());
  const source = makePrometheus(urlFetcher(prometheus.url, new AbortController().signal));
  const period = { from: BEGIN * 1000, to: END * 1000 };
  for (const job of Object.keys(every))
    usages.set(job, await usageFromPrometheus({ period, vendors: VENDORS, source, job }));
  for (const job of ["once", "twice", "overlapping", "anew-twice", "named", "clusters", "some"]) {
    const request = { period, vendors: VENDORS, source, job, fewPods: 0 };
    usages.set(`${job}, as of many`, await usageFromPrometheus(request));
  }
});
afterAll(() => prometheus?.stop());

const usageOf = (job: string) => usages.get(job) as Usage;
const totals = (job: string) => usageOf(job).vendors.map(({ vendor, total }) => ({ vendor: vendor.name, ...total }));
const bytesOf = (job: string) =>
  usageOf(job).vendors.map(({ total }) => total.sentBytes + total.receivedBytes) as [number, number];

/** Rows of splits come in the order of Prometheus' answers. */
function sorted({ vendors, ...usage }: Usage) {
  const inOrder = (rows: readonly SplitRow[]) => [...rows].sort((a, b) => (a.value < b.value ? -1 : 1));
  const splitsOf = ({ splits }: VendorUsage) => Object.entries(splits).map(([name, rows]) => [name, inOrder(rows)]);
  return { ...usage, vendors: vendors.map((vendor) => ({ ...vendor, splits: splitsOf(vendor) })) };
}

describe("usage of a fleet", () => {
  it("that is scraped once is not nothing, and needs no note", () => {
    expect(Math.min(...bytesOf("once"))).toBeGreaterThan(1e7);
    expect(usageOf("once").notes).toEqual([]);
  });

  it.each([
    ["at two targets at once", "twice"],
    ["at one target and then at another, for a while at both", "overlapping"],
    ["under a workload that it did not have before", "workload"],
    ["under another cluster, node and instance than before", "cluster"],
  ])("that is scraped %s is the same to the byte, and that is said", (_how, job) => {
    expect(totals(job)).toEqual(totals("once"));
    expect(usageOf(job).notes.join()).toContain("several targets at once");
  });

  it.each(["once", "twice", "overlapping", "anew-twice", "named", "clusters", "some"])(
    "(%s) is the same where pods that are scraped twice are asked for in one expression",
    (job) => {
      expect(sorted(usageOf(`${job}, as of many`))).toEqual(sorted(usageOf(job)));
    },
  );

  it("tells the loss of pods, however many targets they have", () => {
    const [once, twice] = [usageOf("once").loss, usageOf("twice").loss];
    expect(twice?.ends).toBe(once?.ends);
    expect((twice?.meanLifeSeconds ?? 0) / (once?.meanLifeSeconds ?? 1)).toBeGreaterThan(0.8);
    expect((twice?.meanLifeSeconds ?? 0) / (once?.meanLifeSeconds ?? 1)).toBeLessThan(1.25);
  });

  it("books what labels changed for under the labels that it had last", () => {
    const workloads = usageOf("workload").vendors[0]?.splits.workload.map(({ value }) => value);
    expect(workloads).toEqual(["crawl/crawler"]);
  });

  it("whose sidecars begin anew, at two targets at once, is the same but for one scrape at either end of a target", () => {
    const [once, twice] = [bytesOf("anew-once"), bytesOf("anew-twice")];
    for (const index of [0, 1] as const) expect(Math.abs(twice[index] - once[index]) / once[index]).toBeLessThan(0.01);
  });

  it("whose pods come back under their name, at another address, counts each of them from 0", () => {
    expect(totals("named")).toEqual(totals("unnamed"));
  });

  it("that was not scraped at first says so: what its pods had counted counts", () => {
    expect(usageOf("late").notes).toContain(
      "1 pod had been running before Prometheus saw it: its counters count from their beginning",
    );
  });

  it("in two clusters under the same names is all of it", () => {
    const [one, other] = [bytesOf("unnamed"), bytesOf("other")];
    expect(bytesOf("clusters")).toEqual([one[0] + other[0], one[1] + other[1]]);
  });
});
