// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about usage from Prometheus, asked of a real one over written history: pods that come and go, sidecars that begin anew, a
 * scrape outage. What scrapes saw is found to the byte; what they could not see stays within the bound that is told.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PLAIN_PROFILE, type PricedVendor } from "../../bill/prices/model.ts";
import type { Reconciliation } from "../../bill/reconcile/reconcile.ts";
import type { Usage } from "../../bill/usage/model.ts";
import { usageFromPrometheus } from "../../bill/usage/prometheus/usage.ts";
import { urlFetcher } from "../../installer/prometheus/fetcher.ts";
import { makePrometheus } from "../../installer/prometheus/client.ts";
import { type Backfilled, startBackfilled } from "../envoy/driver/backfill.ts";
import { churningFleet, type Exchange, type Fleet } from "../envoy/driver/churning-fleet.ts";

const HOUR = 3600;
/** Whole hours, so that windows of an export can be made of them; 26 hours cross a midnight of every zone. */
const END = Math.floor(Date.now() / 1000 / HOUR) * HOUR - HOUR;
const BEGIN = END - 26 * HOUR;
const OUTAGE = [BEGIN + 5 * HOUR + 100, BEGIN + 5 * HOUR + 420] as const;
const PERIOD = { from: BEGIN * 1000, to: END * 1000 };
const VENDORS: PricedVendor[] = ["acme", "globex"].map((name, index) => ({
  name,
  gateways: [],
  billing: { ...PLAIN_PROFILE, zone: index === 0 ? "UTC" : "America/New_York" },
}));

let fleet: Fleet;
let prometheus: Backfilled;
let usage: Usage;
beforeAll(async () => {
  fleet = churningFleet({
    ...{ seed: 7, from: BEGIN - 2 * HOUR, to: END + HOUR / 2, slots: 2, interval: 15, restarts: 0.1 },
    life: [30 * 60, 60 * 60],
    outages: [OUTAGE],
  });
  prometheus = await startBackfilled(fleet.series);
  usage = await ask(prometheus.url);
});
afterAll(() => prometheus?.stop());

function ask(url: string, vendors = VENDORS): Promise<Usage> {
  const source = makePrometheus(urlFetcher(url, new AbortController().signal));
  return usageFromPrometheus({ period: PERIOD, vendors, source });
}

function usageOf(name: string, { vendors }: Usage = usage) {
  const found = vendors.find(({ vendor }) => vendor.name === name);
  if (!found) throw new Error(`no usage of ${name}`);
  return found;
}

const inPeriod = ({ time }: Exchange) => time >= BEGIN && time < END;
const bytes = (exchanges: readonly Exchange[]) =>
  exchanges.reduce((sum, { sent, received }) => sum + sent + received, 0);

describe.each(["acme", "globex"])("usage of %s from scrapes", (name) => {
  const truth = () => fleet.truth.filter(({ vendor }) => vendor === name);

  it("is what scrapes saw, up to the age of the values at both ends of the period", () => {
    const seen = bytes(truth().filter((one) => one.wasScraped && inPeriod(one)));
    const nearEnds = truth().filter(({ time }) => Math.min(Math.abs(time - BEGIN), Math.abs(time - END)) <= 15);
    const { sentBytes, receivedBytes } = usageOf(name).total;
    expect(Math.abs(sentBytes + receivedBytes - seen)).toBeLessThanOrEqual(bytes(nearEnds));
  });

  it("is within 1 % of what was really sent and received", () => {
    const real = bytes(truth().filter(inPeriod));
    const { sentBytes, receivedBytes } = usageOf(name).total;
    expect(Math.abs(sentBytes + receivedBytes - real) / real).toBeLessThan(0.01);
  });

  it("is split without a remainder, in each of the five ways", () => {
    const { splits, total } = usageOf(name);
    for (const rows of Object.values(splits)) {
      for (const member of ["sentBytes", "receivedBytes", "billableBytes"] as const)
        expect(rows.reduce((sum, row) => sum + row[member], 0)).toBe(total[member]);
    }
    expect(splits.destination.map(({ value }) => value).sort()).toEqual([
      "shop-01.example",
      "shop-02.example",
      "shop-03.example:8443",
    ]);
    expect(splits.workload.map(({ value }) => value)).toEqual(["crawl/crawler"]);
  });

  it("has days of the vendor's zone that sum to the total", () => {
    const { days, total } = usageOf(name);
    expect(days.length).toBeGreaterThanOrEqual(2);
    expect(days.reduce((sum, day) => sum + day.bytes, 0)).toBe(total.sentBytes + total.receivedBytes);
  });
});

