// SPDX-License-Identifier: Apache-2.0
/**
 * Totals that growths add up to, by hazard: every byte that was ever scraped is counted once.
 */
import { describe, expect, it } from "vitest";
import * as recorded from "../../grafana/recorded.ts";
import { alive, counter, type Piece, requests, steady, type Target, vendor } from "./driver/pods.ts";
import { differences, type Expectation, type Series } from "./driver/promtool.ts";

const ACME = { proxy_vendor: "acme" };
const A: Target = { pod: "a" };

function pod(target: Target, pieces: readonly Piece[], start = 0): Series[] {
  return [
    ...alive(target, pieces),
    ...vendor("acme", target, {
      requests: counter(pieces, start),
      sent: counter(pieces, start),
      received: counter(pieces, start),
    }),
  ];
}

/** Sum of what the windows of the first hour had. */
function total(
  value: number,
  record: string = recorded.VENDOR_RECEIVED_INCREASE,
  labels: Record<string, string> = ACME,
): Expectation {
  return { at: "60m", expr: `sum_over_time(${record}[60m])`, samples: [{ labels, value }] };
}

/** The last window ends a minute before the hour. */
const SEEN_MINUTES = 59;
const check = (series: readonly Series[], ...expect: Expectation[]) =>
  differences({ rules: ["recording"], series, expect });

/** What was found, over what was expected. */
function share(series: readonly Series[], { samples: [wanted], ...expectation }: Expectation): number {
  const said = check(series, { ...expectation, samples: [{ labels: {}, value: 0 }] });
  return Number(/got:.*?([\d.E+-]+)$/m.exec(said)?.[1]) / (wanted?.value ?? 0);
}

/** A target whose labels change after so many minutes, and whose counters go on; the scrape at that moment fails. */
function relabelled(minutes: number): Series[] {
  const seen = minutes + 1 / 4;
  const pieces = (perMinute: number): [Piece[], Piece[]] => [
    [
      { minutes, perMinute },
      { minutes: 1, absent: true },
    ],
    [
      { minutes: seen, absent: true },
      { minutes: 61 - seen, perMinute },
    ],
  ];
  return [A, { ...A, workload: "renamed" }].flatMap((target, at) => {
    const [life, beats] = [pieces(400)[at] ?? [], pieces(120)[at] ?? []];
    return pod(target, life, at * 400 * seen).map((one) =>
      one.series.includes("heartbeat") ? { ...one, values: counter(beats, at * 120 * seen) } : one,
    );
  });
}

