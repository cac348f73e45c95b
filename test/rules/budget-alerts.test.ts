// SPDX-License-Identifier: Apache-2.0
/**
 * Money in rules and its alerts, with the constants that the installer writes: each fires and stays silent.
 */
import { describe, expect, it } from "vitest";
import * as recorded from "../../grafana/recorded.ts";
import { COSTS } from "../../grafana/rules/recording/money.ts";
import { constantsOf } from "../../installer/objects/vendor-constants.ts";
import { parseVendors } from "../../installer/vendors/read.ts";
import { alive, counter, type Piece, requests, sample, steady, type Target, vendor } from "./driver/pods.ts";
import { differences, type Expectation, fires, type Series, silent } from "./driver/promtool.ts";
import { levels, recordedSeries } from "./driver/recorded.ts";

const ACME = { proxy_vendor: "acme" };
const IN_EUR = { ...ACME, currency: "EUR" };
const A: Target = { pod: "a" };
const GB = 1e9;

function constants(more: string): object[] {
  const text = `apiVersion: proxymeter.io/v1
vendors:
  - name: acme
    gateways: [{host: gw.acme.example, ports: [8080]}]
    price: {currency: EUR, perGB: 4}
    ${more}
`;
  return [constantsOf(parseVendors(text, "test"))];
}

const BUDGET = constants("alerts: {monthlyBudget: 1000}");

describe("cost", () => {
  const life: Piece[] = [{ minutes: 66, perMinute: 1 }];
  const traffic = [
    ...alive(A, life),
    ...vendor("acme", A, { requests: steady(60, 66), sent: steady(GB / 10, 66), received: steady(GB, 66) }),
    sample("proxymeter_overhead_sent_bytes_total", A, steady(GB / 100, 66), { ...ACME, kind: "proxy_handshake" }),
    sample("proxymeter_failed_received_bytes_total", A, steady(GB / 4, 66), { ...ACME, outcome: "vendor_error" }),
  ];
  const month = (value: number): Expectation => ({
    at: "65m",
    expr: `round(${recorded.VENDOR_COST_MONTH}, 0.0001)`,
    samples: [{ labels: IN_EUR, value }],
  });
  const MINUTES = 64;
  const run = (profile: string, expected: Expectation) =>
    differences({ rules: ["recording"], groups: constants(profile), series: traffic, expect: [expected] });

  it.each([
    ["both directions, without the vendor's own failures, by default", "billing: {}", 1.1 - 0.25],
    ["only what was received", "billing: {directions: received, unbilledOutcomes: []}", 1],
    ["without proxy handshakes", "billing: {handshake: false, unbilledOutcomes: []}", 1.1 - 0.01],
  ])("of the month is by the profile: %s", (_what, profile, gigabytes) => {
    expect(run(profile, month(Number((gigabytes * 4 * MINUTES).toFixed(4))))).toBe("");
  });

  it.each([
    ["that a tunnel was refused with are left out once", 60, 0, 0.004, 1.1 - 0.01],
    ["of plain requests are no handshakes", 30, 30, 0.004, 1.1 - 0.01 - 0.002],
    ["beyond all handshakes are left out as failures", 60, 0, 0.03, 1.1 - 0.03],
  ])("of the month without handshakes and failures: bytes %s", (_what, tunnels, plain, failed, gigabytes) => {
    const refused = { outcome: "vendor_error", code: "502" };
    const series = [
      ...traffic.filter(({ series }) => !series.startsWith("proxymeter_failed")),
      requests("acme", A, steady(tunnels, 66), { ...refused, protocol: "connect" }),
      requests("acme", A, steady(plain, 66), { ...refused, protocol: "http" }),
      sample("proxymeter_failed_sent_bytes_total", A, steady(failed * GB, 66), { ...ACME, outcome: "vendor_error" }),
    ];
    const expected = month(Number((gigabytes * 4 * MINUTES).toFixed(4)));
    const groups = constants("billing: {handshake: false}");
    expect(differences({ rules: ["recording"], groups, series, expect: [expected] })).toBe("");
  });

  it("of the month begins anew with the month", () => {
    // promtool's clock starts at 1970; the first window belongs to the December before.
    const minutes = 32 * 24 * 60;
    const cost = recordedSeries(recorded.VENDOR_COST_INCREASE, IN_EUR, levels([1, minutes / 60 + 1]));
    const expr = `max by (proxy_vendor, currency) (${recorded.VENDOR_COST_MONTH})`;
    const rules = { record: recorded.VENDOR_COST_MONTH, expr: monthRule() };
    const number = { record: "fleet:proxymeter_month:number", expr: "month(vector(time() - 60))" };
    const story = {
      rules: [],
      groups: [{ name: "month", interval: "1h", rules: [rules, number] }],
      scrape: "1h",
      evaluation: "1h",
      series: [cost],
      expect: [
        { at: "700h", expr, samples: [{ labels: IN_EUR, value: 700 }] },
        { at: "749h", expr, samples: [{ labels: IN_EUR, value: 5 }] },
      ],
    };
    expect(differences(story)).toBe("");
  });

  it("of the month outlives days without traffic, and is not carried into the next month by them", () => {
    // An hour of traffic on the first day, nothing for 33 days, an hour in February.
    const idle = 33 * 24;
    const cost = recordedSeries(recorded.VENDOR_COST_INCREASE, IN_EUR, levels(["_", 1], [10, 1], ["_", idle], [3, 1]));
    const price = recordedSeries(recorded.PRICE_PER_BYTE, IN_EUR, levels([1, idle + 10]));
    const expr = `max by (proxy_vendor, currency) (${recorded.VENDOR_COST_MONTH})`;
    const number = { record: "fleet:proxymeter_month:number", expr: "month(vector(time() - 60))" };
    const story = {
      rules: [],
      groups: [
        {
          name: "month",
          interval: "5m",
          rules: [{ record: recorded.VENDOR_COST_MONTH, expr: monthRule() }, number],
        },
      ],
      scrape: "1h",
      evaluation: "1h",
      series: [cost, price],
      expect: [
        { at: "600h", expr, samples: [{ labels: IN_EUR, value: 10 }] },
        { at: `${31 * 24 + 5}h`, expr, samples: [{ labels: IN_EUR, value: 0 }] },
      ],
    };
    expect(differences(story)).toBe("");
  });
});

