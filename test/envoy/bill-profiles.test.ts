// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about reconciling with vendors that bill in different ways: real traffic through a real Envoy to gateways that keep their own
 * bill, their export held against the ledger that Envoy wrote. Nothing is left unexplained, to the byte.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bill } from "../../bill/bill.ts";
import type { Reconciliation } from "../../bill/reconcile/reconcile.ts";
import { poll } from "../../demo/poll.ts";
import { type BillingGateway, type MeteredConnection, startBillingGateway } from "./driver/billing-gateway.ts";
import { heartbeats } from "./driver/heartbeat.ts";
import { settledLedger } from "./driver/ledger-books.ts";
import { type Sidecar, startSidecar } from "./driver/sidecar.ts";

interface Profile {
  vendor: string;
  title: string;
  /** Members of the vendor in vendors.yaml. */
  yaml: string;
  /** What the vendor bills of a connection. */
  billed(connection: MeteredConnection): number;
  unit: "B" | "GB";
  /** Reasons of the lines that explain the difference. */
  reasons: string[];
}

const GIB = 2 ** 30;
const both = ({ sent, received }: MeteredConnection) => sent + received;
const PROFILES: readonly Profile[] = [
  {
    vendor: "acme",
    title: "every byte of both directions",
    yaml: "billing: {unbilledOutcomes: []}",
    billed: both,
    unit: "B",
    reasons: [],
  },
  {
    vendor: "globex",
    title: "no CONNECT with its answer, nothing of its own refusals",
    yaml: "billing: {handshake: false, unbilledOutcomes: [vendor_error]}",
    billed: (one) => (one.status === 200 ? both(one) - one.proxySent - one.proxyReceived : 0),
    unit: "B",
    reasons: ["outcome", "proxyHandshake"],
  },
  {
    vendor: "initech",
    title: "received bytes without handshakes, in GB of 2^30",
    yaml: "billing: {directions: received, handshake: false, tlsHandshake: false}\n    price: {currency: USD, perGB: 3, gigabyte: binary}",
    billed: (one) => (one.status === 200 ? one.received - one.proxyReceived - one.tlsReceived : 0),
    unit: "GB",
    reasons: ["direction", "outcome", "proxyHandshake", "tlsHandshake", "gigabyte"],
  },
  {
    vendor: "initech-api",
    title: "sent bytes with refusals, in decimal GB",
    yaml: "billing: {directions: sent, unbilledOutcomes: []}",
    billed: ({ sent }) => sent,
    unit: "GB",
    reasons: ["direction"],
  },
];

