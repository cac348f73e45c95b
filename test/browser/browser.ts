// SPDX-License-Identifier: Apache-2.0
/**
 * Drives a headless Chromium: opens pages of ours, remembers every request they make and everything they complain about, and
 * waits until a dashboard is drawn.
 */
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { findTool } from "../../demo/paths.ts";
import { poll } from "../../demo/poll.ts";

const DEADLINE_MS = 60_000;
const WIDTH = 1440;
/** High enough for a whole dashboard, as only what is in sight is drawn. */
const HEIGHT = 6000;

/** Names other than those of this machine can't be resolved, so that nothing could leave even by mistake. */
const ARGUMENTS = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"];

const REPORT_BREACHES = `document.addEventListener("securitypolicyviolation", (breach) => {
  console.error("policy: " + breach.violatedDirective + " " + breach.blockedURI);
});`;

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findTool("chromium"), args: ARGUMENTS });
}

export interface Visit {
  page: Page;
  /** Addresses of all requests. */
  requests: string[];
  /** Errors and warnings of the page and of the browser about it, breaches of the policy among them. */
  complaints: string[];
  close(): Promise<void>;
}

export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: WIDTH, height: HEIGHT }, ...options });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  context.on("request", (request) => requests.push(request.url()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  await page.addInitScript({ content: REPORT_BREACHES });
  await page.goto(url);
  await page.waitForSelector("main[data-refreshed]", { timeout: DEADLINE_MS });
  return { page, requests, complaints, close: () => context.close() };
}

export interface PanelState {
  title: string;
  type: string;
  /** `waiting`, `drawn`, `nothing`, `failed`. */
  state: string;
  text: string;
}

export function panelStates(page: Page): Promise<PanelState[]> {
  return page.$$eval(".panel", (panels) =>
    panels.map((panel) => ({
      title: panel.querySelector("h3")?.textContent ?? "",
      type: panel.getAttribute("data-type") ?? "",
      state: panel.getAttribute("data-state") ?? "",
      text: panel.textContent ?? "",
    })),
  );
}

/** Waits until all panels are as they should be. @throws with those that are not, after the deadline */
export async function panelsBecome(
  page: Page,
  isGood: (panel: PanelState) => boolean,
  deadlineMs = DEADLINE_MS,
): Promise<PanelState[]> {
  let last: PanelState[] = [];
  const check = async () => {
    last = await panelStates(page);
    return last.length > 0 && last.every(isGood) ? last : undefined;
  };
  return poll(check, {
    what: "the panels of the page",
    deadlineMs,
    everyMs: 1000,
    signal: new AbortController().signal,
    detail: () =>
      last
        .filter((panel) => !isGood(panel))
        .map(({ title, state, text }) => `\n${title}: ${state}: ${text}`)
        .join(""),
    hint: "",
  });
}

/** The panel of a title. */
export function panelOf(page: Page, title: string) {
  return page.locator(".panel", { has: page.getByRole("heading", { name: title, exact: true }) });
}
