// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about a served rig with curl as its client: what curl says it sent and got is what the report has on both sides.
 * Left out, with the reason, where curl is not on PATH; required where CI or REQUIRE_ALL is set.
 */
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { poll } from "../../demo/poll.ts";
import type { Report } from "../../demo/report/report.ts";
import { FIELDS } from "../../demo/report/tally.ts";
import type { Announcement } from "../../demo/serve/announcement.ts";
import { type Demo, startDemo } from "./driver/demo-process.ts";
import { childPids, isRunning } from "./driver/processes.ts";

const isRequired = Boolean(process.env.CI || process.env.REQUIRE_ALL);
const hasCurl = spawnSync("curl", ["--version"]).status === 0;
const reason = hasCurl ? "" : " (left out: curl is not on PATH, try `apt install curl`)";
const SIZE = 300_000;
const FIGURES = ["http_code", "http_version", "size_request", "size_header", "size_download", "size_upload"] as const;

type Figures = Record<(typeof FIGURES)[number], string>;

async function curl(...args: string[]): Promise<Figures> {
  const format = FIGURES.map((name) => `%{${name}}`).join(" ");
  const fixed = ["--silent", "--show-error", "--output", "/dev/null", "--write-out", format];
  const { stdout } = await promisify(execFile)("curl", [...fixed, ...args]);
  const values = stdout.split(" ");
  return Object.fromEntries(FIGURES.map((name, index) => [name, values[index] ?? ""])) as Figures;
}

async function serve(...args: string[]): Promise<{ demo: Demo; at: Announcement }> {
  const demo = startDemo(["--serve", ...args]);
  return { demo, at: JSON.parse(await demo.says("\n", "stdout")) };
}

/** The report once nothing goes on any more. */
function settledReport({ report }: Announcement): Promise<Report> {
  const read = async () => {
    const answer = (await (await fetch(report)).json()) as Report;
    return answer.settled ? answer : undefined;
  };
  return poll(read, {
    what: "the report to settle",
    deadlineMs: 15_000,
    signal: new AbortController().signal,
    hint: "",
  });
}

function destination({ destinations }: Report, vendor: string, host: string) {
  return destinations.find((row) => row.vendor === vendor && row.host === host);
}

/** Whether metered and actual are the same in all rows; the report has no bound then. */
function isExact({ vendors, pods, destinations }: Report): boolean {
  const pairs = [...vendors, ...pods, ...destinations].flatMap((row) => FIELDS.map((field) => row[field]));
  return pairs.length > 0 && pairs.every(({ metered, actual, bound }) => metered === actual && bound === undefined);
}

describe("demo --serve", () => {
  it.skipIf(!hasCurl && !isRequired)(`counts every byte of curl through each of its proxies${reason}`, async () => {
    const { at } = await serve();
    const plain = new Map<string, Figures>();
    for (const { vendor, proxy } of at.vendors) {
      const through = (...args: string[]) => curl("--proxy", proxy, "--cacert", at.ca, "--http1.1", ...args);
      expect(await through(`https://shop-01.example/bytes?size=${SIZE}`)).toMatchObject({ http_code: "200" });
      await through("--data-binary", "x".repeat(5000), "https://shop-02.example/upload");
      plain.set(vendor, await through(`http://shop-03.example/bytes?size=${SIZE}`));
      await expect(through("https://nowhere.example/")).rejects.toThrow();
      const stranger = proxy.replace(`${vendor}-password`, "wrong");
      await expect(through("--proxy", stranger, "https://shop-04.example/")).rejects.toThrow();
    }

    const report = await settledReport(at);
    expect(report.checks.filter(({ pass }) => !pass)).toEqual([]);
    expect([report.ok, isExact(report)], JSON.stringify(report.vendors)).toEqual([true, true]);
    for (const { vendor } of at.vendors) {
      expect(report.vendors.find((row) => row.vendor === vendor)?.requests.metered).toBe(5);
      expect(destination(report, vendor, "shop-01.example")?.receivedBytes.metered).toBeGreaterThan(SIZE);
      expect(destination(report, vendor, "shop-02.example")?.sentBytes.metered).toBeGreaterThan(5000);
    }
    // In absolute form there is nothing on the wire but what curl counts itself.
    for (const vendor of ["acme", "globex"]) {
      const { size_request, size_header, size_download } = plain.get(vendor) as Figures;
      const row = destination(report, vendor, "shop-03.example");
      expect(row?.sentBytes.metered).toBe(Number(size_request));
      expect(row?.receivedBytes.metered).toBe(Number(size_header) + Number(size_download));
    }
  });

  it.skipIf(!hasCurl && !isRequired)(`counts HTTP/2 of curl but for what its resets cut off${reason}`, async () => {
    const { at } = await serve();
    for (const { proxy } of at.vendors) {
      const answer = await curl(
        "--proxy",
        proxy,
        "--cacert",
        at.ca,
        "--http2",
        `${at.sites[0]?.url}bytes?size=${SIZE}`,
      );
      expect(answer).toMatchObject({ http_code: "200", http_version: "2", size_download: String(SIZE) });
    }
    const report = await settledReport(at);
    expect(report.ok, JSON.stringify(report.vendors)).toBe(true);
    for (const { requests, sentBytes, receivedBytes } of report.vendors) {
      expect(requests).toEqual({ metered: 1, actual: 1 });
      expect(receivedBytes.metered).toBeGreaterThan(SIZE);
      // Two frames at most: the last ones of either side.
      for (const { metered, actual } of [sentBytes, receivedBytes])
        expect(Math.abs(metered - actual)).toBeLessThan(100);
    }
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "ends cleanly on %s with nothing but its one line on stdout",
    async (name) => {
      const { demo, at } = await serve();
      const parts = childPids(demo.pid);
      demo.child.kill(name);
      const { code, stdout, stderr } = await demo.ended;
      expect(stdout).toBe(`${JSON.stringify(at)}\n`);
      expect(code, stderr).toBe(0);
      expect(parts).toHaveLength(2);
      expect(parts.filter(isRunning)).toEqual([]);
      expect(demo.leftovers()).toEqual([]);
    },
  );

  it("is where it says it is: Envoy's admin interface, Prometheus, the page and the report of two pods", async () => {
    const { at } = await serve("--pods", "2");
    expect(await (await fetch(`${at.admin}/server_info`)).json()).toMatchObject({ state: "LIVE" });
    expect((await fetch(`${at.prometheus}/-/ready`)).status).toBe(200);
    expect(await (await fetch(`${at.page}site.json`)).json()).toMatchObject({ prometheus: at.prometheus });
    const report = await settledReport(at);
    expect(report).toMatchObject({ ok: false, settled: true, vendors: [], pods: [], destinations: [] });
    expect(at.vendors.map(({ pod, vendor }) => `${pod}/${vendor}`)).toHaveLength(6);
  });

  it("exits with 1 and says which part ended when one does", async () => {
    const { demo } = await serve();
    process.kill(childPids(demo.pid)[0] ?? 0, "SIGKILL");
    const { code, stderr } = await demo.ended;
    expect(stderr).toContain('Envoy "crawler-0" ended during the run with signal SIGKILL');
    expect(code).toBe(1);
    expect(demo.leftovers()).toEqual([]);
  });
});