let folder: string;
let sidecar: Sidecar;
const gateways = new Map<string, BillingGateway>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "proxymeter-profiles-"));
  for (const { vendor } of PROFILES) gateways.set(vendor, await startBillingGateway());
  const lanes = [...gateways].map(([vendor, { port }]) => ({ vendor, gateway: { port } }));
  sidecar = await startSidecar({ lanes, ledgerSeconds: 1 });
  const vendors = PROFILES.map(({ vendor, yaml }) => `  - name: ${vendor}\n    ${yaml}\n`).join("");
  writeFileSync(join(folder, "vendors.yaml"), `apiVersion: proxymeter.io/v1\nvendors:\n${vendors}`);
  await Promise.all(PROFILES.map(({ vendor }) => travel(sidecar.lane(vendor).port)));
  await heartbeats(sidecar, 2);
  await whenAllIsWritten();
});
afterAll(async () => {
  await sidecar?.stop();
  for (const gateway of gateways.values()) await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Pages of different sizes through tunnels, and refusals between them. */
async function travel(port: number): Promise<void> {
  for (const [index, sizes] of [[1], [70_000, 12], [300_000], [5, 5, 5, 1_000_000]].entries()) {
    await refused(port);
    const socket = await opened(port, `shop-0${index + 1}.example:443`);
    const secure = tls.connect({ socket, rejectUnauthorized: false, servername: "shop-01.example" });
    await once(secure, "secureConnect");
    for (const size of sizes) {
      secure.write(`${size}\n`);
      let read = 0;
      while (read < size) read += ((await once(secure, "data")) as [Buffer])[0].length;
    }
    secure.end();
    await once(socket, "close");
  }
}

async function opened(port: number, target: string): Promise<net.Socket> {
  // Half open, so that nothing is in flight when it closes: what Envoy cannot deliver it does not read.
  const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const user = Buffer.from("crawl-zone-residential-country-de:secret").toString("base64");
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nProxy-Authorization: Basic ${user}\r\n\r\n`);
  await once(socket, "readable");
  const answer = socket.read() as Buffer;
  if (!/^HTTP\/1.1 (200|502)/.test(answer.toString())) throw new Error(`the gateway answered ${answer}`);
  return socket;
}

async function refused(port: number): Promise<void> {
  const socket = await opened(port, "refused.example:443");
  socket.resume().end();
  await once(socket, "close");
}

/** Every connection that the gateways had has its last line. */
async function whenAllIsWritten(): Promise<void> {
  const wanted = [...gateways.values()].reduce((sum, { connections }) => sum + connections.length, 0);
  const check = async () => {
    const lines = await settledLedger(sidecar.ledger);
    return lines.filter(({ isInterim }) => !isInterim).length >= wanted ? true : undefined;
  };
  await poll(check, {
    what: `the ledger to have ${wanted} connections`,
    deadlineMs: 15_000,
    signal: new AbortController().signal,
    detail: () => readFileSync(sidecar.ledger, "utf8"),
    hint: "",
  });
}

/** The export of a vendor: one window that the whole test is in. */
function exportOf({ vendor, billed, unit }: Profile): string {
  const bytes = (gateways.get(vendor)?.connections ?? []).reduce((sum, one) => sum + billed(one), 0);
  const size = unit === "B" ? 1 : vendor === "initech" ? GIB : 1e9;
  const file = join(folder, `${vendor}.csv`);
  writeFileSync(file, `from,to,bytes\n${window().join(",")},${bytes / size}\n`);
  return file;
}

function window(): string[] {
  const now = Date.now();
  return [now - 3_600_000, now + 3_600_000].map((time) => new Date(time).toISOString());
}

function run<T>(...args: string[]): Promise<{ result: T; code: number }> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [
        "installer/main.ts",
        ...args,
        "--prices",
        join(folder, "vendors.yaml"),
        "--ledger",
        sidecar.ledger,
        "-o",
        "json",
      ],
      { cwd: join(import.meta.dirname, "../..") },
      (error, stdout, stderr) =>
        stdout === ""
          ? reject(new Error(stderr))
          : resolve({ result: JSON.parse(stdout) as T, code: Number(error?.code ?? 0) }),
    );
  });
}

describe("the export of a vendor that bills", () => {
  it.each(PROFILES)("$title is explained to the byte by the ledger", async (profile) => {
    const columns = "time=from,end=to,bytes=bytes";
    const usage = exportOf(profile);
    const options = ["--vendor", profile.vendor, "--usage", usage, "--columns", columns, "--unit", profile.unit];
    const { result, code } = await run<Reconciliation>("reconcile", ...options);
    expect(result.reportedBytes).toBeGreaterThan(1000);
    // Whole bytes as a fraction of a GB: what its last digit hides is less than a byte.
    expect(result).toMatchObject({ unexplainedBytes: 0, reportedBytes: result.expectedBytes, verdict: "green" });
    expect(result.lines.map(({ reason }) => reason)).toEqual(profile.reasons);
    expect(code).toBe(0);
  });

  it("is red once credentials are used by somebody who is not metered", async () => {
    const profile = PROFILES[0] as Profile;
    const gateway = gateways.get(profile.vendor) as BillingGateway;
    const before = gateway.connections.length;
    await travel(gateway.port);
    const usage = exportOf(profile);
    const elsewhere = gateway.connections.splice(before).reduce((sum, one) => sum + both(one), 0);
    const options = ["--vendor", profile.vendor, "--usage", usage, "--columns", "time=from,end=to,bytes=bytes"];
    const { result, code } = await run<Reconciliation>("reconcile", ...options);
    expect(result).toMatchObject({ verdict: "red", unexplainedBytes: elsewhere });
    expect(code).toBe(4);
  });
});

describe("the bill of the same ledger", () => {
  it("has what the gateways counted, and its own price", async () => {
    const [from = "", to = ""] = window();
    const { result } = await run<Bill>("bill", "--from", from, "--to", to);
    for (const { vendor, billed } of PROFILES) {
      const bill = result.vendors.find((one) => one.vendor === vendor);
      const connections = gateways.get(vendor)?.connections ?? [];
      expect(bill?.total).toMatchObject({
        requests: connections.length,
        succeeded: connections.filter(({ status }) => status === 200).length,
        sentBytes: connections.reduce((sum, { sent }) => sum + sent, 0),
        receivedBytes: connections.reduce((sum, { received }) => sum + received, 0),
        billableBytes: connections.reduce((sum, one) => sum + billed(one), 0),
        failedShare: "0.5000",
      });
      expect(bill?.splits.pool.map(({ value }) => value)).toEqual(["residential"]);
      expect(bill?.splits.destination).toHaveLength(5);
    }
    expect(result.vendors.find(({ vendor }) => vendor === "initech")?.total.cost).toMatch(/^0\.0[0-9]$/);
  });

  it("names as repeated what was tried again after a refusal", async () => {
    const [from = "", to = ""] = window();
    const { result } = await run<Bill>("bill", "--from", from, "--to", to, "--vendors", "acme");
    const rows = result.vendors[0]?.splits.destination ?? [];
    const refusals = rows.find(({ value }) => value === "refused.example");
    const first = gateways.get("acme")?.connections.find(({ status }) => status !== 200);
    expect(refusals?.repeatedBytes).toBeGreaterThanOrEqual(3 * (first?.sent ?? 0));
    expect(rows.filter(({ value }) => value !== "refused.example").map(({ repeatedBytes }) => repeatedBytes)).toEqual([
      0, 0, 0, 0,
    ]);
  });
});
