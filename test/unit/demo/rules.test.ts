// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the rules as the local rig runs them: all of them, as often as a short run needs, but for growths.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { RULES } from "../../../demo/paths.ts";
import { hastened, writeRules } from "../../../demo/prometheus/rules.ts";

describe("hastened", () => {
  it.each([
    [undefined, "2s"],
    ["15s", "2s"],
    ["1m", "2s"],
    ["5m", "5m"],
    ["30m", "30m"],
    ["1h", "1h"],
  ])("makes of the interval %s %s", (interval, want) => {
    const group = { name: "g", rules: [], ...(interval !== undefined && { interval }) };
    expect(hastened({ groups: [group] }).groups?.[0]?.interval).toBe(want);
  });
});

describe("writeRules", () => {
  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), "proxymeter-test-"));
    onTestFinished(() => rmSync(made, { recursive: true }));
    return made;
  };

  it("writes every group of the project's rules, with all its rules", () => {
    const files = writeRules(RULES, folder());
    const groups = files.flatMap(
      (file) => parse(readFileSync(file, "utf8")).groups as { name: string; rules: object[] }[],
    );
    const own = files.flatMap(
      (file) => parse(readFileSync(join(RULES, file.replace(/^.*\//, "")), "utf8")).groups as typeof groups,
    );
    expect(groups.length).toBeGreaterThan(10);
    expect(groups.map(({ name, rules }) => [name, rules])).toEqual(own.map(({ name, rules }) => [name, rules]));
  });

  it("writes nothing where there are no rules", () => {
    expect(writeRules("/nowhere", folder())).toEqual([]);
  });
});
