// SPDX-License-Identifier: Apache-2.0
/**
 * What is shown of a run while it runs, on stderr. This one writes lines, for logs and for output that is no terminal.
 */
import type { Writable } from "node:stream";
import type { LoadResult, LoadSnapshot } from "../loadgen/run.ts";

export interface Status {
  durationMs: number | undefined;
  load: LoadSnapshot;
}

export interface Viewer {
  /** A step of the run begins. */
  stage: (text: string) => void;
  /** Called every second while there is load. */
  tick: (status: Status) => void;
  /** The load has ended. */
  loaded: (result: LoadResult) => void;
}

const LINE_INTERVAL_MS = 5000;

/** Writes a line for each stage, and one every five seconds of load. */
export function lineViewer(output: Writable): Viewer {
  const say = (text: string) => output.write(`demo: ${text}\n`);
  let nextLineAt = LINE_INTERVAL_MS;
  return {
    stage: (text) => void say(text),
    tick: ({ durationMs, load }) => {
      if (load.elapsedMs < nextLineAt) return;
      nextLineAt += LINE_INTERVAL_MS;
      const total = durationMs === undefined ? "" : ` of ${durationMs / 1000}`;
      say(
        `${Math.round(load.elapsedMs / 1000)}${total} s: ${load.ok} visits done, ${load.failed} failed, ${load.openVisits} open`,
      );
    },
    loaded: ({ ok, failed, dropped }) => void say(`load over: ${ok} visits done, ${failed} failed, ${dropped} dropped`),
  };
}