describe("a vendor's total is what its pods' counters grew by", () => {
  it("in a steady hour", () => {
    expect(check(pod(A, [{ minutes: 61, perMinute: 400 }]), total(400 * SEEN_MINUTES))).toBe("");
  });

  it("when a burst falls between two windows, where increase() would guess", () => {
    const bursts = Array.from({ length: 12 }, (): Piece[] => [
      { minutes: 3, perMinute: 0 },
      { minutes: 1, perMinute: 8000 },
      { minutes: 1, perMinute: 0 },
    ]).flat();
    expect(check(pod(A, [...bursts, { minutes: 1, perMinute: 0 }]), total(12 * 8000))).toBe("");
  });

  it.each([5, 9])("across a scrape outage of %i minutes, which loses no bytes", (long) => {
    const outage: Piece[] = [
      { minutes: 22, perMinute: 400 },
      { minutes: long, perMinute: 4000, unseen: true },
      { minutes: 39 - long, perMinute: 400 },
    ];
    expect(check(pod(A, outage), total(400 * (SEEN_MINUTES - long) + 4000 * long))).toBe("");
  });

  it("under pod churn: a pod that comes and goes counts from 0 to its last scrape", () => {
    const short: Piece[] = [
      { minutes: 20, absent: true },
      { minutes: 8, perMinute: 4000 },
    ];
    const last = 4000 * 8 - 4000 / 4;
    expect(
      check(
        [...pod(A, [{ minutes: 61, perMinute: 400 }]), ...pod({ pod: "b" }, short)],
        total(400 * SEEN_MINUTES + last),
      ),
    ).toBe("");
  });

  it("when a pod was busy before its first scrape", () => {
    const late: Piece[] = [
      { minutes: 20, absent: true },
      { minutes: 41, perMinute: 400 },
    ];
    expect(check(pod(A, late, 5000), total(5000 + 400 * (SEEN_MINUTES - 20)))).toBe("");
  });

  it("but not with the past of an old pod that is seen for the first time", () => {
    const late: Piece[] = [
      { minutes: 20, absent: true },
      { minutes: 41, perMinute: 400 },
    ];
    const [up, , info] = alive(A, late) as [Series, Series, Series];
    const old: Series = {
      series: (alive(A, late)[1] as Series).series,
      values: counter(
        late.map((piece) => ("perMinute" in piece ? { ...piece, perMinute: 120 } : piece)),
        90_000,
      ),
    };
    const series = [
      up,
      old,
      info,
      ...vendor("acme", A, { requests: counter(late, 5e6), sent: counter(late, 5e6), received: counter(late, 5e6) }),
    ];
    // The first window that saw it, minutes 19 to 24, only tells where it stood.
    expect(check(series, total(400 * (SEEN_MINUTES - 24)))).toBe("");
  });

  it("nor with what a young pod had before an outage of more than ten minutes a second time", () => {
    const outage: Piece[] = [
      { minutes: 20, absent: true },
      { minutes: 1, perMinute: 400 },
      { minutes: 13.5, perMinute: 400, unseen: true },
      { minutes: 26.5, perMinute: 400 },
    ];
    // One worker, so that it is still young when it is seen again.
    const beats = counter(outage.map((piece) => ("perMinute" in piece ? { ...piece, perMinute: 60 } : piece)));
    const series = pod(A, outage).map((one) => (one.series.includes("heartbeat") ? { ...one, values: beats } : one));
    // The window that saw it again, minutes 34 to 39, only tells where it stood.
    expect(check(series, total(300 + 400 * (SEEN_MINUTES - 39)))).toBe("");
  });

  it("across a container's restart, but for what was not scraped of the first life", () => {
    const restart: Piece[] = [{ minutes: 31, perMinute: 400 }, { restart: true }, { minutes: 30, perMinute: 400 }];
    expect(Math.abs(share(pod(A, restart), total(400 * SEEN_MINUTES)) - 1)).toBeLessThan(0.02);
  });

  it("when a container restarts during a scrape outage: its first life to the last scrape, its second from 0", () => {
    const restart: Piece[] = [
      { minutes: 22, perMinute: 400 },
      { minutes: 3, perMinute: 400, unseen: true },
      { restart: true },
      { minutes: 4, perMinute: 400, unseen: true },
      { minutes: 32, perMinute: 400 },
    ];
    expect(check(pod(A, restart), total(400 * 22 - 100 + 400 * (SEEN_MINUTES - 25)))).toBe("");
  });

  // After 34 minutes a window ends between the two labels.
  it.each([31, 34])("when a target's labels change after %d minutes, but for what `increase` guesses", (minutes) => {
    const series = relabelled(minutes);
    expect(Math.abs(share(series, total(400 * SEEN_MINUTES)) - 1)).toBeLessThan(0.02);
    const of = (workload: string, value: number): Expectation => {
      const expr = `sum_over_time(${recorded.POD_RECEIVED_INCREASE}{workload="${workload}"}[60m])`;
      return { at: "60m", expr, samples: [{ labels: {}, value }] };
    };
    expect(Math.abs(share(series, of("crawler", 400 * minutes)) - 1)).toBeLessThan(0.05);
    expect(Math.abs(share(series, of("renamed", 400 * (SEEN_MINUTES - minutes))) - 1)).toBeLessThan(0.05);
  });

  it("when a StatefulSet's pod comes back under its name with another address", () => {
    const first = pod({ pod: "a-0", instance: "10.0.0.1:15090" }, [{ minutes: 32, perMinute: 400 }]);
    const second = pod({ pod: "a-0", instance: "10.0.0.2:15090" }, [
      { minutes: 33, absent: true },
      { minutes: 28, perMinute: 400 },
    ]);
    expect(check([...first, ...second], total(400 * 32 - 100 + 400 * (SEEN_MINUTES - 33)))).toBe("");
  });
});

describe("nothing is counted twice", () => {
  it("when a second job scrapes the same pod", () => {
    const life: Piece[] = [{ minutes: 61, perMinute: 400 }];
    expect(check([...pod(A, life), ...pod({ ...A, job: "istio-proxies" }, life)], total(400 * SEEN_MINUTES))).toBe("");
  });

  it("when our job scrapes one pod by two addresses, from the start or for a while", () => {
    const life: Piece[] = [{ minutes: 61, perMinute: 400 }];
    const twice: Piece[] = [
      { minutes: 20, absent: true },
      { minutes: 20, perMinute: 400 },
    ];
    const series = [
      ...pod(A, life),
      ...pod({ ...A, instance: "a:15020" }, life),
      ...pod({ pod: "b" }, life),
      ...pod({ pod: "b", instance: "b:15020" }, twice),
    ];
    expect(check(series, total(2 * 400 * SEEN_MINUTES))).toBe("");
  });
});

