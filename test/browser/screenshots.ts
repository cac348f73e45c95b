// SPDX-License-Identifier: Apache-2.0
/**
 * Takes the pictures of the README: runs the main job for three minutes and photographs its page while there is load.
 * `npm run screenshots` writes docs/images/*.png; nothing in them is made up.
 */
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { BrowserContext } from "playwright-core";
import { withRig } from "../../demo/lifetime.ts";
import { readOptions } from "../../demo/options.ts";
import { startPage } from "../../demo/page.ts";
import { loadAndSettle, settingsOf } from "../../demo/run.ts";
import { lineViewer } from "../../demo/view/lines.ts";
import { panelsBecome, startBrowser } from "./browser.ts";

const FOLDER = join(import.meta.dirname, "../../docs/images");
const LOAD = "170s";
/** By then the rates over five minutes have risen for most of the picture. */
const PHOTOGRAPHED_AFTER_MS = 150_000;
const LARGEST_BYTES = 150_000;

interface Picture {
  file: string;
  path: string;
  colorScheme: "light" | "dark";
  width: number;
  height: number;
}

const PICTURES: readonly Picture[] = [
  { file: "overview.png", path: "d/proxymeter-overview", colorScheme: "light", width: 1280, height: 720 },
  { file: "vendors.png", path: "d/proxymeter-vendors", colorScheme: "dark", width: 1280, height: 900 },
];

const options = readOptions({ duration: LOAD, pods: "3", rate: "15" });
const viewer = lineViewer(process.stderr);
const { signal } = new AbortController();

async function photograph(url: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const browser = await startBrowser();
  try {
    for (const picture of PICTURES) await take(await browser.newContext(contextOf(picture)), url, picture);
  } finally {
    await browser.close();
  }
}

/** Panels out of sight are not drawn, so the window is high and the picture is cut from it. */
function contextOf({ colorScheme, width }: Picture) {
  return { viewport: { width, height: 5000 }, colorScheme };
}

async function take(context: BrowserContext, url: string, { file, path, width, height }: Picture): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${url}${path}?from=now-3m&refresh=off`);
  await panelsBecome(page, ({ state }) => state === "drawn" || state === "nothing");
  const target = join(FOLDER, file);
  await page.screenshot({ path: target, clip: { x: 0, y: 0, width, height } });
  await context.close();
  const { size } = statSync(target);
  if (size > LARGEST_BYTES) throw new Error(`${file} has ${size} bytes (expected at most ${LARGEST_BYTES})`);
  viewer.stage(`${target}: ${Math.round(size / 1000)} kB`);
}

await withRig(
  settingsOf(options),
  { control: { finish: signal, abort: signal }, onStage: viewer.stage },
  async (lease) => {
    const url = await startPage(lease.rig, lease.teardown);
    const load = loadAndSettle(lease, options, { finish: signal, viewer });
    await Promise.race([load, delay(PHOTOGRAPHED_AFTER_MS)]);
    await photograph(url);
    await load;
  },
);
process.exit(0);
