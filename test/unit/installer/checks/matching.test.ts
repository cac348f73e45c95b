// SPDX-License-Identifier: Apache-2.0
/**
 * What checks compare by: addresses and networks, label selectors.
 */
import { describe, expect, it } from "vitest";
import { contains, isSingle, overlap } from "../../../../installer/checks/addresses.ts";
import { selects } from "../../../../installer/checks/kinds.ts";

describe("overlap", () => {
  it.each([
    ["203.0.113.10", "203.0.113.10/32", true],
    ["203.0.113.0/24", "203.0.113.10", true],
    ["203.0.113.10", "203.0.113.0/24", true],
    ["203.0.113.0/24", "198.51.100.0/24", false],
    ["2001:db8::/32", "2001:db8::1", true],
    ["::/0", "203.0.113.10", false],
    ["203.0.113.10", "gw.acme.example", false],
    ["203.0.113.0/33", "203.0.113.0", false],
    ["203.0.113.0/-1", "203.0.113.0", false],
    ["203.0.113.0/x", "203.0.113.0", false],
  ])("of %s and %s is %s", (one, other, want) => {
    expect(overlap(one, other)).toBe(want);
  });
});

describe("contains", () => {
  it("is no matter of overlap alone: the inner must not be wider", () => {
    expect(contains("203.0.113.0/24", "203.0.113.10")).toBe(true);
    expect(contains("203.0.113.10", "203.0.113.0/24")).toBe(false);
    expect(contains("nonsense", "203.0.113.10")).toBe(false);
  });
});

describe("isSingle", () => {
  it.each([
    ["203.0.113.10", true],
    ["203.0.113.10/32", true],
    ["2001:db8::1/128", true],
    ["2001:db8::1/32", false],
    ["gw.acme.example", false],
  ])("of %s is %s", (text, want) => {
    expect(isSingle(text)).toBe(want);
  });
});

describe("selects", () => {
  const one = (key: string, operator: string, ...values: string[]) => ({
    matchExpressions: [{ key, operator, values }],
  });
  it.each([
    [undefined, false],
    [{}, true],
    [{ matchLabels: { a: "1" } }, true],
    [{ matchLabels: { a: "1", b: "2" } }, false],
    [one("a", "Exists"), true],
    [one("b", "Exists"), false],
    [one("b", "DoesNotExist"), true],
    [one("a", "DoesNotExist"), false],
    [one("a", "In", "1", "2"), true],
    [one("b", "In", "1"), false],
    [one("a", "NotIn", "1"), false],
    [one("a", "NotIn", "2"), true],
    [one("b", "NotIn", "1"), true],
  ])("takes %j on {a: 1} for %s", (selector, want) => {
    expect(selects(selector, { a: "1" })).toBe(want);
  });
});
