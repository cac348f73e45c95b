// SPDX-License-Identifier: Apache-2.0
/**
 * Alerts on vendors: each fires for what it is meant for and stays silent under the hazards that look like it.
 */
import { describe, expect, it } from "vitest";
import * as recorded from "../../grafana/recorded.ts";
import { alive, counter, type Piece, requests, sample, steady, type Target, vendor } from "./driver/pods.ts";
import { differences, type Expectation, fires, type Series, silent } from "./driver/promtool.ts";
import { levels, recordedSeries } from "./driver/recorded.ts";

const ACME = { proxy_vendor: "acme" };
const A: Target = { pod: "a" };
const life = (minutes: number, perMinute = 60): Piece[] => [{ minutes, perMinute }];

/** A pod with so many good and bad requests a minute. */
function pod(target: Target, minutes: number, good: number, bad: number, outcome = "vendor_error"): Series[] {
  return [
    ...alive(target, life(minutes)),
    ...vendor("acme", target, {
      requests: steady(good + bad, minutes),
      sent: steady(good * 1000, minutes),
      received: steady(good * 50_000, minutes),
    }),
    requests("acme", target, steady(good, minutes), { outcome: "ok" }),
    requests("acme", target, steady(bad, minutes), { outcome, code: outcome === "rate_limited" ? "429" : "503" }),
  ];
}

const story = (series: readonly Series[], ...expected: Expectation[]) => differences({ series, expect: expected });
const alone = (series: readonly Series[], ...expected: Expectation[]) =>
  differences({ rules: ["alerts"], scrape: "1m", series, expect: expected });

describe("ProxymeterVendorSuccessBurn", () => {
  const NAME = "ProxymeterVendorSuccessBurn";
  /** With little more than an hour of history every window sees the same. */
  const burnsFast: Expectation = {
    at: "69m",
    expr: `group by (proxy_vendor, severity) (ALERTS{alertname="${NAME}",alertstate="firing",long_window="1h"})`,
    samples: [{ labels: { ...ACME, severity: "critical" }, value: 1 }],
  };

  it("fires at the fastest burn when most requests fail for an hour", () => {
    expect(story(pod(A, 70, 2, 8), burnsFast)).toBe("");
  });

  it.each([
    ["1h", "5m", 0.8, "critical"],
    ["6h", "30m", 0.4, "critical"],
    ["1d", "2h", 0.2, "warning"],
    ["3d", "6h", 0.08, "warning"],
  ] as const)(
    "fires on %s and %s together, and not when the short window has recovered",
    (long, short, value, severity) => {
      const series = (recent: number) => [
        recordedSeries(recorded.FAULT_RATIO[long], ACME, levels([value, 60])),
        recordedSeries(recorded.FAULT_RATIO[short], ACME, levels([recent, 60])),
        recordedSeries(recorded.SUCCESS_OBJECTIVE, ACME, levels([0.95, 60])),
        recordedSeries(recorded.VENDOR_REQUESTS_INCREASE, ACME, levels([500, 60])),
      ];
      const who = { proxy_vendor: "acme", long_window: long, severity };
      expect(alone(series(value), fires("45m", NAME, who))).toBe("");
      expect(alone(series(0.01), silent("45m", NAME))).toBe("");
    },
  );

  it("rests on a ratio that pod churn hardly moves: pods of five minutes that fail a fifth of ten requests a minute", () => {
    const lives = Array.from({ length: 24 }, (_, at) => {
      const born: Piece = { minutes: 5 * Math.floor(at / 2), absent: true };
      const target = { pod: `p${at}` };
      const grows = (perMinute: number, first = 0) => counter([born, { minutes: 5, perMinute }], first);
      return [
        ...alive(target, [born, { minutes: 5, perMinute: 1 }]),
        ...vendor("acme", target, { requests: grows(10) }),
        requests("acme", target, grows(8), { outcome: "ok" }),
        // Its series is there from the first fault on, which no rate sees.
        requests("acme", target, grows(2, 1), { outcome: "vendor_error", code: "503" }),
      ];
    });
    const expr = `abs(${recorded.FAULT_RATIO["1h"]} - 0.2) < bool 0.04`;
    expect(story(lives.flat(), { at: "58m", expr, samples: [{ labels: ACME, value: 1 }] })).toBe("");
  });

  it("stays silent at low volume: three failures out of three an hour", () => {
    expect(story(pod(A, 70, 0, 0.05), silent("69m", NAME))).toBe("");
  });

  it("stays silent when sites fail, which is not the vendor's fault", () => {
    expect(story(pod(A, 70, 2, 8, "target_error"), silent("69m", NAME))).toBe("");
  });

  it("stays silent when a second job or a second address of the failing pod would double its faults over the limit", () => {
    const objective = { record: recorded.SUCCESS_TARGET, expr: "vector(0.5)", labels: ACME };
    const bad = { pod: "b" };
    const series = [
      ...pod(A, 70, 12, 0),
      ...pod(bad, 70, 0, 8),
      ...pod({ ...bad, job: "istio-proxies" }, 70, 0, 8),
      ...pod({ ...bad, instance: "b:15020" }, 70, 0, 8),
    ];
    const groups = [{ name: "constants", interval: "1m", rules: [objective] }];
    const ratio = { at: "69m", expr: recorded.FAULT_RATIO["3d"], samples: [{ labels: {}, value: 0.4 }] };
    const expected = [silent("69m", NAME), { ...ratio, expr: `max(round(${ratio.expr}, 0.01))` }];
    expect(differences({ groups, series, expect: expected })).toBe("");
  });

  it("fires for pods of the built-in encoding, whose requests have no outcome", () => {
    const series = [
      ...alive(A, life(70), "builtin"),
      ...vendor("acme", A, { requests: steady(10, 70) }),
      requests("acme", A, steady(10, 70), { code: "0", protocol: "socks5" }),
      sample("proxymeter_duration_milliseconds_count", A, steady(8, 70), { ...ACME, result: "vendor_fault" }),
      sample("proxymeter_duration_milliseconds_count", A, steady(2, 70), { ...ACME, result: "ok" }),
    ];
    expect(story(series, burnsFast)).toBe("");
  });

  it("fires for `detail: counters`, where no durations are taken", () => {
    expect(pod(A, 1, 1, 1).some(({ series }) => series.includes("milliseconds"))).toBe(false);
    expect(story(pod(A, 70, 2, 8, "reset"), burnsFast)).toBe("");
  });
});

