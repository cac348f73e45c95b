// SPDX-License-Identifier: Apache-2.0
/**
 * The panels of a dashboard in their rows, and their refreshing: those that can be seen now, the others when they come into sight.
 */
import type { Dashboard } from "../model/dashboard.ts";
import type { QueryScope } from "../model/queries.ts";
import { element } from "./dom.ts";
import { makePanel, type Panel } from "./panel.ts";

export type Scope = Omit<QueryScope, "maxPoints">;

export interface Board {
  element: HTMLElement;
  /** Resolves when everything in sight is drawn. @returns what went wrong on which panels */
  refresh(scope: Scope): Promise<string[]>;
  redraw(): void;
  dispose(): void;
}

export function makeBoard(dashboard: Dashboard): Board {
  const panels = new Map<Element, Panel>();
  const sections = dashboard.rows.map(({ title, panels: inside }, index) => {
    const topRow = Math.min(...inside.map(({ gridPos }) => gridPos?.y ?? 0));
    const grid = element("div", { class: "grid" });
    for (const each of inside) {
      const panel = makePanel(each, topRow);
      panels.set(panel.element, panel);
      grid.append(panel.element);
    }
    if (title === "") return element("section", { class: "row", "aria-label": dashboard.title }, grid);
    const id = `row-${index}`;
    return element("section", { class: "row", "aria-labelledby": id }, element("h2", { id }, title), grid);
  });

  const inSight = new Set<Panel>();
  const stale = new Set<Panel>(panels.values());
  let scope: Scope | undefined;
  const draw = async (panel: Panel, now: Scope) => {
    stale.delete(panel);
    const problem = await panel.refresh(now);
    return problem === undefined ? [] : [`${panel.title}: ${problem}`];
  };
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const panel = panels.get(target);
        if (panel === undefined) continue;
        if (!isIntersecting) inSight.delete(panel);
        else inSight.add(panel);
        if (isIntersecting && scope !== undefined && stale.has(panel)) void draw(panel, scope);
      }
    },
    { rootMargin: "200px" },
  );
  for (const box of panels.keys()) observer.observe(box);

  return {
    element: element("div", {}, ...sections),
    async refresh(now) {
      scope = now;
      for (const panel of panels.values()) stale.add(panel);
      return (await Promise.all([...inSight].map((panel) => draw(panel, now)))).flat();
    },
    redraw() {
      for (const panel of panels.values()) panel.redraw();
    },
    dispose: () => observer.disconnect(),
  };
}
