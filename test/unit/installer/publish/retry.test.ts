// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about asking again: what for, how often, and how long it waits.
 */
import { describe, expect, it } from "vitest";
import { isBroken, LONGEST_WAIT_MS, waitAfter, withRetries } from "../../../../installer/publish/retry.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const answer = (status: number, retryAfter?: string) => ({
  status,
  headers: new Map(retryAfter === undefined ? [] : [["retry-after", retryAfter]]),
});

describe("waitAfter", () => {
  it.each([
    [429, undefined, 500],
    [500, undefined, 500],
    [503, undefined, 500],
    [429, "2", 2000],
    [503, "0", 500],
    [503, "Thu, 01 Jan 2026 00:00:07 GMT", 7000],
    [503, "Wed, 31 Dec 2025 00:00:00 GMT", 500],
    [429, "soon", 500],
    [429, String(LONGEST_WAIT_MS / 1000), LONGEST_WAIT_MS],
    [429, String(LONGEST_WAIT_MS / 1000 + 1), undefined],
    [429, "99999999999999999999", undefined],
    [501, undefined, undefined],
    [200, undefined, undefined],
    [401, "5", undefined],
    [404, undefined, undefined],
  ])("status %i and Retry-After %s is %s ms", (status, retryAfter, want) => {
    expect(waitAfter(answer(status, retryAfter), 500, NOW)).toBe(want);
  });
});

describe("withRetries", () => {
  /** An attempt that goes through these outcomes, and how often it was made. */
  const script = (...outcomes: (number | string)[]) => {
    const seen = { attempts: 0 };
    const attempt = async () => {
      const outcome = outcomes[seen.attempts++];
      if (typeof outcome === "number") return answer(outcome);
      throw Object.assign(new Error(outcome), { code: outcome });
    };
    return { seen, attempt };
  };
  const waitsMs = [1, 1, 1];

  it.each<[string, (number | string)[], number, number]>([
    ["an answer at once", [200], 200, 1],
    ["an answer after overload", [429, 503, 201], 201, 3],
    ["an answer after broken connections", ["ECONNRESET", "UND_ERR_SOCKET", 200], 200, 3],
    ["a refusal, which is an answer", [404, 200], 404, 1],
    ["the last answer when patience ends", [500, 500, 500, 502], 502, 4],
  ])("gives %s", async (_name, outcomes, status, attempts) => {
    const { seen, attempt } = script(...outcomes);
    const notes: string[] = [];
    expect((await withRetries(attempt, { waitsMs, notify: (line) => notes.push(line) })).status).toBe(status);
    expect(seen.attempts).toBe(attempts);
    expect(notes).toHaveLength(attempts - 1);
  });

  it.each([
    ["ECONNREFUSED", 1],
    ["ENOTFOUND", 1],
    ["ECONNRESET", 4],
  ])("throws %s after %i attempts", async (code, attempts) => {
    const { seen, attempt } = script(...Array.from({ length: 9 }, () => code));
    await expect(withRetries(attempt, { waitsMs })).rejects.toMatchObject({ code });
    expect(seen.attempts).toBe(attempts);
    expect(isBroken(Object.assign(new Error(), { code }))).toBe(attempts > 1);
  });

  it("ends a wait with the reason of the abort", async () => {
    const control = new AbortController();
    const waiting = withRetries(script(503, 200).attempt, { waitsMs: [60_000], signal: control.signal });
    control.abort(new Error("interrupted"));
    await expect(waiting).rejects.toThrow("interrupted");
  });
});
