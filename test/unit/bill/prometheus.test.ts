// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about usage from Prometheus that need no server: growth sample by sample, workloads of pods, outcomes by status, what the
 * expressions select. Whole answers are in test/slow/bill-prometheus.test.ts.
 */
import { describe, expect, it } from "vitest";
import { outcomeOf } from "../../../bill/usage/prometheus/feeds.ts";
import { grownBy } from "../../../bill/usage/prometheus/growth.ts";
import { lossOf } from "../../../bill/usage/prometheus/loss.ts";
import {
  growth,
  growthOfPlain,
  restarted,
  samplesOf,
  seenLate,
  several,
  targetLives,
  valuesOf,
} from "../../../bill/usage/prometheus/promql.ts";
import { workloadOf } from "../../../bill/usage/prometheus/workload.ts";

const WINDOW = { from: 100_000, to: 200_000 };

describe("the growth of a counter, sample by sample", () => {
  it.each<[string, [number, number][], number]>([
    [
      "from the last value before the window",
      [
        [90, 5],
        [110, 7],
        [200, 9],
      ],
      4,
    ],
    [
      "from 0 where it appears within the window",
      [
        [110, 7],
        [190, 9],
      ],
      9,
    ],
    [
      "over a fall: it began at 0 again",
      [
        [90, 50],
        [110, 60],
        [120, 3],
        [130, 4],
      ],
      14,
    ],
    [
      "over several falls",
      [
        [110, 5],
        [120, 1],
        [130, 1],
        [140, 0],
        [150, 2],
      ],
      8,
    ],
    [
      "without values after the window",
      [
        [90, 5],
        [150, 8],
        [210, 100],
      ],
      3,
    ],
    [
      "of nothing but values from before",
      [
        [10, 5],
        [90, 6],
      ],
      0,
    ],
    [
      "over a fall between the last value before and the first within",
      [
        [90, 50],
        [150, 8],
      ],
      8,
    ],
  ])("is %s", (_title, points, want) => {
    expect(grownBy(points, WINDOW)).toBe(want);
  });
});

describe("expressions", () => {
  const scope = { job: "proxymeter", matchers: ['workload!=""'] };

  it("select the scrape job everywhere and never extrapolate", () => {
    const all = [
      growth("m_total", ["a"], scope, WINDOW, [restarted(scope, WINDOW), several(scope, WINDOW)]),
      growthOfPlain("m_total", ["a"], scope, WINDOW, {
        differing: ["instance"],
        apart: [{ namespace: "crawl", pod: "p.1" }],
      }),
      ...Object.values(targetLives(scope, WINDOW, ["p.1"])),
      seenLate(scope, WINDOW),
      ...Object.values(valuesOf("m_total", scope, WINDOW, ["p.1"])),
      samplesOf("m_total", scope, WINDOW, ["p.1"]),
    ];
    for (const text of all) {
      expect(text.match(/[a-z_]+\{/g)?.length).toBe(text.match(/job="proxymeter"/g)?.length);
      expect(text).not.toMatch(/increase|rate\(/);
    }
    expect(samplesOf("m_total", scope, { from: -86_400_000, to: 100_000 }, ["p.1"])).toBe(
      'm_total{job="proxymeter",workload!="",pod=~"p\\\\.1"}[86500000ms]',
    );
  });
});

describe("workloadOf", () => {
  it.each([
    [{ workload: "crawler", pod: "x" }, "crawler"],
    [{ pod: "crawler-7d9f8b6c5d-x2v4z" }, "crawler"],
    [{ pod: "crawler-28461234-x2v4z" }, "crawler"],
    [{ pod: "crawler-12" }, "crawler"],
    [{ pod: "crawler-eu-x2v4z" }, "crawler-eu"],
    [{ pod: "crawler" }, "crawler"],
    [{}, "unknown"],
  ])("of %j is %s", (labels, want) => {
    expect(workloadOf(labels)).toBe(want);
  });
});

describe("the outcome of a request of a pod that was not restarted", () => {
  it.each([
    ["connect", "200", "ok"],
    ["connect", "407", "vendor_auth"],
    ["connect", "403", "vendor_error"],
    ["http", "404", "target_error"],
    ["http", "429", "rate_limited"],
    ["http", "503", "vendor_error"],
    ["socks5", "0", "ok"],
  ])("%s with status %s is %s", (protocol, response_code, want) => {
    expect(outcomeOf({ protocol, response_code })).toBe(want);
    expect(outcomeOf({ protocol, response_code, outcome: "reset" })).toBe("reset");
  });
});

describe("the expected loss", () => {
  const lives = { ends: 10, resets: 1, samples: 1200, interval: 15, before: 1, seen: 20 };

  it("is s/(2T): half an interval at each end", () => {
    expect(lossOf([lives, lives])).toEqual({
      intervalSeconds: 15,
      meanLifeSeconds: 1800,
      ends: 20,
      resets: 2,
      expectedShare: 15 / 3600,
    });
    expect(lossOf([lives], 30)).toMatchObject({ intervalSeconds: 30, meanLifeSeconds: 3600 });
  });

  it("is nothing where no pod ended, and not known where nothing was scraped", () => {
    expect(lossOf([{ ...lives, ends: 0, resets: 0 }])).toEqual({
      intervalSeconds: 15,
      ends: 0,
      resets: 0,
      expectedShare: 0,
    });
    expect(lossOf([])).toBeUndefined();
    expect(lossOf([{ ...lives, samples: 0, interval: 0 }])).toBeUndefined();
  });
});
