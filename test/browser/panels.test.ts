// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the page over a real run of the main job's rig: every panel of every dashboard is drawn, nothing is asked of
 * anybody else, and no policy is breached. The past and the containers' metrics are stand-ins, as in test/grafana/stage.ts.
 */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DASHBOARDS as FOLDER } from "../../demo/paths.ts";
import { DASHBOARDS } from "../../grafana/dashboards/catalogue.ts";
import { startView, type View } from "../../view/server/server.ts";
import { urlUpstream } from "../../view/server/url-upstream.ts";
import { type Stage, startStage } from "../grafana/stage.ts";
import { panelsBecome, startBrowser, visit } from "./browser.ts";

/** Rules over five minutes, and those that other rules feed, need a while. */
const DEADLINE_MS = 180_000;

let stage: Stage;
let view: View;
let browser: Browser;

beforeAll(async () => {
  stage = await startStage();
  const upstream = urlUpstream(stage.prometheus.url);
  view = await startView({ upstream, dashboards: FOLDER, scrapeIntervalSeconds: 1, from: "now-5m" });
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  await view?.close();
  await stage?.teardown.run();
});

describe("over a real run", () => {
  it.each(Object.values(DASHBOARDS))("$title shows data in every panel", async ({ uid }) => {
    const { page, requests, complaints, close } = await visit(browser, `${view.url}d/${uid}?refresh=5s`);
    const panels = await panelsBecome(page, ({ state }) => state === "drawn", DEADLINE_MS);
    expect(panels.length).toBeGreaterThan(10);
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(view.url))).toEqual([]);
    expect(requests.length).toBeGreaterThan(panels.length);
    expect(await page.textContent("#news")).toBe("");
    await close();
  });

  it("shows less where a vendor is chosen, and keeps the choice on the way to another dashboard", async () => {
    const { page, close } = await visit(browser, `${view.url}d/proxymeter-overview?var-vendor=acme`);
    await panelsBecome(page, ({ state }) => state === "drawn" || state === "nothing");
    const legend = page.locator('[data-type="timeseries"] .legend').first();
    expect(await legend.innerText()).toBe("acme");
    await page.getByRole("link", { name: "Vendors" }).click();
    await page.waitForSelector("main[data-refreshed]");
    expect(new URL(page.url()).search).toBe("?var-vendor=acme");
    await close();
  });
});