describe("a price that depends on the month's volume", () => {
  it("has the volume of the month from before the period, which is not charged", async () => {
    const tiers = [{ from: "1970-01-01", aboveGB: 1, perGB: 1 }];
    const price = { currency: "USD", gigabyte: "decimal" as const, perGB: 2, tiers };
    const asked = usageOf(
      "acme",
      await ask(prometheus.url, [{ name: "acme", gateways: [], billing: PLAIN_PROFILE, price }]),
    );
    const month = new Date(BEGIN * 1000).toISOString().slice(0, 7);
    const before = asked.days.filter(({ isCharged }) => !isCharged);
    const isBefore = ({ time }: Exchange) => time < BEGIN && new Date(time * 1000).toISOString().startsWith(month);
    const real = bytes(fleet.truth.filter((one) => one.vendor === "acme" && isBefore(one)));
    expect(Math.abs(before.reduce((sum, day) => sum + day.bytes, 0) - real)).toBeLessThanOrEqual(real * 0.02);
    expect(asked.total).toEqual(usageOf("acme").total);
  });
});

describe("the loss that is told", () => {
  it("is reckoned from the interval and the mean life that the pods had", () => {
    expect(usage.loss).toMatchObject({ intervalSeconds: 15 });
    const life = usage.loss?.meanLifeSeconds ?? 0;
    expect(life).toBeGreaterThan(30 * 60);
    expect(life).toBeLessThan(55 * 60);
    expect(usage.loss?.expectedShare).toBeCloseTo(15 / (2 * life), 6);
  });

  it("is of the size of what was lost", () => {
    const lost = fleet.truth.filter((one) => inPeriod(one) && !one.wasScraped).length;
    const share = lost / fleet.truth.filter(inPeriod).length;
    expect(share).toBeGreaterThan((usage.loss?.expectedShare ?? 0) * 0.5);
    expect(share).toBeLessThan((usage.loss?.expectedShare ?? 0) * 2);
  });
});

describe("billing profiles", () => {
  it.each([
    ["sent bytes only", { directions: "sent" as const }, ({ sent }: Exchange) => sent],
    [
      "no proxy handshakes and no bytes of the vendor's own failures",
      { handshake: false, unbilledOutcomes: ["vendor_error"] },
      (one: Exchange) =>
        one.outcome === "ok" ? one.sent + one.received - one.handshakeSent - one.handshakeReceived : 0,
    ],
  ])("%s: within 1 %% of the truth", async (_title, profile, billed) => {
    const vendors = VENDORS.map((vendor) => ({ ...vendor, billing: { ...PLAIN_PROFILE, ...profile } }));
    const asked = await ask(prometheus.url, vendors);
    for (const { name } of VENDORS) {
      const own = fleet.truth.filter((one) => one.vendor === name && inPeriod(one));
      const real = own.reduce((sum, one) => sum + billed(one), 0);
      expect(Math.abs(usageOf(name, asked).total.billableBytes - real) / real).toBeLessThan(0.01);
    }
  });
});

describe("proxymeter reconcile --prometheus", () => {
  it("leaves at most 1 % between the vendor's export and the vendor families, all of it within told bounds", async () => {
    const folder = mkdtempSync(join(tmpdir(), "proxymeter-reconcile-"));
    const own = fleet.truth.filter((one) => one.vendor === "acme" && inPeriod(one));
    const byHour = Map.groupBy(own, ({ time }) => Math.floor(time / HOUR) * HOUR);
    const rows = [...byHour].map(
      ([hour, some]) => `${new Date(hour * 1000).toISOString()},${bytes(some)},${some.length}`,
    );
    writeFileSync(join(folder, "usage.csv"), ["hour,bytes,requests", ...rows].join("\n"));
    writeFileSync(
      join(folder, "vendors.yaml"),
      "apiVersion: proxymeter.io/v1\nvendors: [{name: acme, billing: {unbilledOutcomes: []}}]\n",
    );
    const result = await reconcileCommand(folder, prometheus.url);
    rmSync(folder, { recursive: true });
    const { reportedBytes, expectedBytes } = result;
    expect(reportedBytes).toBe(bytes(own));
    expect(Math.abs(reportedBytes - expectedBytes) / reportedBytes).toBeLessThan(0.01);
    expect(result).toMatchObject({ unexplainedBytes: 0, verdict: "green", source: "prometheus" });
    expect(result.lines.map(({ reason }) => reason)).toEqual(["edges", "resets", "scrapeLoss"]);
  });
});

function reconcileCommand(folder: string, url: string): Promise<Reconciliation> {
  const args = [
    "reconcile",
    "--vendor",
    "acme",
    "--usage",
    join(folder, "usage.csv"),
    "--prices",
    join(folder, "vendors.yaml"),
  ];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ["installer/main.ts", ...args, "--prometheus", url, "-o", "json"],
      { cwd: join(import.meta.dirname, "../..") },
      (error, stdout, stderr) => (stdout ? resolve(JSON.parse(stdout)) : reject(new Error(stderr, { cause: error }))),
    );
  });
}
