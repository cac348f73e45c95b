// SPDX-License-Identifier: Apache-2.0
/**
 * Runs a table of facts against one check: each row is a test.
 */
import { describe, expect, it } from "vitest";
import { outcomeOf, type Row } from "./facts.ts";

export function describeCheck(id: string, rows: readonly Row[]): void {
  describe(id, () => {
    it.each(rows.map(([fact, ...rest]) => [fact, rest] as const))("%s", (_fact, [changes, status, evidence]) => {
      const outcome = outcomeOf(id, changes);
      expect(outcome.status, outcome.evidence.join("\n")).toBe(status);
      if (evidence !== undefined) expect(outcome.evidence.join("\n")).toMatch(evidence);
    });
  });
}
