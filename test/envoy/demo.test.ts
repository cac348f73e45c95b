// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the demo as a user starts it: a process with a real Envoy for each pod, real proxies and a real Prometheus.
 * What happens when something goes wrong is in demo-failures.test.ts.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../demo/report/report.ts";
import { type Field, FIELDS } from "../../demo/report/tally.ts";
import { type Ended, startDemo } from "./driver/demo-process.ts";

const GATEWAYS = ["acme", "globex", "initech"];

type Row = Report["vendors"][number] | Report["pods"][number] | Report["destinations"][number];

function allRows({ vendors, pods, destinations }: Report): Row[] {
  return [...vendors, ...pods, ...destinations];
}

describe("a run with the default load", () => {
  let folder = "";
  let report: Report;
  let ended: Ended;
  const steps: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "proxymeter-test-"));
    const file = join(folder, "report.json");
    ended = await startDemo(["--duration", "5s", "--json", file], { atEnd: (step) => steps.push(step) }).ended;
    report = JSON.parse(await readFile(file, "utf8"));
  });
  afterAll(async () => {
    for (const step of steps) await step();
    await rm(folder, { recursive: true });
  });

  it("passes every check on a settled run and exits with 0", () => {
    expect(
      report.checks.filter(({ pass }) => !pass),
      ended.stderr,
    ).toEqual([]);
    expect(report.checks.map(({ id }) => id)).toEqual(["A", "B", "C", "D", "books"]);
    expect(report).toMatchObject({ ok: true, settled: true, resets: { connections: 0, bytesBound: 0 } });
    expect(report.durationSeconds).toBeGreaterThan(4.9);
    expect([ended.code, ended.stdout]).toEqual([0, ""]);
    expect(ended.stderr).toMatch(/the page is at http:\/\/127\.0\.0\.1:\d+\/\n/);
  });

  it("meters what goes through a gateway without any difference and without a bound", () => {
    const exact = allRows(report).filter(({ vendor }) => GATEWAYS.includes(vendor));
    expect(exact.length).toBeGreaterThan(3 * (1 + 2 + 15));
    for (const row of exact) {
      for (const field of FIELDS) expect(row[field]).toEqual({ metered: row[field].actual, actual: row[field].actual });
    }
  });

  it("says by how much header-routed requests may differ, for bytes alone", () => {
    const routed = allRows(report).filter(({ vendor }) => vendor === "initech-api");
    expect(routed.length).toBeGreaterThan(5);
    for (const { requests, sentBytes, receivedBytes } of routed) {
      expect(requests).toEqual({ metered: requests.actual, actual: requests.actual });
      for (const { metered, actual, bound = 0 } of [sentBytes, receivedBytes]) {
        expect(bound).toBe(64 * requests.actual);
        expect(Math.abs(metered - actual)).toBeLessThanOrEqual(bound);
      }
    }
  });

  it("has a row with traffic for each vendor, and for each vendor of both pods", () => {
    const vendors = ["acme", "globex", "initech", "initech-api"];
    expect(report.vendors.map(({ vendor }) => vendor)).toEqual(vendors);
    const pods = ["crawler-0", "crawler-1"].flatMap((pod) => vendors.map((vendor) => ["crawl", pod, vendor]));
    expect(report.pods.map(({ namespace, pod, vendor }) => [namespace, pod, vendor])).toEqual(pods);
    const least: Record<Field, number> = { requests: 5, sentBytes: 1000, receivedBytes: 10_000 };
    for (const row of report.pods) {
      for (const field of FIELDS) expect(row[field].actual).toBeGreaterThan(least[field]);
    }
  });
});

describe("a run without an end", () => {
  it("finishes with a report on Ctrl-C, and shows it as a table", async () => {
    const demo = startDemo(["--pods", "1"]);
    await demo.says("requests answered");
    // As under npm, which passes on the signal that the terminal has sent to all already.
    demo.child.kill("SIGINT");
    demo.child.kill("SIGINT");
    const { code, stdout } = await demo.ended;
    expect(stdout).toMatch(/PASS {2}A.*\nPASS {2}B.*\nPASS {2}C.*\nPASS {2}D.*\nPASS {2}books/);
    expect(code).toBe(0);
    expect(demo.leftovers()).toEqual([]);
  });

  it("ends at once, without a report, on a second Ctrl-C", async () => {
    const demo = startDemo(["--pods", "1"]);
    await demo.says("making load");
    demo.child.kill("SIGINT");
    await demo.says("waiting for the last connections");
    const repeat = setInterval(() => demo.child.kill("SIGINT"), 100);
    const { code, stdout } = await demo.ended;
    clearInterval(repeat);
    expect([code, stdout]).toEqual([130, ""]);
    expect(demo.leftovers()).toEqual([]);
  });
});

describe("a run with reset faults", () => {
  it("counts the resets and stays within the bytes that they may lose", async () => {
    const folder = await mkdtemp(join(tmpdir(), "proxymeter-test-"));
    const file = join(folder, "report.json");
    const args = ["--duration", "4s", "--pods", "1", "--resets", "0.1", "--rate", "60", "--json", file];
    const { code, stderr } = await startDemo(args).ended;
    const report = JSON.parse(await readFile(file, "utf8")) as Report;
    await rm(folder, { recursive: true });
    expect(code, stderr).toBe(0);
    expect(report.resets.connections).toBeGreaterThan(3);
    expect(report.resets.bytesBound).toBeGreaterThan(report.resets.connections * 65_536);
    for (const { requests, sentBytes, receivedBytes } of report.vendors) {
      expect(requests.metered).toBe(requests.actual);
      for (const { metered, actual, bound = 0 } of [sentBytes, receivedBytes]) {
        expect(Math.abs(metered - actual)).toBeLessThanOrEqual(bound);
      }
    }
  });
});