/** The rule as it is shipped. */
function monthRule(): string {
  const rule = COSTS.find(({ record }) => record === recorded.VENDOR_COST_MONTH);
  return rule?.expr ?? "";
}

describe("ProxymeterBudgetBurn", () => {
  const NAME = "ProxymeterBudgetBurn";
  /** Spending a window of five minutes, before and in the past hour. */
  const spending = (before: number, now: number, hours: number) => [
    recordedSeries(recorded.VENDOR_COST_INCREASE, IN_EUR, levels([before, (hours - 1) * 12], [now, 13])),
    recordedSeries(recorded.MONTHLY_BUDGET, IN_EUR, levels([1000, hours * 12 + 1])),
  ];
  const run = (series: Series[], expected: Expectation) =>
    differences({ rules: ["alerts"], scrape: "5m", evaluation: "5m", series, expect: [expected] });
  const EVEN = 1000 / 730 / 12;

  it("fires critically at twelve times an even pace, and as a warning at three times for three days", () => {
    const fast = fires("7h", NAME, { ...IN_EUR, severity: "critical" });
    const severe = { ...fast, expr: fast.expr.replace('"firing"', '"firing",severity="critical"') };
    expect(run(spending(12 * EVEN, 12 * EVEN, 7), severe)).toBe("");
    expect(run(spending(3 * EVEN, 3 * EVEN, 80), fires("80h", NAME, { ...IN_EUR, severity: "warning" }))).toBe("");
  });

  it("stays silent at an even pace, when the burst is over, and without a budget", () => {
    expect(run(spending(EVEN, EVEN, 80), silent("80h", NAME))).toBe("");
    expect(
      run(spending(12 * EVEN, 0, 7), {
        ...silent("7h", NAME),
        expr: `ALERTS{alertname="${NAME}",alertstate="firing",severity="critical"}`,
      }),
    ).toBe("");
    expect(run(spending(12 * EVEN, 12 * EVEN, 7).slice(0, 1), silent("7h", NAME))).toBe("");
  });
});

describe("ProxymeterBudgetExhausting and ProxymeterBudgetSpent", () => {
  const month = (spent: number, days: number) => [
    recordedSeries(recorded.VENDOR_COST_MONTH, IN_EUR, levels([spent, 60])),
    recordedSeries(recorded.VENDOR_BUDGET_DAYS, IN_EUR, levels([days, 60])),
    recordedSeries(recorded.MONTHLY_BUDGET, IN_EUR, levels([1000, 60])),
  ];
  const run = (series: Series[], ...expected: Expectation[]) =>
    differences({ rules: ["alerts"], scrape: "1m", series, expect: expected });

  it("fire when two days are left early in the month, and when all is spent", () => {
    expect(
      run(month(600, 2), fires("45m", "ProxymeterBudgetExhausting", IN_EUR), silent("45m", "ProxymeterBudgetSpent")),
    ).toBe("");
    expect(run(month(1001, 0), fires("5m", "ProxymeterBudgetSpent", IN_EUR))).toBe("");
  });

  it("stay silent when the budget lasts, when little is spent, and without a budget", () => {
    expect(
      run(month(600, 20), silent("45m", "ProxymeterBudgetExhausting"), silent("45m", "ProxymeterBudgetSpent")),
    ).toBe("");
    expect(run(month(100, 2), silent("45m", "ProxymeterBudgetExhausting"))).toBe("");
    expect(
      run(
        month(5000, 0).slice(0, 2),
        silent("45m", "ProxymeterBudgetExhausting"),
        silent("45m", "ProxymeterBudgetSpent"),
      ),
    ).toBe("");
  });

  it("know from the traffic itself how many days are left", () => {
    const series = [
      ...alive(A, [{ minutes: 66, perMinute: 1 }]),
      ...vendor("acme", A, { sent: counter([{ minutes: 66, perMinute: 0 }]), received: steady(GB / 100, 66) }),
    ];
    // 0.04 EUR a minute of 1,000 EUR; the first of thirteen windows had four minutes only.
    const spent = 0.04 * 64;
    const left = (1000 - spent) / ((spent / 13) * 288);
    const expr = `round(${recorded.VENDOR_BUDGET_DAYS}, 0.1)`;
    const expected = { at: "65m", expr, samples: [{ labels: IN_EUR, value: Math.round(left * 10) / 10 }] };
    expect(differences({ rules: ["recording"], groups: BUDGET, series, expect: [expected] })).toBe("");
  });
});