describe("ProxymeterPoolDegraded", () => {
  const NAME = "ProxymeterPoolDegraded";
  const pools = (bad: number, volume: number) => [
    ...alive(A, life(45)),
    ...vendor("acme", A, { requests: steady(volume * 21, 45) }),
    requests("acme", A, steady(volume * 20, 45), { outcome: "ok", pool: "us" }),
    requests("acme", A, steady(volume * (1 - bad), 45), { outcome: "ok", pool: "eu" }),
    requests("acme", A, steady(volume * bad, 45), { outcome: "reset", code: "0", pool: "eu" }),
  ];

  it("fires for the one pool that fails, while its vendor as a whole does well", () => {
    expect(story(pools(0.5, 10), fires("44m", NAME, { ...ACME, proxy_pool: "eu" }))).toBe("");
  });

  it("stays silent below three times the allowance, and at low volume", () => {
    expect(story(pools(0.1, 10), silent("44m", NAME))).toBe("");
    expect(story(pools(0.5, 0.5), silent("44m", NAME))).toBe("");
  });
});

describe("ProxymeterVendorHandshakeSlow", () => {
  const NAME = "ProxymeterVendorHandshakeSlow";
  /** Handshakes a minute that took up to 1 s and up to 5 s. */
  const times = (fast: number, slow: number, result = "ok") =>
    [
      ["500", fast],
      ["1000", fast],
      ["5000", fast + slow],
      ["+Inf", fast + slow],
    ].map(([le, n]) =>
      sample("proxymeter_handshake_milliseconds_bucket", A, steady(n as number, 50), {
        ...ACME,
        result,
        le: le as string,
      }),
    );
  /** As often as the histograms are recorded. */
  const timed = (series: readonly Series[], ...expected: Expectation[]) =>
    differences({ evaluation: "2m", series, expect: expected });
  const base = [...alive(A, life(50)), ...vendor("acme", A, { requests: steady(20, 50) })];

  it("fires when one in five takes up to five seconds", () => {
    expect(timed([...base, ...times(16, 4)], fires("48m", NAME, ACME))).toBe("");
  });

  it("stays silent when one in fifty does, at low volume, and for requests that the crawler gave up", () => {
    expect(timed([...base, ...times(49, 1)], silent("48m", NAME))).toBe("");
    expect(timed([...base, ...times(0.2, 0.8)], silent("48m", NAME))).toBe("");
    expect(timed([...base, ...times(0, 20, "client_abort")], silent("48m", NAME))).toBe("");
  });

  it("stays silent with `detail: counters`, which takes no times", () => {
    expect(timed(base, silent("48m", NAME))).toBe("");
  });
});

