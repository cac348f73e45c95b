// SPDX-License-Identifier: Apache-2.0
/**
 * Shows how a load is getting on: a bar on a terminal, nothing anywhere else, so that logs and pipes stay clean.
 */
import { SingleBar } from "cli-progress";
import type { Load } from "./run.ts";

const INTERVAL_MS = 250;

export interface Progress {
  /** Takes the bar away. */
  stop(): void;
}

/** @param durationMs  undefined for a load without an end: the bar then only counts */
export function showProgress(load: Load, durationMs: number | undefined, stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { stop: () => {} };
  const format = durationMs === undefined ? "{line}" : "{bar} {percentage}% | {line}";
  const bar = new SingleBar({ format, stream, clearOnComplete: true, hideCursor: true, barsize: 30 });
  bar.start(durationMs ?? 1, 0, { line: "" });
  const update = () => {
    const { elapsedMs, ok, failed, openVisits } = load.snapshot();
    const line = `${Math.round(elapsedMs / 1000)} s, ${ok} ok, ${failed} failed, ${openVisits} open`;
    bar.update(Math.min(elapsedMs, durationMs ?? 0), { line });
  };
  const timer = setInterval(update, INTERVAL_MS);
  return {
    stop: () => {
      clearInterval(timer);
      bar.stop();
    },
  };
}
