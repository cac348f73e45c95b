// SPDX-License-Identifier: Apache-2.0
/**
 * The head of the page: which dashboard, which time, how often anew, light or dark, and the variables. Says what somebody chose;
 * what follows from it is decided in main.ts.
 */
import type { Dashboard } from "../model/dashboard.ts";
import type { GrafanaVariable } from "../model/grafana.ts";
import { ALL, isShown, usualChoice } from "../model/variables.ts";
import { visible } from "../model/visible.ts";
import type { Site } from "./ask.ts";
import { button, choice, element } from "./dom.ts";
import { type Place, writePlace } from "./place.ts";
import { readTheme, setTheme, type Theme } from "./theme.ts";

const TIMES = [
  { value: "now-5m", text: "Last 5 minutes" },
  { value: "now-15m", text: "Last 15 minutes" },
  { value: "now-1h", text: "Last hour" },
  { value: "now-6h", text: "Last 6 hours" },
  { value: "now-24h", text: "Last 24 hours" },
  { value: "now-7d", text: "Last 7 days" },
  { value: "now-30d", text: "Last 30 days" },
];
const CUSTOM = "custom";
const REFRESHES = ["off", "1s", "5s", "15s", "1m", "5m"];
const THEMES = [
  { value: "system", text: "As the system" },
  { value: "light", text: "Light" },
  { value: "dark", text: "Dark" },
];
const MOST_VALUES = 200;

export interface ControlsOptions {
  site: Site;
  dashboard: Dashboard;
  place: Place;
  /** What is shown now, after the dashboard's own wishes. */
  from: string;
  to: string;
  refresh: string;
  onPlace: (change: Partial<Place>) => void;
  onRefresh: () => void;
  onTheme: () => void;
}

/** What stands in the head. */
export function controlElements(options: ControlsOptions): HTMLElement[] {
  const { dashboard, onRefresh } = options;
  const controls = element(
    "div",
    { class: "controls", role: "group", "aria-label": "time and refresh" },
    ...timeElements(options),
    refreshElement(options),
    button("Refresh now", {}, onRefresh),
    choice("Colours", THEMES, readTheme(), (theme) => {
      setTheme(theme as Theme);
      options.onTheme();
    }),
  );
  return [element("h1", {}, dashboard.title), navigation(options), controls];
}

function navigation({ site, place, dashboard }: ControlsOptions): HTMLElement {
  const items = site.dashboards.map(({ uid, title }) => {
    const name = title.replace(/^.*\/ /, "");
    const isHere = uid === dashboard.uid;
    return element(
      "li",
      {},
      element("a", { href: writePlace({ ...place, uid }), "aria-current": isHere && "page" }, name),
    );
  });
  return element("nav", { "aria-label": "dashboards" }, element("ul", {}, ...items));
}

function timeElements({ from, to, onPlace }: ControlsOptions): HTMLElement[] {
  const isUsual = to === "now" && TIMES.some(({ value }) => value === from);
  const options = [...TIMES, { value: CUSTOM, text: isUsual ? "From and to ..." : `${from} to ${to}` }];
  const custom = element("span", { class: "field", hidden: isUsual });
  const [first, last] = [timeInput("From", from), timeInput("To", to)];
  custom.append(
    first.label,
    last.label,
    button("Show", {}, () => onPlace({ from: first.value(), to: last.value() })),
  );
  const list = choice("Time", options, isUsual ? from : CUSTOM, (value) => {
    if (value === CUSTOM) custom.hidden = false;
    else onPlace({ from: value, to: "now" });
  });
  return [list, custom];
}

/** Takes `now-2h`, a date and time, or milliseconds of the epoch. */
function timeInput(label: string, value: string) {
  const input = element("input", {
    value,
    size: 18,
    spellcheck: "false",
    title: "now-2h, 2030-01-31 12:00, or milliseconds",
  });
  return { label: element("label", {}, label, input), value: () => input.value.trim() };
}

function refreshElement({ refresh, onPlace }: ControlsOptions): HTMLElement {
  const values = REFRESHES.includes(refresh) ? REFRESHES : [...REFRESHES, refresh];
  const options = values.map((value) => ({ value, text: value === "off" ? "Off" : `Every ${value}` }));
  return choice("Refresh", options, refresh, (value) => onPlace({ refresh: value }));
}

/** The variables that people set, each a list to open. */
export function variableElements(
  variables: readonly GrafanaVariable[],
  options: Readonly<Record<string, readonly string[]>>,
  { place, onPlace }: Pick<ControlsOptions, "place" | "onPlace">,
): HTMLElement {
  const lists = variables.filter(isShown).map((variable) => {
    const values = options[variable.name] ?? [];
    const chosen = place.choices[variable.name] ?? usualChoice(variable, values);
    const choose = (next: readonly string[]) => onPlace({ choices: { ...place.choices, [variable.name]: next } });
    return variableElement(variable, { values, chosen, choose });
  });
  return element("div", { class: "variables", role: "group", "aria-label": "variables" }, ...lists);
}

interface Values {
  values: readonly string[];
  chosen: readonly string[];
  choose: (next: readonly string[]) => void;
}

function variableElement(variable: GrafanaVariable, { values, chosen, choose }: Values): HTMLElement {
  const label = variable.label || variable.name;
  const isAll = chosen.includes(ALL);
  const text = isAll ? "All" : chosen.map(visible).join(", ") || "none";
  const type = variable.multi ? "checkbox" : "radio";
  const list = element("div", {});
  const toggle = (value: string, isOn: boolean) => {
    if (type === "radio") return choose([value]);
    const rest = chosen.filter((one) => one !== value && one !== ALL);
    const next = isOn ? [...rest, value] : rest;
    choose(value === ALL || next.length === 0 ? [ALL] : next);
  };
  const fill = (wanted: string) => {
    const found = values.filter((value) => value.toLowerCase().includes(wanted.toLowerCase()));
    const shown = [...(variable.includeAll && wanted === "" ? [ALL] : []), ...found.slice(0, MOST_VALUES)];
    const rows = shown.map((value) => {
      const input = element("input", {
        type,
        name: `variable-${variable.name}`,
        value,
        checked: chosen.includes(value),
      });
      input.addEventListener("change", () => toggle(value, input.checked));
      return element("label", {}, input, value === ALL ? "All" : visible(value));
    });
    const more = found.length > MOST_VALUES ? [element("p", {}, `and ${found.length - MOST_VALUES} more`)] : [];
    list.replaceChildren(...rows, ...more);
  };
  fill("");
  const search = element("input", { type: "search", "aria-label": `find a ${label}` });
  search.addEventListener("input", () => fill(search.value));
  const fields = element(
    "fieldset",
    {},
    element("legend", { class: "hidden" }, label),
    ...(values.length > 10 ? [search] : []),
    list,
  );
  return element(
    "details",
    { class: "variable", "data-variable": variable.name },
    element("summary", { title: variable.description }, `${label}: ${text}`),
    element("div", { class: "values" }, fields),
  );
}
