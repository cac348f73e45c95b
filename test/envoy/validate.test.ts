// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about `validate` with real traffic through real Envoys into real Prometheis: every check passes, to the byte, against
 * loadgen's ledger and against Envoy's own counters, and fails as soon as one figure of either side is off by one.
 */
import { statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Announcement } from "../../demo/serve/announcement.ts";
import { GATEWAY_VENDORS } from "../../demo/vendors.ts";
import { HEARTBEAT_SECONDS, SENT_BYTES, VENDOR_RECEIVED_BYTES } from "../../filter/core/contract.ts";
import { validateCommand } from "../../installer/commands/validate.ts";
import { openPrometheus, type Prometheus } from "../../installer/prometheus/open.ts";
import type { State } from "../../installer/validate/checks.ts";
import type { Ledger } from "../../installer/validate/ledger.ts";
import { makeLoad } from "../../installer/validate/load.ts";
import type { Report } from "../../installer/validate/report.ts";
import { type ValidateOptions, validate } from "../../installer/validate/run.ts";
import { parseVendors } from "../../installer/vendors/read.ts";
import { type CountedRig, startCountedRig } from "./driver/counted-rig.ts";
import { startDemo } from "./driver/demo-process.ts";

const { signal } = new AbortController();
const SITES = ["shop-01.example", "shop-02.example", "shop-03.example"];
const NOT_GIVEN: Omit<ValidateOptions, "prometheus"> = {
  ...{ scope: { namespaces: [], pods: [] }, windowSeconds: 120, vendors: [], isScaled: false, signal },
  ...{ say: () => {}, untilDoubled: async () => {} },
};

/** A new Prometheus takes up to five seconds to its first target. */
async function firstScrape(url: string): Promise<void> {
  const prometheus = await openPrometheus({ url, signal });
  const scraped = async () => expect(await prometheus.query(HEARTBEAT_SECONDS)).toHaveLength(1);
  await vi.waitFor(scraped, { timeout: 15_000, interval: 200 });
}

const VENDORS_FILE = parseVendors(
  `apiVersion: proxymeter.io/v1\nvendors:\n${GATEWAY_VENDORS.map(
    ({ name, gateway }) => `  - name: ${name}\n    gateways: [{ host: ${gateway.host}, ports: [${gateway.port}] }]\n`,
  ).join("")}`,
  "vendors.yaml",
);

function states({ checks }: Report): Record<string, State> {
  return Object.fromEntries(checks.map(({ id, state }) => [id, state]));
}

function check({ checks }: Report, id: string) {
  const found = checks.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no check "${id}"`);
  return found;
}

/** Prometheus with one to be added to one sample of the expressions that hold a text. */
function doctored(prometheus: Prometheus, text: string): Prometheus {
  return {
    ...prometheus,
    async query(promql, time) {
      const samples = await prometheus.query(promql, time);
      const largest = samples.reduce((most, { value }) => Math.max(most, value), 0);
      if (!promql.includes(text) || largest === 0) return samples;
      const at = samples.findIndex(({ value }) => value === largest);
      return samples.map((sample, index) => (index === at ? { ...sample, value: sample.value + 1 } : sample));
    },
  };
}

const PASSED: Record<string, State> = { A: "PASS", B: "PASS", C: "PASS", D: "PASS", books: "PASS" };
const TO_THE_BYTE = "3 pairs of pod and vendor agree to the byte";

function loadOptions(proxies: readonly string[], ca: string): string[] {
  const urls = SITES.flatMap((host) => ["--url", `https://${host}/`]);
  return [...proxies.flatMap((proxy) => ["--proxy", proxy]), ...urls, "--ca", ca, "--duration", "1500ms"];
}

let at: Announcement;
let rig: CountedRig;
let ledger: Ledger;
/** Written when the load of the second rig ended, which is long ago by the time of its tests. */
let ledgerFile: string;
const atEnd: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const demo = startDemo(["--serve"], { atEnd: (step) => atEnd.push(step) });
  rig = await startCountedRig(GATEWAY_VENDORS, SITES);
  at = JSON.parse(await demo.says("\n", "stdout"));
  await Promise.all([at.prometheus, rig.prometheus].map(firstScrape));
  const ca = join(rig.folder, "ca.pem");
  writeFileSync(ca, rig.ca);
  const proxies = GATEWAY_VENDORS.map((vendor) => `${vendor.name}=${rig.proxy(vendor)}`);
  ledger = await makeLoad([...loadOptions(proxies, ca), "--rate", "40"], signal);
  ledgerFile = join(rig.folder, "ledger.json");
  writeFileSync(ledgerFile, JSON.stringify(ledger));
});
afterAll(async () => {
  await rig?.stop();
  for (const step of atEnd) await step();
});

describe("validate with a load of its own, against the served demo", () => {
  it("passes everything to the byte, doubles the load, and sees the metered rate follow", async () => {
    const prometheus = await openPrometheus({ url: at.prometheus, signal });
    const proxies = at.vendors.map(({ vendor, proxy }) => `${vendor}=${proxy}`);
    const load = [...loadOptions(proxies, at.ca), "--connections", "10", "--think", "100ms"];
    const said: string[] = [];
    const say = (line: string) => void said.push(line);
    const report = await validate({ ...NOT_GIVEN, prometheus, load, isScaled: true, say });
    expect(states(report), JSON.stringify(report.checks)).toEqual({ ...PASSED, scale: "PASS" });
    expect(report).toMatchObject({ state: "PASS", pods: { seen: 1, encodings: { full: 1 }, reset: [] } });
    expect(check(report, "books").evidence).toContain(TO_THE_BYTE);
    expect(check(report, "scale").oracle).toContain("loadgen");
    expect(said.join("\n")).not.toContain("-password");
  });
});

