// SPDX-License-Identifier: Apache-2.0
/**
 * Shows a run as lines, for logs and for output that is no terminal: one for each step, and one every five seconds of load.
 */
import type { Writable } from "node:stream";
import type { Viewer } from "./viewer.ts";

const TICKS_PER_LINE = 5;

export function lineViewer(output: Writable): Viewer {
  const say = (text: string) => void output.write(`demo: ${text}\n`);
  let ticks = 0;
  return {
    stage: say,
    tick: ({ durationMs, traffic }) => {
      ticks += 1;
      if (ticks % TICKS_PER_LINE !== 0) return;
      const { elapsedMs, ok, failed, openVisits } = traffic();
      const total = durationMs === undefined ? "" : ` of ${durationMs / 1000}`;
      say(
        `${Math.round(elapsedMs / 1000)}${total} s: ${ok} requests answered, ${failed} failed, ${openVisits} visits open`,
      );
    },
    loaded: ({ ok, failed, dropped }) =>
      say(`load over: ${ok} requests answered, ${failed} failed, ${dropped} dropped`),
    close: () => {},
  };
}
