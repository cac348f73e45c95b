// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the page in a headless Chromium over a real Prometheus that has hosts with hostile names: they do nothing, nothing
 * leaves the machine, the policy holds; and the page can be used by keyboard, by screen reader, in light and dark.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DASHBOARDS } from "../../demo/paths.ts";
import { Teardown } from "../../demo/teardown.ts";
import { startView, type View } from "../../view/server/server.ts";
import { visible } from "../../view/model/visible.ts";
import { urlUpstream } from "../../view/server/url-upstream.ts";
import { panelOf, panelsBecome, startBrowser, visit } from "./browser.ts";
import { HARMLESS, HOSTILE, startHostileFleet } from "./hostile-fleet.ts";

/** On a busy machine. */
const SOON = { timeout: 30_000 };
const teardown = new Teardown();
let view: View;
let browser: Browser;

beforeAll(async () => {
  const { url } = await startHostileFleet(teardown);
  view = await startView({
    upstream: urlUpstream(url),
    dashboards: DASHBOARDS,
    scrapeIntervalSeconds: 1,
    from: "now-5m",
  });
  teardown.add(() => view.close());
  browser = await startBrowser();
  teardown.add(() => browser.close());
});
afterAll(() => teardown.run());

const inPage = (name: string) => readFileSync(join(import.meta.dirname, "in-page", name), "utf8");
const settled = (page: Page) => panelsBecome(page, ({ state }) => state === "drawn" || state === "nothing");

/** Waits until the hosts are in a table. */
async function hostsAreShown(page: Page): Promise<string[]> {
  const cells = panelOf(page, "By outcome").locator("td");
  await expect.poll(async () => (await cells.allTextContents()).includes(HARMLESS), { timeout: 90_000 }).toBe(true);
  return cells.allTextContents();
}

describe("hosts with hostile names", () => {
  it("are shown as they are, and do nothing", async () => {
    const { page, requests, complaints, close } = await visit(browser, `${view.url}d/proxymeter-destinations`);
    const shown = await hostsAreShown(page);
    expect(HOSTILE.map(visible).filter((name) => !shown.includes(name))).toEqual([]);
    expect(shown.join()).toContain("\\u202emoc.elpmaxe");
    for (const button of await page.getByRole("button", { name: / as a table$/ }).all()) await button.click();
    await settled(page);
    for (const box of await page.locator(".canvas").all()) await box.hover({ force: true });
    await panelOf(page, "By outcome").getByRole("button", { name: "Destination" }).click();
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(await page.locator("main img, main script, main h1, main svg[onload], main iframe").count()).toBe(0);
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(view.url))).toEqual([]);
    await close();
  });

  it("can be chosen as a variable's value, and narrow the queries to that host", async () => {
    const { page, complaints, close } = await visit(browser, `${view.url}d/proxymeter-destinations`);
    await hostsAreShown(page);
    await page.locator("details[data-variable=destination] summary").click();
    await page.getByRole("checkbox", { name: HOSTILE[1], exact: true }).check();
    const hosts = panelOf(page, "By outcome").locator("td:nth-child(2)");
    await expect.poll(() => hosts.allTextContents(), { timeout: 60_000 }).toEqual([HOSTILE[1]]);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(complaints).toEqual([]);
    await close();
  });

  it("could not reach anybody or write markup even if they ran", async () => {
    const { page, close } = await visit(browser, `${view.url}d/proxymeter-overview`);
    const attempts = [
      `fetch("http://127.0.0.1:9/").then(() => "sent", (error) => error.name)`,
      `fetch("http://localhost:" + location.port + "/site.json").then(() => "sent", (error) => error.name)`,
      `new Promise((done) => { const image = new Image(); image.onload = () => done("sent"); image.onerror = () => done("refused"); image.src = "http://other.example/x.png"; })`,
      `(() => { try { document.body.innerHTML = "<b>x</b>"; return "written"; } catch (error) { return error.name; } })()`,
      `(() => { const script = document.createElement("script"); try { script.textContent = "window.hacked=1"; document.body.append(script); } catch {} return String(window.hacked); })()`,
      `(() => { const box = document.createElement("div"); box.setAttribute("style", "color: red"); document.body.append(box); return getComputedStyle(box).color; })()`,
    ];
    const got = [];
    for (const attempt of attempts) got.push(await page.evaluate(attempt));
    expect(got.slice(0, 4)).toEqual(["TypeError", "TypeError", "refused", "TypeError"]);
    expect(got[4]).toBe("undefined");
    expect(got[5]).not.toBe("rgb(255, 0, 0)");
    await close();
  });
});

