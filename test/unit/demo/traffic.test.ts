// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the traffic of a run: who gets how much of it, and what a crawler must know for each way of travelling.
 */
import { describe, expect, it } from "vitest";
import { crawlerPods } from "../../../demo/pod.ts";
import { planLoads } from "../../../demo/traffic/plan.ts";
import { WAYS } from "../../../demo/traffic/ways.ts";
import { GATEWAY_VENDORS, HOSTS, usernameFor, VENDORS } from "../../../demo/vendors.ts";

const pods = crawlerPods(2);
const entrances = pods.flatMap((pod) => VENDORS.map((vendor, index) => ({ pod, vendor, port: 4000 + index })));
const options = { entrances, ways: WAYS, hosts: HOSTS, ca: "PEM", ratePerSecond: 100, seed: 1 };
const loads = planLoads(options);
const ways = loads.flatMap((load) => load.pods.flatMap(({ pod, vendors }) => vendors.map((way) => ({ pod, ...way }))));

describe("the ways of travelling", () => {
  it("give the vendors with a gateway 40, 35 and 25", () => {
    const weights = GATEWAY_VENDORS.map(({ name }) =>
      WAYS.filter(({ vendor }) => vendor === name).reduce((sum, { weight }) => sum + weight, 0),
    );
    expect(weights).toEqual([40, 35, 25]);
  });

  it("include tunnels, absolute form, SOCKS5 and header mode, and more than one pool of a vendor", () => {
    expect(new Set(WAYS.map(({ protocol }) => protocol))).toEqual(
      new Set(["connect", "absolute", "socks5", "headers"]),
    );
    expect(new Set(WAYS.filter(({ vendor }) => vendor === "acme").map(({ pool }) => pool)).size).toBe(2);
  });
});

describe("planLoads", () => {
  it("gives each pod the rate that was asked for, over all loads", () => {
    expect(loads.reduce((sum, { ratePerSecond = 0 }) => sum + ratePerSecond, 0)).toBeCloseTo(100);
    for (const load of loads) expect(load.pods.map(({ pod }) => pod)).toEqual(["crawler-0", "crawler-1"]);
  });

  it("keeps connections open for more than one request where there is no tunnel", () => {
    const perConnection = loads.map(({ workload, pods: [first] }) => [
      workload?.requestsPerConnection,
      new Set(first?.vendors.map(({ protocol }) => protocol)),
    ]);
    expect(perConnection).toEqual([
      [1, new Set(["connect", "socks5"])],
      [4, new Set(["absolute", "headers"])],
    ]);
  });

  it("puts pool and country into the username, and the password beside it", () => {
    const [first] = ways;
    expect(first?.proxyUrl).toBe("http://crawl-zone-residential-country-de:acme-password@127.0.0.1:4000");
    expect(usernameFor(VENDORS[0] as (typeof VENDORS)[number], "isp", "us")).toBe("crawl-zone-isp-country-us");
  });

  it("asks the SOCKS proxy to resolve the names", () => {
    expect(ways.find(({ protocol }) => protocol === "socks5")?.proxyUrl).toMatch(/^socks5h:\/\/crawl-/);
  });

  it("names vendor and pool by headers where there is no gateway, and shows no credentials", () => {
    const way = ways.find(({ protocol }) => protocol === "headers");
    expect(way).toMatchObject({ headers: { "x-proxy-vendor": "initech-api", "x-proxy-pool": "scraper" } });
    expect(way?.proxyUrl).toBe("http://127.0.0.1:4003");
  });

  it("limits bodies where that is asked for", () => {
    const limited = planLoads({ ...options, maxBodyBytes: 1000 });
    expect(limited.map(({ workload }) => workload?.maxBodyBytes)).toEqual([1000, 1000]);
    expect(loads.every(({ workload }) => !("maxBodyBytes" in (workload ?? {})))).toBe(true);
  });
});