describe("validate after a load", () => {
  let prometheus: Prometheus;
  beforeAll(async () => {
    prometheus = await openPrometheus({ url: rig.prometheus, signal });
  });

  function ledgerWith(changes: Partial<Ledger["destinations"][number]>): string {
    const [first, ...others] = ledger.destinations;
    if (first === undefined) throw new Error("the ledger is empty");
    const file = join(rig.folder, "doctored.json");
    writeFileSync(file, JSON.stringify({ ...ledger, destinations: [{ ...first, ...changes }, ...others] }));
    const { mtime } = statSync(ledgerFile);
    utimesSync(file, mtime, mtime);
    return file;
  }

  it("passes against loadgen's ledger in a file, with the figures of each check", async () => {
    const report = await validate({ ...NOT_GIVEN, prometheus, ledger: ledgerFile });
    expect(states(report), JSON.stringify(report.checks)).toEqual(PASSED);
    const { oracle, evidence } = check(report, "books");
    expect([oracle, evidence.at(-1)]).toEqual(["loadgen's ledger of its own sockets", TO_THE_BYTE]);
    const globex = ledger.destinations.filter(({ vendor }) => vendor === "globex");
    const sent = globex.reduce((sum, row) => sum + row.sentBytes, 0);
    expect(sent).toBeGreaterThan(0);
    expect(check(report, "C").evidence).toContain(`globex: ${sent.toLocaleString("en-US")} bytes sent`);
    expect(check(report, "B").evidence.join("\n")).toContain("shop-01.example");
  });

  it("fails the books when the ledger is off by one byte, and names vendor and direction", async () => {
    const [first] = ledger.destinations;
    const doctoredFile = ledgerWith({ receivedBytes: (first?.receivedBytes ?? 0) + 1 });
    const report = await validate({ ...NOT_GIVEN, prometheus, ledger: doctoredFile });
    expect(report.state).toBe("FAIL");
    expect(states(report)).toEqual({ ...PASSED, books: "FAIL" });
    expect(check(report, "books").problems).toEqual([
      expect.stringMatching(new RegExp(`^${first?.vendor}: receivedBytes: `)),
    ]);
  });

  it("passes against Envoy's own counters of the gateways' clusters, and fails for one byte of theirs", async () => {
    const options = { ...NOT_GIVEN, prometheus, file: VENDORS_FILE, vendors: ["acme", "globex", "initech"] };
    const report = await validate(options);
    expect(states(report), JSON.stringify(report.checks)).toEqual(PASSED);
    const { oracle, evidence } = check(report, "books");
    expect([oracle, evidence.at(-1)]).toEqual(["Envoy's own byte counters of the gateways' clusters", TO_THE_BYTE]);
    const counter = "envoy_cluster_upstream_cx_tx_bytes_total";
    const off = await validate({ ...options, prometheus: doctored(prometheus, counter) });
    expect(states(off)).toEqual({ ...PASSED, books: "FAIL" });
    expect(check(off, "books").problems).toEqual([expect.stringMatching(/^crawl\/crawler-0: \w+: sentBytes: /)]);
  });

  it("fails the check whose split is off by one byte, and no other", async () => {
    const report = await validate({ ...NOT_GIVEN, prometheus: doctored(prometheus, SENT_BYTES) });
    expect(states(report)).toMatchObject({ A: "PASS", B: "PASS", C: "FAIL", D: "PASS" });
    const problem = /splits add up to [\d,]+ \(expected [\d,]+\)$/;
    expect(check(report, "C").problems).toEqual([expect.stringMatching(problem)]);
  });

  it("fails D when a vendor total is off by one byte", async () => {
    const report = await validate({ ...NOT_GIVEN, prometheus: doctored(prometheus, VENDOR_RECEIVED_BYTES) });
    expect(states(report)).toMatchObject({ A: "PASS", C: "PASS", D: "FAIL" });
  });

  it("fails A to D for a vendor that nobody used", async () => {
    const report = await validate({ ...NOT_GIVEN, prometheus, vendors: ["acme", "unheard-of"] });
    expect(states(report)).toEqual({ A: "FAIL", B: "FAIL", C: "FAIL", D: "FAIL", books: "SKIP" });
    expect(check(report, "A").problems).toEqual(["unheard-of: no request"]);
  });

  it("gives the books no PASS without an oracle, and says so in its exit status", async () => {
    const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    onTestFinished(() => written.mockRestore());
    const program = new Command().addCommand(validateCommand({ finish: signal, abort: signal }));
    const args = ["node", "proxymeter", "validate", "--prometheus", rig.prometheus, "--window", "2m", "-o", "json"];
    await expect(program.parseAsync(args)).rejects.toMatchObject({ code: "E_VALIDATION_INCOMPLETE", exitCode: 3 });
    const report = JSON.parse(String(written.mock.calls[0]?.[0])) as Report;
    expect(states(report)).toEqual({ ...PASSED, books: "SKIP" });
    expect(check(report, "books")).toMatchObject({ oracle: "none", problems: [expect.stringMatching(/^no oracle: /)] });
  });
});
