// SPDX-License-Identifier: Apache-2.0
/**
 * What is made of Prometheus' answers: growth within the window, of series that began before it, in it, or were only seen in it.
 */
import { describe, expect, it } from "vitest";
import { growth, keyText } from "../../../../installer/validate/figures.ts";
import { latePodsOf, readCounter } from "../../../../installer/validate/measure.ts";
import { BY_POD_AND_VENDOR, now, nowOrLast, past } from "../../../../installer/validate/promql.ts";
import type { Sample } from "../../../../installer/prometheus/answer.ts";
import type { Prometheus } from "../../../../installer/prometheus/client.ts";

const METRIC = "proxymeter_vendor_sent_bytes_total";
const WINDOW = { start: 1000, end: 1300, lagSeconds: 16 };
const scope = { namespaces: [], pods: [] };
const ending = { scope, seconds: 300 };

const sample = ([pod, value]: [string, number]): Sample => {
  return { labels: { namespace: "crawl", pod, proxy_vendor: "acme" }, value };
};

/** Answers the expressions of one counter at their times; the readings a lag before are the same. */
function prometheus(values: Record<"start" | "end" | "past", Record<string, number>>): Prometheus {
  const answers = new Map([
    [`${now(METRIC, BY_POD_AND_VENDOR)} 1000`, values.start],
    [`${now(METRIC, BY_POD_AND_VENDOR)} 984`, values.start],
    [`${nowOrLast(METRIC, BY_POD_AND_VENDOR, ending)} 1300`, values.end],
    [`${nowOrLast(METRIC, BY_POD_AND_VENDOR, ending)} 1284`, values.end],
    [`${past(METRIC, BY_POD_AND_VENDOR, ending)} 1300`, values.past],
  ]);
  const query = async (expression: string, time?: number) => {
    const found = answers.get(`${expression} ${time}`);
    if (found === undefined) throw new Error(`cannot answer ${expression} at ${time}`);
    return Object.entries(found).map(sample);
  };
  return { query } as unknown as Prometheus;
}

describe("growth within the window", () => {
  const source = { metric: METRIC, window: WINDOW, scope };
  const counter = readCounter(
    prometheus({ start: { steady: 700 }, end: { steady: 740, fresh: 40, old: 740 }, past: { old: 700 } }),
    source,
  );
  it.each([
    ["began before it", "steady"],
    ["began in it", "fresh"],
    ["was only seen in it for the first time", "old"],
  ])("is counted of a series that %s", async (_how, pod) => {
    const key = keyText({ namespace: "crawl", pod, vendor: "acme" });
    expect(growth(await counter, key, false)).toEqual({ low: 40, high: 40 });
  });

  it("names the pods that were seen late", async () => {
    expect(latePodsOf(await counter)).toEqual(["crawl/old"]);
  });
});
