// SPDX-License-Identifier: Apache-2.0
/**
 * Rates of single pods: which series there are, and what ranks pods.
 */
import { expect, it } from "vitest";
import * as recorded from "../../grafana/recorded.ts";
import { alive, steady, type Target, vendor } from "./driver/pods.ts";
import { differences, type Expectation, type Series } from "./driver/promtool.ts";

const A: Target = { pod: "a" };
const MINUTES = 15;

/** Counters of one vendor that grow by so much a second. */
function counters(name: string, requests: number, sent: number, received: number): Series[] {
  const at = (perSecond: number) => steady(perSecond * 60, MINUTES);
  return vendor(name, A, { requests: at(requests), sent: at(sent), received: at(received) });
}

const series = [
  ...alive(A, [{ minutes: MINUTES, perMinute: 1 }]),
  ...counters("acme", 2, 300, 4000),
  ...counters("globex", 0, 0, 0),
  ...counters("refused", 3, 0, 0),
  ...counters("unknown", 0, 50, 0),
  ...counters("other", 0, 0, 0),
];

function perVendor(record: string, values: Record<string, number>, at = "14m"): Expectation {
  const samples = Object.entries(values).map(([proxy_vendor, value]) => ({ labels: { proxy_vendor }, value }));
  return { at, expr: `round(sum by (proxy_vendor) (${record}), 0.001)`, samples };
}

const check = (...expect: Expectation[]) => differences({ rules: ["recording"], series, expect });

it("a pod has every vendor, also at 0, but `other` and `unknown` only where it ever had traffic of them", () => {
  expect(
    check(
      perVendor(recorded.POD_REQUESTS_RATE, { acme: 2, globex: 0, refused: 3, unknown: 0 }),
      perVendor(recorded.POD_SENT_RATE, { acme: 300, globex: 0, refused: 0, unknown: 50 }),
      perVendor(recorded.POD_RECEIVED_RATE, { acme: 4000, globex: 0, refused: 0, unknown: 0 }),
    ),
  ).toBe("");
});

it("namespaces and vendors have all of them at 0", () => {
  const all = { acme: 2, globex: 0, refused: 3, unknown: 0, other: 0 };
  expect(check(perVendor(recorded.NAMESPACE_REQUESTS_RATE, all), perVendor(recorded.VENDOR_REQUESTS_RATE, all))).toBe(
    "",
  );
});

it("pods are ranked by requests and bytes together, where there were some", () => {
  expect(check(perVendor(recorded.POD_WEIGHT_RATE, { acme: 4302, refused: 3, unknown: 50 }))).toBe("");
  const grown = { acme: 4302 * 300, refused: 3 * 300, unknown: 50 * 300 };
  expect(check(perVendor(recorded.POD_WEIGHT_INCREASE, grown, "10m"))).toBe("");
});

it("a pod with traffic is active", () => {
  const samples = [{ labels: { namespace: "crawl" }, value: 1 }];
  expect(check({ at: "14m", expr: `sum by (namespace) (${recorded.NAMESPACE_ACTIVE_PODS})`, samples })).toBe("");
});
