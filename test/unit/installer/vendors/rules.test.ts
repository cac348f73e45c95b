// SPDX-License-Identifier: Apache-2.0
/**
 * Every message about a mistake between members of a vendors.yaml, pinned by an example with its line and column.
 */
import { describe, expect, it } from "vitest";
import { HEAD, mistakesOf } from "./reading.ts";

const VENDOR = `${HEAD}vendors:\n- name: acme\n  `;
const PRICE = "price: {currency: USD, perGB: 8";
const HOST = 'a whole DNS name such as "gw.acme.example" (an address belongs under "addresses")';
const NETWORK = 'an address or a network such as "203.0.113.10", "198.51.100.0/24" or "2001:db8::/32"';

const two = (first: string, second: string) =>
  `${HEAD}vendors:\n- name: acme\n  ${first}\n- name: globex\n  ${second}\n`;

describe("a mistake between members", () => {
  it.each([
    [
      "one name for two vendors",
      `${HEAD}vendors:\n- name: acme\n- name: acme\n`,
      '4:9: vendors[1].name: found "acme", expected a name of its own: vendors[0].name is "acme"',
    ],
    [
      "names that pods report alike",
      `${HEAD}vendors:\n- name: acme.eu\n- name: acme_eu\n`,
      '4:9: vendors[1].name: found "acme_eu", expected a name that differs by more than "." and "_": vendors[0].name is "acme.eu"',
    ],
    [
      "a port twice",
      `${VENDOR}gateways: [{host: gw.acme.example, ports: [8080, 8080]}]\n`,
      "4:52: vendors[0].gateways[0].ports[1]: found 8080 again, expected it once: it is item 0 too",
    ],
    [
      "a label key twice",
      `${HEAD}podLabels: [a, a]\n`,
      '2:16: podLabels[1]: found "a" again, expected it once: it is item 0 too',
    ],
    [
      "neither host nor addresses",
      `${VENDOR}gateways: [{ports: [1], addresses: []}]\n`,
      "4:14: vendors[0].gateways[0]: found neither host nor addresses, expected at least one of them",
    ],
    [
      "a short form with half an address",
      `${VENDOR}gateways: ["203.0.113:1"]\n`,
      `4:14: vendors[0].gateways[0]: found the host "203.0.113", expected ${HOST}`,
    ],
    [
      "a short form with a large port",
      `${VENDOR}gateways: ["gw.acme.example:70000"]\n`,
      "4:14: vendors[0].gateways[0]: found port 70000, expected a whole number from 1 to 65535",
    ],
    [
      "a service of the cluster",
      `${VENDOR}gateways: [{host: squid.crawl.SVC.cluster.local, ports: [80]}]\n`,
      '4:21: vendors[0].gateways[0].host: found the host "squid.crawl.SVC.cluster.local", which is a service of the cluster, expected a host outside of it',
    ],
    [
      "a port of the sidecar",
      `${VENDOR}gateways: [{host: gw.acme.example, ports: [80, 15006]}]\n`,
      "4:50: vendors[0].gateways[0].ports[1]: found port 15006, on which the sidecar itself listens, expected another port",
    ],
    [
      "a short form with a port of the sidecar",
      `${VENDOR}gateways: ["gw.acme.example:15001"]\n`,
      "4:14: vendors[0].gateways[0]: found port 15001, on which the sidecar itself listens, expected another port",
    ],
    [
      "http mode for SOCKS",
      `${VENDOR}gateways: [{host: gw.acme.example, ports: [1], protocol: socks5, mode: http}]\n`,
      '4:74: vendors[0].gateways[0].mode: found "http" with protocol "socks5", expected "tcp"',
    ],
    [
      "a port with two modes",
      two("gateways: [gw.acme.example:80]", "gateways: [{host: gw.globex.example, ports: [80], mode: http}]"),
      '6:14: vendors[1].gateways[0]: found port 80 with mode "http", expected mode "tcp" as in vendors[0].gateways[0]: a port has one mode',
    ],
    [
      "a gateway of two vendors",
      two("gateways: [gw.acme.example:80]", "gateways: [{host: GW.acme.example, ports: [80]}]"),
      "6:14: vendors[1].gateways[0]: found gw.acme.example:80 again, expected each gateway once: it is in vendors[0].gateways[0] too",
    ],
    [
      "a gateway twice in one vendor",
      `${VENDOR}gateways: [gw.acme.example:80, gw.acme.example:80]\n`,
      "4:34: vendors[0].gateways[1]: found gw.acme.example:80 again, expected each gateway once: it is in vendors[0].gateways[0] too",
    ],
    [
      "an address of two vendors",
      two("gateways: [{addresses: [203.0.113.0/24], ports: [80]}]", 'gateways: ["203.0.113.7:80"]'),
      "6:14: vendors[1].gateways[0]: found 203.0.113.7 port 80 again, expected each gateway once: it is in vendors[0].gateways[0].addresses[0] too",
    ],
    [
      "networks of two vendors that overlap",
      two("cidrs: [198.51.100.0/24]", "cidrs: [198.51.0.0/16]"),
      '6:11: vendors[1].cidrs[0]: found "198.51.0.0/16", expected a network apart from "198.51.100.0/24" of vendors[0].cidrs[0]',
    ],
    [
      "an address that is none",
      `${VENDOR}cidrs: [203.0.113.300]\n`,
      `4:11: vendors[0].cidrs[0]: found "203.0.113.300", expected ${NETWORK}`,
    ],
    [
      "a prefix that is too long",
      `${HEAD}neverMetered: [10.0.0.0/33]\n`,
      `2:16: neverMetered[0]: found "10.0.0.0/33", expected ${NETWORK}`,
    ],
    [
      "a network by another address",
      `${VENDOR}cidrs: ["2001:db8::1/32"]\n`,
      '4:11: vendors[0].cidrs[0]: found "2001:db8::1/32", expected "2001:db8::/32" (the network) or an address without "/"',
    ],
    [
      "every address",
      `${VENDOR}cidrs: [0.0.0.0/0]\n`,
      '4:11: vendors[0].cidrs[0]: found "0.0.0.0/0", which is every address, expected the vendor\'s networks',
    ],
    [
      "a token with the separator",
      `${VENDOR}username: {pool: my-zone}\n`,
      '4:20: vendors[0].username.pool: found the separator "-" in a token (not shown), expected a token between two separators',
    ],
    [
      "two tokens alike",
      `${VENDOR}username: {pool: zone, country: zone}\n`,
      "4:35: vendors[0].username.country: found the same as in pool, expected a token of its own",
    ],
    [
      "two headers alike",
      `${HEAD}headers: {vendor: X-Proxy-Pool, pool: x-proxy-pool}\n`,
      "2:39: headers.pool: found the same as in vendor, expected a header of its own",
    ],
    [
      "an end before the begin",
      `${VENDOR}${PRICE}, tiers: [{perGB: 1, from: 2026-02-01, until: 2026-01-31}]}\n`,
      '4:80: vendors[0].price.tiers[0].until: found "2026-01-31", expected a day not before "2026-02-01" (from)',
    ],
    [
      "tiers that overlap",
      `${VENDOR}${PRICE}, tiers: [{perGB: 1, until: 2026-01-31}, {perGB: 2, from: 2026-01-31}]}\n`,
      "4:75: vendors[0].price.tiers[1]: found days 2026-01-31 to open, expected days apart from those of vendors[0].price.tiers[0], which has the same aboveGB",
    ],
    [
      "a budget without price",
      `${VENDOR}alerts: {monthlyBudget: 9}\n`,
      "4:27: vendors[0].alerts.monthlyBudget: found a budget without price, expected the vendor to have a price (its currency is the budget's)",
    ],
  ])("is reported: %s", (_name, text, want) => {
    expect(mistakesOf(text)).toEqual([want]);
  });

  it("is found beside mistakes of shape, all at once and in order of line", () => {
    const text = `${HEAD}vendors:\n- name: acme\n  colour: red\n  cidrs: [198.51.100.0/24, x]\n- name: globex\n  cidrs: [198.51.100.7]\n`;
    expect(mistakesOf(text).map((line) => line.split(": ").slice(0, 2).join(" "))).toEqual([
      "4:3 vendors[0].colour",
      "5:28 vendors[0].cidrs[1]",
      "7:11 vendors[1].cidrs[0]",
    ]);
  });

  it("is not sought in members that are unknown", () => {
    expect(mistakesOf(`${VENDOR}username: {pool: zone, area: [1, 1]}\n`)).toEqual([
      '4:26: vendors[0].username.area: found an unknown member, expected one of "separator", "pool", "zone", "country"',
    ]);
  });

  it("is not invented from a default where the member itself is wrong", () => {
    const tiers = "tiers: [{perGB: 1, from: soon}, {perGB: 2}]";
    expect(mistakesOf(`${VENDOR}${PRICE}, ${tiers}}\n`)).toHaveLength(1);
    const modes = two("gateways: [gw.acme.example:80]", "gateways: [{host: b.example, ports: [80], mode: htp}]");
    expect(mistakesOf(modes)).toHaveLength(1);
  });
});
