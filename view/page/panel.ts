// SPDX-License-Identifier: Apache-2.0
/**
 * One panel on the page: its head with what it is about, its body, and what went wrong the last time. Asks and draws when told to.
 */
import { framesOf } from "../model/frames.ts";
import type { GrafanaPanel } from "../model/grafana.ts";
import { drawn, isNothing } from "../model/pictures/draw.ts";
import { panelQueries, panelRange, type QueryScope } from "../model/queries.ts";
import { interpolate } from "../model/variables.ts";
import { visible } from "../model/visible.ts";
import { askPanel } from "./ask.ts";
import { button, element } from "./dom.ts";
import { makeBody } from "./draw/body.ts";

export interface Panel {
  element: HTMLElement;
  title: string;
  /** Asks and draws. @returns what went wrong, if anything did; it is on the panel too */
  refresh(scope: Omit<QueryScope, "maxPoints">): Promise<string | undefined>;
  redraw(): void;
}

const LEAST_POINTS = 60;
const PIXELS_PER_POINT = 2;

/** @param topRow  row of the grid at which the panel's section begins */
export function makePanel(panel: GrafanaPanel, topRow: number): Panel {
  const title = panel.title || `Panel ${panel.id}`;
  const id = `panel-${panel.id}`;
  const heading = element("h3", { id }, title);
  const about = element("p", { class: "about", id: `${id}-about`, hidden: true }, panel.description ?? "");
  const error = element("p", { class: "error", hidden: true });
  const body = makeBody(title);
  const box = element("article", {
    class: "panel",
    "aria-labelledby": id,
    "data-panel": panel.id,
    "data-type": panel.type,
    "data-state": "waiting",
  });
  box.append(
    element("div", { class: "head" }, heading, tools(panel, { about, setTable: body.setTable, title })),
    about,
    error,
    body.element,
  );
  place(box, panel, topRow);
  return {
    element: box,
    title,
    async refresh(scope) {
      box.setAttribute("aria-busy", "true");
      heading.textContent = visible(interpolate(title, { ...scope, builtIn: {} }, "text"));
      try {
        const maxPoints = Math.max(LEAST_POINTS, Math.floor(body.element.clientWidth / PIXELS_PER_POINT));
        const queries = panelQueries(panel, { ...scope, maxPoints });
        const answers = await Promise.all(queries.map(async (query) => framesOf(query, await askPanel(query))));
        const picture = drawn(panel, answers.flat());
        body.show(picture, panelRange(panel, scope.range));
        box.dataset.state = isNothing(picture) ? "nothing" : "drawn";
        say(error, "");
        return undefined;
      } catch (cause) {
        const text = cause instanceof Error ? cause.message : String(cause);
        box.dataset.state = "failed";
        say(error, text);
        return text;
      } finally {
        box.removeAttribute("aria-busy");
      }
    },
    redraw: body.redraw,
  };
}

function say(error: HTMLElement, text: string): void {
  error.hidden = text === "";
  if (error.textContent !== text) error.textContent = text;
}

interface Parts {
  about: HTMLElement;
  setTable: (isTable: boolean) => void;
  title: string;
}

function tools({ description, type }: GrafanaPanel, { about, setTable, title }: Parts): HTMLElement {
  const made = element("div", { class: "tools" });
  const hasTable = type !== "table" && type !== "text" && type !== "stat";
  if (description) {
    const info = button(
      "?",
      { "aria-label": `About ${title}`, title: "About", "aria-expanded": "false", "aria-controls": about.id },
      () => {
        about.hidden = !about.hidden;
        info.setAttribute("aria-expanded", String(!about.hidden));
      },
    );
    made.append(info);
  }
  if (hasTable) {
    const table = button("Table", { "aria-label": `${title} as a table`, "aria-pressed": "false" }, () => {
      const isTable = table.getAttribute("aria-pressed") !== "true";
      table.setAttribute("aria-pressed", String(isTable));
      setTable(isTable);
    });
    made.append(table);
  }
  return made;
}

function place(box: HTMLElement, { gridPos }: GrafanaPanel, topRow: number): void {
  const { x = 0, y = topRow, w = 24, h = 8 } = gridPos ?? {};
  const cells = { "--x": x + 1, "--y": y - topRow + 1, "--w": w, "--h": h };
  for (const [name, value] of Object.entries(cells)) box.style.setProperty(name, String(value));
}
