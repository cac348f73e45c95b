// SPDX-License-Identifier: Apache-2.0
/**
 * Alerts on our own pipeline and on Prometheus: each fires for what it is meant for and stays silent otherwise.
 */
import { describe, expect, it } from "vitest";
import * as recorded from "../../grafana/recorded.ts";
import { alive, counter, type Piece, sample, steady, type Target } from "./driver/pods.ts";
import { differences, type Expectation, fires, type Series, silent } from "./driver/promtool.ts";
import { levels, recordedSeries } from "./driver/recorded.ts";

const life = (minutes: number): Piece[] => [{ minutes, perMinute: 1 }];
const story = (series: readonly Series[], ...expected: Expectation[]) => differences({ series, expect: expected });
const fleet = (size: number, pieces: readonly Piece[], first = 0) =>
  Array.from({ length: size }, (_, at) => alive({ pod: `p${first + at}` }, pieces)).flat();
const constant = (value: number, minutes: number) => counter([{ minutes, perMinute: 0 }], value);
const outageOf = (minutes: number): Piece[] => [
  { minutes: 20, perMinute: 1 },
  { minutes, perMinute: 1, unseen: true },
  { minutes: 40 - minutes, perMinute: 1 },
];

describe("ProxymeterScrapeOutage", () => {
  const NAME = "ProxymeterScrapeOutage";

  it("fires within a scrape outage of five minutes, and is over after it", () => {
    expect(
      story(
        fleet(5, outageOf(5)),
        silent("20m", NAME),
        fires("25m", NAME, { severity: "critical" }),
        silent("35m", NAME),
      ),
    ).toBe("");
  });

  it("stays silent for one missed minute, for one dead pod of five, and for a single young target", () => {
    expect(story(fleet(5, outageOf(1)), silent("22m", NAME), silent("24m", NAME))).toBe("");
    const dead = { minutes: 60, perMinute: 1, unseen: true } as const;
    expect(story([...fleet(4, life(60)), ...fleet(1, [dead], 4)], silent("30m", NAME))).toBe("");
    expect(story([sample("up", { pod: "p0" }, "0 0 0 0")], silent("2m", NAME))).toBe("");
  });
});

describe("ProxymeterNothingScraped", () => {
  const NAME = "ProxymeterNothingScraped";

  it("fires when discovery finds no target for five minutes", () => {
    expect(story(fleet(3, life(20)), silent("19m", NAME), fires("30m", NAME, { severity: "critical" }))).toBe("");
  });

  it("stays silent while targets exist, even if all fail", () => {
    const failing: Piece[] = [{ minutes: 30, perMinute: 1, unseen: true }];
    expect(story(fleet(3, failing), silent("25m", NAME))).toBe("");
  });
});

describe("ProxymeterScrapeBurn", () => {
  const NAME = "ProxymeterScrapeBurn";
  const FAILING: Piece[] = [{ minutes: 80, perMinute: 1, unseen: true }];

  it("fires critically when a fifth of the targets fails for an hour", () => {
    const series = [...fleet(8, life(80)), ...fleet(2, FAILING, 8)];
    const expr = `group by (severity) (ALERTS{alertname="${NAME}",alertstate="firing",long_window="1h"})`;
    expect(story(series, { at: "75m", expr, samples: [{ labels: { severity: "critical" }, value: 1 }] })).toBe("");
  });

  it("fires as a warning when 8 % fail for hours, and is over when the past half hour was good", () => {
    const series = (recent: number) => [
      recordedSeries(recorded.SCRAPE_FAILURES["6h"], {}, levels([0.08, 60])),
      recordedSeries(recorded.SCRAPE_FAILURES["30m"], {}, levels([recent, 60])),
      sample("up", { pod: "p0" }, levels([1, 240])),
      ...["p1", "p2", "p3", "p4"].map((pod) => sample("up", { pod }, levels([1, 240]))),
    ];
    const run = (recent: number, expected: Expectation) =>
      differences({ rules: ["alerts"], series: series(recent).map(byMinute), scrape: "1m", expect: [expected] });
    expect(run(0.08, fires("45m", NAME, { severity: "warning", long_window: "6h" }))).toBe("");
    expect(run(0.001, silent("45m", NAME))).toBe("");
  });

  it("stays silent at one failure in a hundred", () => {
    const pieces = Array.from({ length: 4 }, (): Piece[] => [
      ...life(19),
      { minutes: 1, perMinute: 1, unseen: true },
    ]).flat();
    expect(story([...fleet(9, life(80)), ...fleet(1, pieces, 9)], silent("75m", NAME))).toBe("");
  });

  it("stays silent at low volume: the only pod starts slowly", () => {
    const slow: Piece[] = [
      { minutes: 1, perMinute: 1, unseen: true },
      { minutes: 3, perMinute: 1 },
    ];
    expect(story(fleet(1, slow), silent("4m", NAME))).toBe("");
  });
});

