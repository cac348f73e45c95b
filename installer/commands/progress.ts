// SPDX-License-Identifier: Apache-2.0
/**
 * A line on stderr now and then for work that takes long; none for work that is done before the first one is due.
 */
import { say } from "./output.ts";

const EVERY_MS = 2000;

/** Takes what could be said at any moment, and says it when the last word is two seconds old. */
export function occasionally(
  speak: (line: string) => void = say,
  now = () => performance.now(),
): (line: string) => void {
  let last = now();
  return (line) => {
    if (now() - last < EVERY_MS) return;
    last = now();
    speak(line);
  };
}