describe("ProxymeterVendorDown", () => {
  const NAME = "ProxymeterVendorDown";
  const then = (before: number, after: number): string =>
    counter([
      { minutes: 10, perMinute: before },
      { minutes: 10, perMinute: after },
    ]);
  const refused = (outcome: string, code: string) => [
    ...alive(A, life(20)),
    ...vendor("acme", A, { requests: steady(12, 20) }),
    requests("acme", A, then(12, 0), { outcome: "ok" }),
    requests("acme", A, then(0, 12), { outcome, code }),
  ];

  it.each([
    ["cannot be reached", "vendor_unreachable", "0"],
    ["refuses the credentials", "vendor_auth", "407"],
    ["answers 502", "vendor_error", "502"],
  ])("fires within seven minutes of a gateway that %s", (_what, outcome, code) => {
    expect(story(refused(outcome, code), silent("10m", NAME), fires("17m", NAME, ACME))).toBe("");
  });

  it("stays silent when the gateway only limits the rate, and when the site is down", () => {
    expect(story(refused("rate_limited", "429"), silent("19m", NAME))).toBe("");
    expect(story(refused("target_unreachable", "502"), silent("19m", NAME))).toBe("");
  });

  it("stays silent at low volume", () => {
    expect(story(pod(A, 20, 0, 2, "vendor_unreachable"), silent("19m", NAME))).toBe("");
  });

  it("stays silent for a vendor that was removed from vendors.yaml and is seen no more", () => {
    const series = [...alive(A, life(40)), ...vendor("acme", A, { requests: steady(12, 10) })];
    const gone = [requests("acme", A, steady(12, 10), { outcome: "vendor_error", code: "503" })];
    expect(story([...series, ...gone], silent("39m", NAME))).toBe("");
  });
});

describe("ProxymeterBanRate", () => {
  const NAME = "ProxymeterBanRate";
  const site = { destination: "shop.example" };
  const answers = (protocol: string, good: number, banned: number, code = "403") => [
    ...alive(A, life(40)),
    ...vendor("acme", A, { requests: steady(good + banned, 40), received: steady(1e6, 40) }),
    requests("acme", A, steady(good, 40), { ...site, protocol, outcome: "ok" }),
    requests("acme", A, steady(banned, 40), { ...site, protocol, outcome: "target_error", code }),
  ];

  it.each([
    ["status", "http", "403"],
    ["status", "http", "429"],
    ["gateway", "connect", "403"],
  ])("fires with evidence %s for %s answers of %s", (evidence, protocol, code) => {
    const who = { ...ACME, destination_host: "shop.example", evidence };
    expect(story(answers(protocol, 6, 4, code), fires("39m", NAME, who))).toBe("");
  });

  it("fires for pods of the built-in encoding, which have the code", () => {
    const series = answers("http", 6, 4).map(({ series: name, values }) => ({
      series: name.replace(/,outcome="[^"]*",protocol_version="[^"]*"/, ""),
      values,
    }));
    expect(story(series, fires("39m", NAME, { evidence: "status" }))).toBe("");
  });

  it("stays silent for other refusals, for a small share, and at low volume", () => {
    expect(story(answers("http", 6, 4, "404"), silent("39m", NAME))).toBe("");
    expect(story(answers("http", 9, 1), silent("39m", NAME))).toBe("");
    expect(story(answers("http", 0.6, 0.4), silent("39m", NAME))).toBe("");
  });

  /** A day and a half of a destination, by the minute: bytes and requests a second. */
  const days = (yesterday: [number, number], today: [number, number]) =>
    [recorded.DESTINATION_RECEIVED_RATE, recorded.DESTINATION_REQUESTS_RATE].map((record, at) =>
      recordedSeries(
        record,
        { ...ACME, destination_host: "shop.example" },
        levels([yesterday[at] as number, 24 * 60], [today[at] as number, 120]),
      ),
    );

  it("fires with evidence shape when pages shrink to a tenth of yesterday's", () => {
    const who = { ...ACME, destination_host: "shop.example", evidence: "shape" };
    expect(alone(days([50_000, 1], [5000, 1]), fires("25h", NAME, who))).toBe("");
  });

  it.each<[string, [number, number], [number, number]]>([
    ["there are fewer requests of the same size", [50_000, 1], [5000, 0.1]],
    ["nothing of yesterday is known", [0, 0], [5000, 1]],
  ])("stays silent when %s", (_what, yesterday, today) => {
    expect(alone(days(yesterday, today), silent("25h", NAME))).toBe("");
  });
});
