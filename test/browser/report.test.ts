// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about a whole run of the main job, from load to report: the figures on its page and of `proxymeter top` equal the
 * report's, which equal what crossed the sockets.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { withRig } from "../../demo/lifetime.ts";
import { readOptions } from "../../demo/options.ts";
import { startPage } from "../../demo/page.ts";
import { buildReport, type Report } from "../../demo/report/report.ts";
import { loadAndSettle, settingsOf } from "../../demo/run.ts";
import type { Viewer } from "../../demo/view/viewer.ts";
import type { Section } from "../../view/terminal/screen.ts";
import { panelOf, startBrowser, visit } from "./browser.ts";

const MAIN = join(import.meta.dirname, "../../installer/main.ts");
const OPTIONS = readOptions({ duration: "10s", pods: "2", rate: "20" });
const SILENT: Viewer = { stage: () => {}, tick: () => {}, loaded: () => {}, close: () => {} };
const { signal } = new AbortController();
const control = { finish: signal, abort: signal };

type Figures = Record<string, number[]>;

/** Runs the main job, and looks at its page and at its Prometheus before it ends. */
function run(): Promise<{ report: Report; shown: Figures; top: Section[] }> {
  return withRig(settingsOf(OPTIONS), { control, onStage: () => {} }, async (lease) => {
    const page = await startPage(lease.rig, lease.teardown);
    const report = buildReport(await loadAndSettle(lease, OPTIONS, { finish: signal, viewer: SILENT }));
    const args = [MAIN, "top", "--prometheus", lease.rig.prometheus.url, "--limit", "100", "-o", "json"];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return { report, shown: await figuresOn(page), top: JSON.parse(stdout) };
  });
}

/** Requests, sent and received by vendor, as the table on the page has them. */
async function figuresOn(url: string): Promise<Figures> {
  const browser = await startBrowser();
  try {
    const { page } = await visit(browser, url);
    const rows = panelOf(page, "Counted so far").locator("tbody tr");
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBeGreaterThan(0);
    const heads = await panelOf(page, "Counted so far").locator("thead th").allTextContents();
    expect(heads.map((head) => head.replace(/ [▾▴]$/, ""))).toEqual(["Vendor", "Requests", "Sent", "Received"]);
    const figures = (await rows.all()).map(async (row) => {
      const cells = await row.locator("td").all();
      const values = cells.slice(1).map(async (cell) => Number(await cell.getAttribute("data-value")));
      return [await cells[0]?.textContent(), await Promise.all(values)] as const;
    });
    return Object.fromEntries(await Promise.all(figures));
  } finally {
    await browser.close();
  }
}

describe("a run of the main job", () => {
  it("has the same figures in its report, on its page and in `proxymeter top`", async () => {
    const { report, shown, top } = await run();
    expect(report.ok).toBe(true);
    expect(report.vendors.length).toBeGreaterThan(3);
    for (const { vendor, requests, sentBytes, receivedBytes } of report.vendors) {
      expect(shown[vendor]).toEqual([requests.metered, sentBytes.metered, receivedBytes.metered]);
    }
    const rows = (grouping: string) => top.find((section) => section.grouping === grouping)?.rows ?? [];
    for (const { vendor, requests, sentBytes, receivedBytes } of report.vendors) {
      expect(rows("vendor").find(({ name }) => name === vendor)).toMatchObject({
        ...{ requests: requests.metered, sentBytes: sentBytes.metered, receivedBytes: receivedBytes.metered },
      });
    }
    const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0);
    for (const grouping of ["pod", "destination"]) {
      expect(sum(rows(grouping).map(({ requests }) => requests))).toBe(
        sum(report.vendors.map(({ requests }) => requests.metered)),
      );
    }
  });
});
