// SPDX-License-Identifier: Apache-2.0
/**
 * The ledger of a whole run with its report: every sum by vendor, pod and destination is the one that Prometheus stored, where
 * tunnels are reset on the way too, and on chains where Envoy itself speaks HTTP.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LedgerLine } from "../../bill/ledger/line.ts";
import type { Report } from "../../demo/report/report.ts";
import { type Ended, startDemo } from "../envoy/driver/demo-process.ts";
import { destinationLabel, settledLedger } from "../envoy/driver/ledger-books.ts";

type Row = Report["vendors"][number];
type Sums = [requests: number, sentBytes: number, receivedBytes: number];

let folder = "";
let report: Report;
let lines: LedgerLine[];
let ended: Ended;
const steps: (() => Promise<void>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "proxymeter-test-"));
  const [json, ledger] = [join(folder, "report.json"), join(folder, "ledger.jsonl")];
  const args = ["--duration", "6s", "--rate", "40", "--resets", "0.1", "--json", json, "--ledger", ledger];
  ended = await startDemo(args, { atEnd: (step) => steps.push(step) }).ended;
  report = JSON.parse(await readFile(json, "utf8"));
  lines = await settledLedger(ledger);
});
afterAll(async () => {
  for (const step of steps) await step();
  await rm(folder, { recursive: true });
});

function sumsOf(of: (line: LedgerLine) => boolean): Sums {
  const own = lines.filter(of);
  const sum = (member: "requests" | "sentBytes" | "receivedBytes") =>
    own.reduce((total, line) => total + line[member], 0);
  return [sum("requests"), sum("sentBytes"), sum("receivedBytes")];
}

function metered({ requests, sentBytes, receivedBytes }: Pick<Row, "requests" | "sentBytes" | "receivedBytes">): Sums {
  return [requests.metered, sentBytes.metered, receivedBytes.metered];
}

describe("the ledger of a run with resets", () => {
  it("is that of a settled run with every way of travelling", () => {
    expect(report.settled, ended.stderr).toBe(true);
    const protocols = new Set(lines.map(({ protocol }) => protocol));
    expect([...protocols]).toEqual(expect.arrayContaining(["http", "connect", "socks5"]));
    expect(new Set(lines.map(({ outcome }) => outcome))).toContain("reset");
  });

  it("comes to what Prometheus has of each vendor", () => {
    for (const row of report.vendors) {
      expect([row.vendor, sumsOf(({ vendor }) => vendor === row.vendor)]).toEqual([row.vendor, metered(row)]);
    }
  });

  it("comes to what Prometheus has of each pod's vendors", () => {
    for (const row of report.pods) {
      const of = (line: LedgerLine) => line.pod === row.pod && line.vendor === row.vendor;
      expect([row.pod, row.vendor, sumsOf(of)]).toEqual([row.pod, row.vendor, metered(row)]);
    }
  });

  it("comes to what Prometheus has of each destination", () => {
    expect(report.destinations.length).toBeGreaterThan(30);
    for (const row of report.destinations) {
      const of = (line: LedgerLine) => line.vendor === row.vendor && destinationLabel(line) === row.host;
      expect([row.host, row.vendor, sumsOf(of)]).toEqual([row.host, row.vendor, metered(row)]);
    }
  });
});
