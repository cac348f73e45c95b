// SPDX-License-Identifier: Apache-2.0
/**
 * Reads Envoy's stats: sums of families, and whether everything that was sent has been counted.
 */
import type { Envoy } from "../../../demo/envoy/envoy.ts";
import { poll } from "../../../demo/poll.ts";

const DEADLINE_MS = 15_000;

/** Sum of a family over all its labels; 0 where there is none. Prefixes that Envoy puts before a name do not matter. */
export function sumOf(exposition: string, family: string): number {
  const line = new RegExp(`^(?:[a-z]+_)*${family}(?:\\{.*\\})? (\\S+)$`);
  return exposition.split("\n").reduce((sum, text) => sum + Number(line.exec(text)?.[1] ?? 0), 0);
}

/**
 * Waits until each family has the sum that is wanted.
 *
 * @throws DemoFailure E_TIMEOUT with what was found instead
 */
export async function expectCounted(
  envoy: Envoy,
  wanted: Readonly<Record<string, number>>,
  signal: AbortSignal,
): Promise<void> {
  let found = "";
  const check = async () => {
    const exposition = await envoy.ask("/stats/prometheus");
    const sums = Object.keys(wanted).map((family) => [family, sumOf(exposition, family)] as const);
    found = sums.map(([family, sum]) => `\n  ${family}: got ${sum}, want ${wanted[family]}`).join("");
    return sums.every(([family, sum]) => sum === wanted[family]) ? true : undefined;
  };
  await poll(check, {
    what: "the counters to have everything that was sent",
    deadlineMs: DEADLINE_MS,
    signal,
    detail: () => found,
    hint: "a variant that does not count what it should can't be compared",
  });
}
