// SPDX-License-Identifier: Apache-2.0
/**
 * Addresses and networks as ranges, and words that are nearly others: the two tables below the rules and messages.
 */
import { describe, expect, it } from "vitest";
import { contains, isExact, nested, readNetwork } from "../../../../installer/vendors/network.ts";
import { suggestion } from "../../../../installer/vendors/suggestion.ts";

function network(written: string) {
  const found = readNetwork(written);
  if (found === undefined) throw new Error(`got no network, want ${written}`);
  return found;
}

describe("readNetwork", () => {
  it.each([
    ["203.0.113.10", "203.0.113.10", 1n],
    ["203.0.113.10/24", "203.0.113.0/24", 256n],
    ["255.255.255.255/32", "255.255.255.255/32", 1n],
    ["0.0.0.0/0", "0.0.0.0/0", 2n ** 32n],
    ["2001:db8::/32", "2001:db8::/32", 2n ** 96n],
    ["2001:DB8:0:0::1/64", "2001:db8::/64", 2n ** 64n],
    ["::ffff:203.0.113.7/128", "::ffff:cb00:7107/128", 1n],
    ["::/0", "::/0", 2n ** 128n],
  ])("reads %s", (written, text, size) => {
    const { first, last, text: found } = network(written);
    expect([found, last - first + 1n]).toEqual([text, size]);
  });

  it.each([
    "",
    "/",
    "203.0.113",
    "203.0.113.256",
    "203.0.113.1/33",
    "203.0.113.1/08",
    "203.0.113.1/",
    "::1/129",
    "fe80::1%eth0",
    "1/2/3",
  ])('does not take "%s" for one', (written) => expect(readNetwork(written)).toBeUndefined());

  it("tells a network by its first address from one by another", () => {
    expect(isExact("203.0.113.0/24", network("203.0.113.0/24"))).toBe(true);
    expect(isExact("203.0.113.1/24", network("203.0.113.1/24"))).toBe(false);
  });
});

describe("nested", () => {
  it("gives each network the smallest that holds it", () => {
    const items = ["203.0.113.7", "203.0.0.0/16", "203.0.113.0/24", "198.51.100.1", "203.0.113.7/32", "::/0"].map(
      (written) => ({
        written,
        network: network(written),
      }),
    );
    expect(nested(items).map(({ inner, outer }) => [inner.written, outer.written])).toEqual([
      ["203.0.113.0/24", "203.0.0.0/16"],
      ["203.0.113.7", "203.0.113.0/24"],
      ["203.0.113.7/32", "203.0.113.7"],
    ]);
  });

  it("knows IPv4 and IPv6 apart", () => {
    expect(contains(network("::/0"), network("203.0.113.7"))).toBe(false);
  });
});

describe("suggestion", () => {
  it.each([
    ["gatways", "gateways"],
    ["naem", "name"],
    ["Name", "name"],
    ["cidr", "cidrs"],
  ])("of %s is %s", (found, want) => {
    expect(suggestion(found, ["name", "gateways", "cidrs"])).toBe(want);
  });

  it.each(["colour", "x", "", "namespaces", "x".repeat(1_000_000)])("of another word is none", (found) => {
    expect(suggestion(found, ["name", "gateways", "cidrs"])).toBeUndefined();
  });
});
