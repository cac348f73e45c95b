// SPDX-License-Identifier: Apache-2.0
/**
 * YAML that readers of version 1.1 and of 1.2 take for the same.
 */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { toYaml } from "../../../../installer/objects/yaml.ts";

const TRICKY = [
  ..."yes no on off y n Y N true null ~ = << - ? 1:30 012 0o12 0x1f 1_000 1e3 .5 .inf +1 2026-01-31 ::1/128 fc00::/7".split(
    " ",
  ),
  "",
  " padded ",
  "a: b",
  "a #b",
  "{}",
  "[x]",
  "@at",
  "`tick`",
  "%directive",
  "line\nbreak\n",
  "tab\t",
  "\u0085",
  "'single'",
  '"double"',
  "x".repeat(500),
];

describe("YAML of ours", () => {
  it.each(["1.1", "1.2"] as const)("is read as it was meant by a reader of version %s", (version) => {
    // As a key `<<` is a merge however it is written.
    const keys = TRICKY.filter((text) => text !== "<<");
    const value = { list: TRICKY, map: Object.fromEntries(keys.map((text) => [text, text])), n: 15_090, is: true };
    expect(parse(toYaml(value), { version })).toEqual(value);
  });

  it("has no alias for what is in it twice, and no folded line", () => {
    const shared = { text: `${"word ".repeat(100)}end` };
    expect(toYaml([shared, shared])).toBe(`- text: ${shared.text}\n- text: ${shared.text}\n`);
  });

  it("keeps the order of keys", () => {
    expect(toYaml({ b: 1, a: 2 })).toBe("b: 1\na: 2\n");
  });
});
