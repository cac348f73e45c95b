// SPDX-License-Identifier: Apache-2.0
/**
 * Shows a run on a terminal: a view that is drawn anew every second while there is load, and lines before and after it.
 */
import { createLogUpdate } from "log-update";
import type { Look } from "./figures.ts";
import { lineViewer } from "./lines.ts";
import { screenText } from "./screen.ts";
import type { Scene, Viewer } from "./viewer.ts";

/** Rates are over so many looks, a second apart. */
const KEPT_LOOKS = 6;

export function liveViewer(terminal: NodeJS.WriteStream): Viewer {
  const draw = createLogUpdate(terminal);
  const lines = lineViewer(terminal);
  const looks: Look[] = [];
  let stage = "";
  let isOver = false;
  let isBusy = false;

  const look = async ({ durationMs, traffic, samples, processes }: Scene) => {
    const now: Look = { samples: await samples(), atMs: performance.now(), processes: processes() };
    if (isOver) return;
    looks.push(now);
    if (looks.length > KEPT_LOOKS) looks.shift();
    draw(screenText({ stage, durationMs, traffic: traffic(), earlier: looks[0] ?? now, now }));
  };
  const end = () => {
    isOver = true;
    draw.done();
  };

  return {
    stage: (text) => {
      stage = text;
      if (looks.length === 0 || isOver) lines.stage(text);
    },
    tick: (scene) => {
      // A Prometheus that does not answer is noticed by those who watch over it.
      if (isBusy || isOver) return;
      isBusy = true;
      void look(scene)
        .catch(() => {})
        .finally(() => {
          isBusy = false;
        });
    },
    loaded: (result) => {
      end();
      lines.loaded(result);
    },
    close: end,
  };
}
