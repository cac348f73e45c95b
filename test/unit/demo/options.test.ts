// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the options of the demo: defaults, units, and what is said about mistakes.
 */
import { describe, expect, it } from "vitest";
import { DemoFailure } from "../../../demo/failure.ts";
import { type RawOptions, readOptions } from "../../../demo/options.ts";

function mistakesIn(raw: RawOptions): string {
  try {
    readOptions(raw);
  } catch (error) {
    if (error instanceof DemoFailure && error.exitCode === 2) return error.message;
    throw error;
  }
  return "";
}

describe("readOptions", () => {
  it("fills in two pods, 100 requests a second, one worker, and no end", () => {
    const numbers = { pods: 2, ratePerSecond: 100, seed: 1, concurrency: 1, prometheusPort: 0, resetShare: 0 };
    expect(readOptions({})).toEqual({ ...numbers, isServed: false });
  });

  it("serves one pod unless told how many", () => {
    expect(readOptions({ serve: true })).toMatchObject({ isServed: true, pods: 1 });
    expect(readOptions({ serve: true, pods: "3" }).pods).toBe(3);
  });

  it.each(["duration", "rate", "json"] as const)("refuses --%s where others make the load", (name) => {
    expect(mistakesIn({ serve: true, [name]: "5" })).toContain(`cannot use --${name} with --serve`);
  });

  it.each([
    ["20s", 20_000],
    ["90", 90_000],
    ["1.5m", 90_000],
    ["250ms", 250],
    ["1h", 3_600_000],
  ])("reads the duration %s", (text, milliseconds) => {
    expect(readOptions({ duration: text }).durationMs).toBe(milliseconds);
  });

  it.each(["", "0s", "-1s", "20 s", "s", "20d", "25h", "1e9s"])("refuses the duration %j", (text) => {
    expect(mistakesIn({ duration: text })).toContain(`--duration "${text}"`);
  });

  it.each([
    ["pods", "0"],
    ["pods", "1.5"],
    ["pods", "two"],
    ["pods", ""],
    ["rate", "0"],
    ["concurrency", "65"],
    ["prometheusPort", "65536"],
    ["seed", "-1"],
    ["resets", "1.1"],
  ] as const)("refuses %s %j", (name, text) => {
    expect(mistakesIn({ [name]: text })).toContain(`"${text}" (expected a`);
  });

  it("names all mistakes at once", () => {
    expect(mistakesIn({ pods: "0", rate: "x", duration: "y" }).split("\n")).toHaveLength(3);
  });
});