describe("nothing is counted twice of finer totals", () => {
  const labels = { proxy_vendor: "acme", proxy_pool: "eu" };
  const b: Target = { ...A, instance: "a:15020" };
  const life: Piece[] = [{ minutes: 61, perMinute: 400 }];

  it.each([
    ["a second address", b],
    ["a second job", { ...A, job: "istio-proxies" }],
  ])("when %s of a pod is scraped", (_what, second) => {
    const series = [A, second].flatMap((target) => [
      ...pod(target, life),
      requests("acme", target, steady(30, 61), { outcome: "ok", pool: "eu" }),
    ]);
    expect(check(series, total(30 * SEEN_MINUTES, recorded.POOL_REQUESTS_INCREASE, labels))).toBe("");
  });
});

describe("what a container had before its restart is not taken off again", () => {
  const labels = { proxy_vendor: "acme", proxy_pool: "eu" };
  const PAST = 1_000_000;
  const ofPool = (values: string) => requests("acme", A, values, { outcome: "ok", pool: "eu" });
  const lived = (minutes: number): Piece[] => [
    { minutes, perMinute: 0 },
    { minutes: 10, absent: true },
  ];
  const restart = (minutes: number): Piece[] => [
    { minutes, perMinute: 400 },
    { restart: true },
    { minutes: 61 - minutes, perMinute: 400 },
  ];

  // Early in a window, and in the last seconds of one.
  it.each([31, 33.75])("where a series is not made again: restart after %d minutes", (minutes) => {
    const series = [...pod(A, restart(minutes)), ofPool(counter(lived(minutes), PAST))];
    expect(check(series, total(PAST, recorded.POOL_REQUESTS_INCREASE, labels))).toBe("");
  });

  it.each([31, 33.75])("where a series is made again ten minutes later: restart after %d minutes", (minutes) => {
    const again = counter([{ minutes: 51 - minutes, perMinute: 0 }], 10);
    const series = [...pod(A, restart(minutes)), ofPool(`${counter(lived(minutes), PAST)} ${again}`)];
    expect(check(series, total(PAST + 10, recorded.POOL_REQUESTS_INCREASE, labels))).toBe("");
  });

  it("where a scrape outage follows at the end of the window", () => {
    const outage: Piece[] = [
      { minutes: 31, perMinute: 400 },
      { restart: true },
      { minutes: 2, perMinute: 400 },
      { minutes: 2, perMinute: 400, unseen: true },
      { minutes: 26, perMinute: 400 },
    ];
    const series = [...pod(A, outage), ofPool(counter(lived(31), PAST))];
    expect(check(series, total(PAST, recorded.POOL_REQUESTS_INCREASE, labels))).toBe("");
  });
});

describe("finer totals", () => {
  const life: Piece[] = [{ minutes: 61, perMinute: 40 }];
  const series = [
    ...pod(A, life),
    requests("acme", A, steady(30, 61), { outcome: "ok", pool: "eu" }),
    requests(
      "acme",
      A,
      counter(
        [
          { minutes: 30, absent: true },
          { minutes: 31, perMinute: 10 },
        ],
        1,
      ),
      { outcome: "rate_limited", code: "429", pool: "eu" },
    ),
  ];

  it("count a series that begins late in a pod's life from its first request", () => {
    const labels = { proxy_vendor: "acme", proxy_pool: "eu" };
    expect(
      check(series, total(30 * SEEN_MINUTES + 1 + 10 * (SEEN_MINUTES - 30), recorded.POOL_REQUESTS_INCREASE, labels)),
    ).toBe("");
    expect(check(series, total(1 + 10 * (SEEN_MINUTES - 30), recorded.VENDOR_FAULTS_INCREASE))).toBe("");
  });

  it("join pods of both stat encodings in one series", () => {
    const old: Target = { pod: "old" };
    const builtin = [...alive(old, life, "builtin"), requests("acme", old, steady(40, 61), { pool: "eu" })];
    const labels = { proxy_vendor: "acme", proxy_pool: "eu" };
    expect(
      check(
        [...series, ...builtin],
        total(70 * SEEN_MINUTES + 1 + 10 * (SEEN_MINUTES - 30), recorded.POOL_REQUESTS_INCREASE, labels),
      ),
    ).toBe("");
  });

  it("by destination add up to the vendor's total, with the rest as `other`", () => {
    const at = {
      at: "60m",
      expr: `sum by (proxy_vendor) (sum_over_time(${recorded.DESTINATION_REQUESTS_INCREASE}[60m]))`,
    };
    expect(check(series, { ...at, samples: [{ labels: ACME, value: 40 * SEEN_MINUTES }] })).toBe("");
  });
});
