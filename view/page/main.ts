// SPDX-License-Identifier: Apache-2.0
/**
 * The page: reads where somebody is, shows that dashboard, and keeps it fresh. Its parts know nothing of each other.
 */
import "./trusted.ts";
import { type Dashboard, durationMs, readDashboard } from "../model/dashboard.ts";
import { parseTime, type TimeRange } from "../model/time.ts";
import { readDashboardText, readSite, type Site } from "./ask.ts";
import { type Board, makeBoard } from "./board.ts";
import { controlElements, variableElements } from "./controls.ts";
import { element } from "./dom.ts";
import { type Place, readPlace, writePlace } from "./place.ts";
import { onSystemTheme, readTheme, showTheme } from "./theme.ts";
import { type Options, readOptions } from "./variables.ts";

const header = document.querySelector("#header") as HTMLElement;
const news = document.querySelector("#news") as HTMLElement;
const main = document.querySelector("#panels") as HTMLElement;

interface Showing {
  dashboard: Dashboard;
  board: Board;
  options: Options;
}

let place: Place = readPlace(new URL(location.href));
let showing: Showing | undefined;
let timer: number | undefined;
let isRefreshing = false;
let isAskedAgain = false;

function tell(problems: readonly string[]): void {
  const text = problems.length > 2 ? `${problems.length} problems, the first: ${problems[0]}` : problems.join("; ");
  if (news.textContent !== text) news.textContent = text;
}

function times({ dashboard }: Showing, site: Site): { from: string; to: string; range: TimeRange } {
  const from = place.from ?? site.from ?? dashboard.time.from;
  const to = place.to ?? dashboard.time.to;
  const now = Date.now();
  const end = parseTime(to, now, true) ?? now;
  const start = parseTime(from, now) ?? Number.NaN;
  if (Number.isNaN(start)) throw new Error(`"${from}" is no time (expected now-1h, a date and time, or milliseconds)`);
  if (start >= end) throw new Error(`"${from}" is not before "${to}"`);
  return { from, to, range: { from: start, to: end } };
}

function refreshText({ dashboard }: Showing): string {
  const usual = dashboard.refreshMs > 0 ? `${dashboard.refreshMs / 1000}s` : "off";
  return place.refresh ?? usual;
}

/** One at a time: who asks meanwhile is served once more afterwards. */
async function refresh(site: Site): Promise<void> {
  isAskedAgain = isRefreshing;
  if (isRefreshing || showing === undefined) return;
  isRefreshing = true;
  clearTimeout(timer);
  const now = showing;
  try {
    const { range } = times(now, site);
    const { options, problems } = await readOptions(now.dashboard.variables, place.choices, range);
    if (JSON.stringify(options) !== JSON.stringify(now.options)) showVariables(now, options, site);
    const scrapeMs = site.scrapeIntervalSeconds * 1000;
    const { variables } = now.dashboard;
    const found = await now.board.refresh({ variables, choices: place.choices, options, range, scrapeMs });
    tell([...problems, ...found]);
    main.dataset.refreshed = String(Number(main.dataset.refreshed ?? 0) + 1);
  } catch (error) {
    tell([error instanceof Error ? error.message : String(error)]);
  } finally {
    isRefreshing = false;
    const waitMs = isAskedAgain ? 0 : (durationMs(refreshText(now)) ?? 0);
    if (isAskedAgain || waitMs > 0) timer = setTimeout(() => void refresh(site), waitMs);
  }
}

function showVariables(now: Showing, options: Options, site: Site): void {
  now.options = options;
  const open = [...header.querySelectorAll<HTMLElement>("details[open]")].map(({ dataset }) => dataset.variable);
  const made = variableElements(now.dashboard.variables, options, { place, onPlace: (change) => go(change, site) });
  for (const list of made.querySelectorAll("details")) list.open = open.includes(list.dataset.variable);
  const before = header.querySelector(".variables");
  if (before === null) header.append(made);
  else before.replaceWith(made);
}

function showHeader(site: Site): void {
  if (showing === undefined) return;
  const inputs = () => [...header.querySelectorAll<HTMLElement>("a, button, select, input, summary")];
  const focused = inputs().findIndex((one) => one.matches(":focus"));
  const { from, to } = {
    from: place.from ?? site.from ?? showing.dashboard.time.from,
    to: place.to ?? showing.dashboard.time.to,
  };
  const elements = controlElements({
    ...{ site, dashboard: showing.dashboard, place, from, to, refresh: refreshText(showing) },
    onPlace: (change) => go(change, site),
    onRefresh: () => void refresh(site),
    onTheme: () => showing?.board.redraw(),
  });
  const variables = header.querySelector(".variables");
  header.replaceChildren(...elements, ...(variables ? [variables] : []));
  showVariables(showing, showing.options, site);
  inputs()[focused]?.focus();
}

function go(change: Partial<Place>, site: Site): void {
  place = { ...place, ...change };
  history.replaceState(null, "", writePlace(place));
  showHeader(site);
  void refresh(site);
}

async function start(): Promise<void> {
  showTheme(readTheme());
  const site = await readSite();
  const uid = place.uid || (site.dashboards[0]?.uid ?? "");
  place = { ...place, uid };
  const dashboard = readDashboard(await readDashboardText(uid));
  showing = { dashboard, board: makeBoard(dashboard), options: {} };
  document.title = `${dashboard.title} - Proxymeter`;
  main.replaceChildren(element("p", { class: "hidden" }, dashboard.description), showing.board.element);
  showHeader(site);
  onSystemTheme(() => showing?.board.redraw());
  // The observer tells what is in sight only after a frame.
  requestAnimationFrame(() => requestAnimationFrame(() => void refresh(site)));
}

start().catch((error: unknown) => {
  document.querySelector("#loading")?.remove();
  tell([`this page can't be shown: ${error instanceof Error ? error.message : String(error)}`]);
});
