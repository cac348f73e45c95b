// SPDX-License-Identifier: Apache-2.0
/**
 * The check at the end of an installation: what of it is said, and when it fails the command.
 */
import { describe, expect, it } from "vitest";
import type { Status } from "../../../../installer/checks/check.ts";
import type { Report } from "../../../../installer/checks/run.ts";
import { checkInOrder, endingText } from "../../../../installer/install/ending-check.ts";

function report(...statuses: readonly Status[]): Report {
  const counts = { pass: 0, warn: 0, fail: 0, skip: 0 };
  for (const status of statuses) counts[status] += 1;
  const checks = statuses.map((status) => {
    return { id: status, title: `it is ${status}`, status, evidence: ["found"], hint: `docs/checks.md#${status}` };
  });
  return { context: "test", stage: "after", ok: counts.fail === 0, counts, groups: [{ id: "pods", checks }] };
}

describe("the ending check", () => {
  it("says what fails or warns, and how many passed, but not which", () => {
    const text = endingText(report("pass", "warn", "fail", "skip"));
    expect(text).toMatch(/it is warn[\s\S]*it is fail[\s\S]*1 failed, 1 passed, 1 warned, 1 skipped$/);
    expect(text).not.toMatch(/it is (pass|skip)/);
  });

  it("fails the command with status 1 and the word that everything is applied", () => {
    let error: unknown;
    try {
      checkInOrder(report("pass", "fail"));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: "E_CHECK",
      exitCode: 1,
      message: "everything is applied, but the cluster is not in order: 1 failed, 1 passed, 0 warned, 0 skipped",
    });
  });

  it("lets warnings pass", () => {
    expect(() => checkInOrder(report("pass", "warn", "skip"))).not.toThrow();
  });
});
