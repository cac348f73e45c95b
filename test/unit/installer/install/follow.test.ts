// SPDX-License-Identifier: Apache-2.0
/**
 * Following newly labelled namespaces: what sets off an installation, what is tried again, what ends it.
 */
import { describe, expect, it, vi } from "vitest";
import { ProxymeterError } from "../../../../installer/errors.ts";
import { follow } from "../../../../installer/install/follow.ts";

/** Starts following with `crawl` installed; `labelled` is what the server answers from then on. */
function following({ fails = 0 } = {}) {
  const state = { labelled: ["crawl"], isAway: false, installs: [] as string[][], said: [] as string[], lists: 0 };
  const [finish, abort] = [new AbortController(), new AbortController()];
  let failures = fails;
  const list = async (_apiVersion: string, _kind: string, { labelSelector = "" } = {}) => {
    expect(labelSelector).toBe("proxymeter.io/enabled=true");
    state.lists += 1;
    if (state.isAway) throw new ProxymeterError("E_API_UNREACHABLE", "cannot reach the API server", "wait");
    return state.labelled.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
  };
  const install = async () => {
    state.installs.push([...state.labelled]);
    failures -= 1;
    if (failures >= 0) throw new ProxymeterError("E_APPLY", "cannot finish the installation", "again");
    return state.labelled;
  };
  const ended = follow(
    { list },
    {
      namespaces: ["crawl"],
      install,
      say: (line) => state.said.push(line),
      finish: finish.signal,
      abort: abort.signal,
      intervalMs: 1,
    },
  );
  const rounds = async (count = 3) => {
    const until = state.lists + count;
    await vi.waitFor(() => expect(state.lists).toBeGreaterThanOrEqual(until));
  };
  return { state, finish, abort, ended, rounds };
}

describe("follow", () => {
  it("installs once in each namespace that gets the label, says so, and ends without an error when asked", async () => {
    const { state, finish, ended, rounds } = following();
    await rounds();
    expect(state.installs).toEqual([]);
    state.labelled = ["crawl", "crawl-eu"];
    await vi.waitFor(() => expect(state.said).toContain("installed in crawl-eu"));
    await rounds();
    finish.abort();
    await ended;
    expect(state.installs).toEqual([["crawl", "crawl-eu"]]);
    expect(state.said).toContain("newly labelled: namespace crawl-eu");
  });

  it("installs again in a namespace that lost the label and got it back", async () => {
    const { state, finish, ended, rounds } = following();
    state.labelled = [];
    await rounds();
    state.labelled = ["crawl"];
    await vi.waitFor(() => expect(state.installs).toHaveLength(1));
    finish.abort();
    await ended;
  });

  it("tries again after an installation that failed", async () => {
    const { state, finish, ended } = following({ fails: 2 });
    state.labelled = ["crawl", "crawl-eu"];
    await vi.waitFor(() => expect(state.said).toContain("installed in crawl-eu"));
    finish.abort();
    await ended;
    expect(state.installs).toHaveLength(3);
    expect(state.said).toContain("cannot finish the installation; trying again");
  });

  it("outlives an API server that is away, and says so once", async () => {
    const { state, finish, ended, rounds } = following();
    state.isAway = true;
    await rounds(5);
    state.isAway = false;
    state.labelled = ["crawl", "crawl-eu"];
    await vi.waitFor(() => expect(state.installs).toHaveLength(1));
    finish.abort();
    await ended;
    expect(state.said.filter((line) => line === "cannot reach the API server; trying again")).toHaveLength(1);
  });

  it("ends with the signal's reason when it is stopped", async () => {
    const { abort, ended } = following();
    const reason = new ProxymeterError("E_INTERRUPTED", "interrupted by SIGTERM", "nothing", { exitCode: 143 });
    abort.abort(reason);
    await expect(ended).rejects.toBe(reason);
  });
});