describe("by keyboard", () => {
  it("leads past the head to the panels, in the order of reading, and on from each control", async () => {
    const { page, close } = await visit(browser, `${view.url}d/proxymeter-overview?refresh=off`);
    await settled(page);
    const names: string[] = [];
    for (let step = 0; step < 24; step += 1) {
      await page.keyboard.press("Tab");
      names.push(await page.evaluate(FOCUSED_NAME));
    }
    const wanted = [
      "Skip to the panels",
      "Overview",
      "Vendors",
      "Time",
      "Refresh",
      "Refresh now",
      "Colours",
      "Cluster: All",
      "Vendor: All",
      "About Requests",
    ];
    const places = wanted.map((name) => names.findIndex((one) => one.startsWith(name)));
    expect(places.filter((place) => place < 0)).toEqual([]);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(names).not.toContain("");
    await close();
  });

  it("skips to the panels, opens a description, turns a drawing into its table and chooses a vendor", async () => {
    const { page, close } = await visit(browser, `${view.url}d/proxymeter-overview?refresh=off`);
    await hostsCounted(page);
    await page.reload();
    await settled(page);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("panels");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.locator(".about:visible").first().innerText()).not.toBe("");
    const table = page.getByRole("button", { name: "Requests by vendor as a table" });
    await table.focus();
    await page.keyboard.press("Space");
    expect(await table.getAttribute("aria-pressed")).toBe("true");
    expect(await panelOf(page, "Requests by vendor").locator("thead th").allTextContents()).toContain("acme");
    await page.locator("details[data-variable=vendor] summary").focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await expect.poll(() => new URL(page.url()).search, SOON).toContain("var-vendor=acme");
    await close();
  });
});

describe("for screen readers and eyes", () => {
  it.each(["light", "dark"] as const)("names everything, and has enough contrast in %s", async (colorScheme) => {
    const { page, complaints, close } = await visit(browser, `${view.url}d/proxymeter-overview?refresh=off`, {
      colorScheme,
    });
    await settled(page);
    expect(await page.evaluate(inPage("structure.mjs"))).toEqual([]);
    expect(await page.evaluate(inPage("contrast.mjs"))).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  });

  it("says in words what a drawing shows", async () => {
    const { page, close } = await visit(browser, `${view.url}d/proxymeter-overview?refresh=off`);
    await hostsCounted(page);
    const label = await panelOf(page, "Requests by vendor").getByRole("img").getAttribute("aria-label");
    expect(label).toMatch(/^Requests by vendor: \d+ lines? over time, last values: acme [\d.]+ req\/s/);
    await close();
  });

  it("switches the colours and remembers it", async () => {
    const { page, close } = await visit(browser, `${view.url}d/proxymeter-overview?refresh=off`, {
      colorScheme: "light",
    });
    const back = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await back();
    await page.getByLabel("Colours").selectOption("dark");
    expect(await back()).not.toBe(light);
    await page.reload();
    await page.waitForSelector("main[data-refreshed]");
    expect(await back()).not.toBe(light);
    await close();
  });

  it("moves nothing by itself", async () => {
    const { page, close } = await visit(browser, `${view.url}d/proxymeter-overview`, { reducedMotion: "reduce" });
    await settled(page);
    expect(await page.evaluate("document.getAnimations().length")).toBe(0);
    await close();
  });
});

describe("what goes wrong", () => {
  it("is said on the page and announced, for a time that is none", async () => {
    const { page, close } = await visitBroken(`${view.url}d/proxymeter-overview?from=yesterday&refresh=off`);
    await expect.poll(() => page.getByRole("status").textContent(), SOON).toContain('"yesterday" is no time');
    await close();
  });

  it("is said on each panel and announced, when Prometheus does not answer", async () => {
    const upstream = { address: "gone", get: async () => Promise.reject(new Error("connection refused")) };
    const gone = await startView({ upstream, dashboards: DASHBOARDS, scrapeIntervalSeconds: 1 });
    const { page, close } = await visitBroken(`${gone.url}?refresh=off`);
    const panels = await panelsBecome(page, ({ state }) => state === "failed");
    expect(panels.every(({ text }) => text.includes("Prometheus does not answer: connection refused"))).toBe(true);
    await expect.poll(() => page.getByRole("status").textContent(), SOON).toContain("connection refused");
    await close();
    await gone.close();
  });
});

/** Name of what has the focus, as people hear it. */
const FOCUSED_NAME = `(() => {
  const at = document.activeElement;
  return (at.getAttribute("aria-label") ?? at.closest("label")?.firstChild?.textContent ?? at.textContent).trim();
})()`;

/** Waits until the rates of the vendor are there. */
async function hostsCounted(page: Page): Promise<void> {
  const panel = panelOf(page, "Requests by vendor");
  const check = async () => {
    await page.getByRole("button", { name: "Refresh now" }).click();
    return panel.getAttribute("data-state");
  };
  await expect.poll(check, { timeout: 60_000, interval: 1000 }).toBe("drawn");
}

async function visitBroken(url: string) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 3000 } });
  const page = await context.newPage();
  await page.goto(url);
  return { page, close: () => context.close() };
}
