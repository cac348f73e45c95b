// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the load's doubling: which options double, and which rates follow.
 */
import { describe, expect, it } from "vitest";
import { doubled, makeLoad } from "../../../../installer/validate/load.ts";
import { parseLedger } from "../../../../installer/validate/ledger.ts";
import { scaleVerdict } from "../../../../installer/validate/scale.ts";

describe("scaleVerdict", () => {
  const cases: [
    what: string,
    metered: [number, number],
    sent: [number, number] | undefined,
    state: string,
    problem: RegExp | undefined,
  ][] = [
    ["follows the generator", [50, 101], [50, 101], "PASS", undefined],
    ["follows a generator that overshot", [20, 46], [20, 46], "PASS", undefined],
    ["stays behind the generator", [50, 80], [50, 100], "FAIL", /metered x1\.60 \(expected x2\.00/],
    ["runs ahead of the generator", [50, 120], [50, 100], "FAIL", /metered x2\.40/],
    ["belongs to a load that did not double", [50, 60], [50, 60], "SKIP", /load itself only grew x1\.20/],
    ["is nothing at first", [0, 60], [50, 100], "FAIL", /no request was metered/],
    ["doubles on somebody's word", [50, 98], undefined, "PASS", undefined],
    ["does not double on somebody's word", [50, 60], undefined, "FAIL", /metered x1\.20 \(expected x1\.80 to x2\.20\)/],
    ["triples on somebody's word", [50, 150], undefined, "FAIL", /metered x3\.00/],
  ];
  it.each(cases)("where the rate %s", (_what, [before, after], sent, state, problem) => {
    const found = scaleVerdict({ before, after }, sent && { before: sent[0], after: sent[1] });
    expect(found.state).toBe(state);
    if (problem) expect(found.problems.join()).toMatch(problem);
    else expect(found.problems).toEqual([]);
  });
});

describe("doubled", () => {
  it.each([
    [
      ["--rate", "50", "--url", "u"],
      ["--rate", "100", "--url", "u"],
    ],
    [["--rate=2.5"], ["--rate=5"]],
    [
      ["--connections", "10"],
      ["--connections", "20"],
    ],
    [
      ["--url", "u"],
      ["--url", "u", "--rate", "200"],
    ],
  ])("makes of %j %j", (given, want) => {
    expect(doubled(given)).toEqual(want);
  });
});

describe("makeLoad", () => {
  it("ends with what loadgen said, and with its exit status for a mistake in its options", {
    timeout: 30_000,
  }, async () => {
    const error = await makeLoad(["--rate", "much"], new AbortController().signal).catch((cause) => cause);
    expect(error).toMatchObject({ code: "E_LOADGEN", exitCode: 2, message: expect.stringContaining('--rate "much"') });
  });
});

describe("parseLedger", () => {
  it.each([
    ["no JSON", /no JSON/],
    ["{}", /other JSON \(expected elapsedMs/],
    ['{"elapsedMs":1,"openVisits":0,"destinations":[{"vendor":"acme"}]}', /other JSON/],
  ])("refuses %s", (text, message) => {
    const expected = { code: "E_LEDGER", exitCode: 2, message: expect.stringMatching(message) };
    expect(() => parseLedger(text, "ledger.json")).toThrow(expect.objectContaining(expected));
  });
});
