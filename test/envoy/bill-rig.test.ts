// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about bills of a whole run: the local rig with its ways of travelling, and for the truth the recording relays before the
 * gateways. From the ledger that the Envoys wrote, and from the Prometheus that scraped them, nothing is unexplained.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLedger } from "../../bill/ledger/read.ts";
import { type BillingProfile, PLAIN_PROFILE, type PricedVendor } from "../../bill/prices/model.ts";
import { readExport } from "../../bill/reconcile/read.ts";
import { reconcile } from "../../bill/reconcile/reconcile.ts";
import { usageFromLedger } from "../../bill/usage/ledger/usage.ts";
import type { Usage } from "../../bill/usage/model.ts";
import { usageFromPrometheus } from "../../bill/usage/prometheus/usage.ts";
import { withRig } from "../../demo/lifetime.ts";
import { crawlerPods } from "../../demo/pod.ts";
import type { WireRecord } from "../../demo/report/actual.ts";
import { settle } from "../../demo/settle.ts";
import { startTraffic } from "../../demo/traffic/traffic.ts";
import { WAYS } from "../../demo/traffic/ways.ts";
import { GATEWAY_VENDORS, HOSTS } from "../../demo/vendors.ts";
import { makePrometheus } from "../../installer/prometheus/client.ts";
import { urlFetcher } from "../../installer/prometheus/fetcher.ts";

const NAMES = GATEWAY_VENDORS.map(({ name }) => name);
const PODS = crawlerPods(2);
/** More than the flush of the ledger's file. */
const LEDGER_FLUSH_MS = 2500;
const DIRECTIONS = ["both", "sent", "received"] as const;
const SOURCES = ["ledger", "prometheus"] as const;

let folder: string;
let period: { from: number; to: number };
let records: WireRecord[];
const usages = new Map<string, Usage>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "proxymeter-bill-"));
  const ledger = join(folder, "ledger.jsonl");
  const { signal } = new AbortController();
  const settings = {
    pods: PODS,
    vendors: GATEWAY_VENDORS,
    hosts: HOSTS,
    concurrency: 2,
    prometheusPort: 0,
    resetShare: 0,
    seed: 3,
  };
  const from = Date.now();
  await withRig(
    { ...settings, ledger },
    { control: { finish: signal, abort: signal }, onStage: () => {} },
    async ({ rig }) => {
      const ways = WAYS.filter(({ protocol }) => protocol !== "headers");
      const traffic = startTraffic({ ...rig, ways, hosts: HOSTS, ratePerSecond: 30, seed: 3 });
      await delay(4000);
      await traffic.stop();
      const { query } = rig.prometheus;
      expect(await settle({ activity: () => rig.activity(), query, podCount: PODS.length, signal })).toBe(true);
      await delay(LEDGER_FLUSH_MS);
      records = rig.relayRecords();
      period = { from: Math.floor(from / 1000) * 1000, to: Math.ceil(Date.now() / 1000) * 1000 };
      const source = makePrometheus(urlFetcher(rig.prometheus.url, signal));
      for (const directions of DIRECTIONS) {
        const vendors = NAMES.map((name) => vendorOf(name, directions));
        usages.set(`ledger ${directions}`, await usageFromLedger(readLedger([ledger]), { period, vendors }));
        usages.set(`prometheus ${directions}`, await usageFromPrometheus({ period, vendors, source }));
      }
    },
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function vendorOf(name: string, directions: BillingProfile["directions"]): PricedVendor {
  return { name, gateways: [], billing: { ...PLAIN_PROFILE, directions } };
}

/** The vendor's export: what the relays before its gateway recorded. */
function exportOf(vendor: string, directions: string) {
  const own = records.filter((record) => record.vendor === vendor);
  const sum = (read: (record: WireRecord) => number) => own.reduce((all, record) => all + read(record), 0);
  const bytes = sum(
    (one) => (directions === "received" ? 0 : one.sentBytes) + (directions === "sent" ? 0 : one.receivedBytes),
  );
  const [from, to] = [period.from, period.to].map((time) => new Date(time).toISOString());
  const columns = { time: "from", end: "to", bytes: ["bytes"], requests: "requests" };
  const text = `from,to,bytes,requests\n${from},${to},${bytes},${sum(({ requests }) => requests)}`;
  return readExport(text, { zone: "UTC", columns });
}

function usageOf(source: string, directions: string, name: string) {
  const usage = usages.get(`${source} ${directions}`);
  const vendor = usage?.vendors.find((one) => one.vendor.name === name);
  if (!usage || !vendor) throw new Error(`no usage of ${name}`);
  return { usage, vendor };
}

describe.each(SOURCES)("from the %s", (source) => {
  it.each(NAMES.flatMap((name) => DIRECTIONS.map((directions) => [name, directions] as const)))(
    "nothing of the export of %s is unexplained, billed by %s",
    (name, directions) => {
      const { usage, vendor } = usageOf(source, directions, name);
      const reported = exportOf(name, directions);
      const result = reconcile({
        reported,
        usage,
        vendor,
        period,
        lag: { milliseconds: 0, headBytes: 0, tailBytes: 0 },
      });
      expect(result.reportedBytes).toBeGreaterThan(10_000);
      expect(result.expectedBytes).toBe(result.reportedBytes);
      expect(result).toMatchObject({ unexplainedBytes: 0, verdict: "green" });
      expect(result.requests?.observed).toBe(result.requests?.reported);
    },
  );
});

describe("the two sources", () => {
  it.each(NAMES)("say the same of %s: totals, handshakes, failures and every split", (name) => {
    const [ledger, scraped] = SOURCES.map((source) => usageOf(source, "both", name).vendor);
    if (!ledger || !scraped) throw new Error("no usage");
    const { repeatedBytes: _, ...total } = ledger.total;
    expect(scraped.total).toEqual(total);
    for (const dimension of ["pool", "namespace", "workload", "destination", "country"] as const) {
      const figures = (rows: typeof ledger.splits.pool) =>
        rows.map(({ value, sentBytes, receivedBytes }) => [value, sentBytes, receivedBytes].join(" ")).sort();
      expect(figures(scraped.splits[dimension]), dimension).toEqual(figures(ledger.splits[dimension]));
    }
  });
});
