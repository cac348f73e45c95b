// SPDX-License-Identifier: Apache-2.0
/**
 * The comparison that the other cluster tests rest on finds what it is there to find.
 */
import { describe, expect, it } from "vitest";
import { readSamples, sum } from "./counters.ts";
import { lostCounters } from "./growth.ts";

const read = (text: string) => readSamples(text, "proxymeter_");
const BEFORE = read(
  'proxymeter_a_total{host="x",vendor="v"} 5\nproxymeter_a_total{host="y",vendor="v"} 2\nproxymeter_gauge{} 9',
);

describe("lostCounters", () => {
  it("is empty when all counters grew or stayed, whatever the order of their labels", () => {
    const after = read('proxymeter_a_total{vendor="v",host="x"} 5\nproxymeter_a_total{vendor="v",host="y"} 3\n');
    expect(lostCounters(BEFORE, after)).toEqual([]);
  });

  it("names counters that went away and counters that shrank", () => {
    expect(lostCounters(BEFORE, read('proxymeter_a_total{host="x",vendor="v"} 4\n'))).toEqual([
      'proxymeter_a_total{host="x",vendor="v"} was 5 and is 4',
      'proxymeter_a_total{host="y",vendor="v"} was 2 and is gone',
    ]);
  });
});

describe("readSamples and sum", () => {
  it("reads escaped label values and adds up the series that match", () => {
    const samples = read(
      'proxymeter_b_total{host="a\\"b",v="1"} 1\nproxymeter_b_total{host="c",v="1"} 2\nother_total{v="1"} 4\n',
    );
    expect(samples[0]?.labels).toEqual({ host: 'a"b', v: "1" });
    expect(sum(samples, "proxymeter_b_total", { v: "1" })).toBe(3);
    expect(sum(samples, "other_total")).toBe(0);
  });
});
