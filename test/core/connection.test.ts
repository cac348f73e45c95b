// SPDX-License-Identifier: Apache-2.0
/**
 * What the readers make of whole connections, in every cut: natively and as compiled Wasm.
 * A trace says after how many bytes of a direction each event came; it may not depend on how the bytes were cut.
 */
import { describe, expect, it } from "vitest";
import { CORES } from "./core.ts";
import { CONFIG, ROWS, trace } from "./journeys.ts";

const whole = (chunk: Buffer) => [chunk];
const single = (chunk: Buffer) => [...chunk].map((byte) => Buffer.from([byte]));

/** The first byte at which bytes prove to be no protocol depends on nothing; how many went with it may. */
const CUT_MATTERS = new Set(["bytes that are no protocol of ours are unreadable at once"]);

/** Pairs of cuts are tried in full in messages up to this length, in longer ones around the fields of their start. */
const LONGEST_FOR_PAIRS = 300;
const FIELDS_END = 120;

function cuts(length: number): number[] {
  const all = Array.from({ length: Math.max(0, length - 1) }, (_, at) => at + 1);
  return length <= LONGEST_FOR_PAIRS ? all : all.filter((at) => at < FIELDS_END || at % 50 < 3 || at > length - 8);
}

function* pairs(length: number): Generator<readonly [number, number]> {
  const places = cuts(length);
  for (const [index, first] of places.entries()) {
    for (const second of places.slice(index + 1)) yield [first, second];
  }
}

describe("connection on native in pairs of cuts", () => {
  const [, core] = CORES[0] ?? expect.fail("there is no native core");

  it.each(ROWS.filter((row) => !CUT_MATTERS.has(row.name)))("$name", ({ steps, want }) => {
    core.call.configure(core.input(CONFIG));
    core.output();
    for (const [index, [, data]] of steps.entries()) {
      for (const [first, second] of pairs(data.length)) {
        const got = trace(core, steps, (chunk, step) =>
          step === index ? [chunk.subarray(0, first), chunk.subarray(first, second), chunk.subarray(second)] : [chunk],
        );
        if (got !== want) expect.fail(`step ${index} cut at ${first} and ${second}: got ${got}, want ${want}`);
      }
    }
  });
});

describe.each(CORES)("connection on %s", (_target, core) => {
  core.call.configure(core.input(CONFIG));
  core.output();

  it.each(ROWS)("$name", ({ steps, want }) => {
    expect(trace(core, steps, whole)).toBe(want);
  });

  it.each(ROWS.filter((row) => !CUT_MATTERS.has(row.name)))("byte by byte: $name", ({ steps, want }) => {
    expect(trace(core, steps, single)).toBe(want);
  });

  it.each(ROWS.filter((row) => !CUT_MATTERS.has(row.name)))("in every single cut: $name", ({ steps, want }) => {
    for (const [index, [, data]] of steps.entries()) {
      for (let at = 1; at < data.length; at++) {
        const got = trace(core, steps, (chunk, step) =>
          step === index ? [chunk.subarray(0, at), chunk.subarray(at)] : [chunk],
        );
        if (got !== want) expect.fail(`step ${index} cut at ${at}: got ${got}, want ${want}`);
      }
    }
  });
});