/** Enough samples for a story by the minute. */
function byMinute(series: Series): Series {
  return { ...series, values: series.values.split(" ").slice(0, 60).join(" ") };
}

describe("ProxymeterCoverageLow", () => {
  const NAME = "ProxymeterCoverageLow";
  const bare = (size: number) =>
    Array.from({ length: size }, (_, at) => sample("up", { pod: `bare${at}` }, constant(1, 40)));

  it("fires when one pod of eleven is scraped without the filter", () => {
    expect(story([...fleet(10, life(40)), ...bare(1)], fires("35m", NAME, { severity: "warning" }))).toBe("");
  });

  it("stays silent when all are covered, and in a fleet of three, where each pod is its own alert", () => {
    expect(story(fleet(11, life(40)), silent("35m", NAME))).toBe("");
    expect(story([...fleet(2, life(40)), ...bare(1)], silent("35m", NAME))).toBe("");
  });
});

describe("ProxymeterScrapesSlow", () => {
  const NAME = "ProxymeterScrapesSlow";
  const durations = (...all: number[]) =>
    all.flatMap((duration, at) => {
      const target: Target = { pod: `p${at}` };
      return [...alive(target, life(40)), sample("scrape_duration_seconds", target, constant(duration, 40))];
    });

  it("fires when scrapes come near their timeout", () => {
    expect(story(durations(6, 7, 6), fires("35m", NAME, { severity: "warning" }))).toBe("");
  });

  it("stays silent for fast scrapes, and for slow ones of other jobs", () => {
    expect(story(durations(0.1, 0.2, 1), silent("35m", NAME))).toBe("");
    const other = sample("scrape_duration_seconds", { pod: "x", job: "node" }, constant(9, 40));
    expect(story([...durations(0.1), other], silent("35m", NAME))).toBe("");
  });
});

describe("ProxymeterPrometheusSeriesGrowth", () => {
  const NAME = "ProxymeterPrometheusSeriesGrowth";
  const head = (before: number, after: number) => [
    {
      series: 'prometheus_tsdb_head_series{job="prometheus",instance="p"}',
      values: levels([before, 288], [after, 24]),
    },
  ];
  const run = (series: Series[], expected: Expectation) =>
    differences({ rules: ["alerts"], scrape: "5m", evaluation: "5m", series, expect: [expected] });

  it("fires when there are twice the series of yesterday", () => {
    expect(run(head(300_000, 600_000), fires("25h30m", NAME, { instance: "p" }))).toBe("");
  });

  it("stays silent for slow growth, and in a small Prometheus", () => {
    expect(run(head(300_000, 390_000), silent("25h30m", NAME))).toBe("");
    expect(run(head(3000, 9000), silent("25h30m", NAME))).toBe("");
  });
});

describe("ProxymeterPrometheusMissedRules", () => {
  const NAME = "ProxymeterPrometheusMissedRules";
  const missed = (group: string, perMinute: number, metric = "prometheus_rule_group_iterations_missed_total") => [
    { series: `${metric}{instance="p",rule_group="${group}"}`, values: steady(perMinute, 40) },
  ];
  const OURS = "/etc/rules/recording.yaml;proxymeter-growths";

  it.each(["prometheus_rule_group_iterations_missed_total", "prometheus_rule_evaluation_failures_total"])(
    "fires when %s of our groups grows",
    (metric) => {
      expect(story(missed(OURS, 0.2, metric), fires("35m", NAME, { rule_group: OURS }))).toBe("");
    },
  );

  it("stays silent while nothing is missed, and for other people's groups", () => {
    expect(story(missed(OURS, 0), silent("35m", NAME))).toBe("");
    expect(story(missed("node.rules", 1), silent("35m", NAME))).toBe("");
  });
});
