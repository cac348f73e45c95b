// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about set-up in a folder that is set up: it is quiet, and its mistakes are named.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const SETUP = join(import.meta.dirname, "../../../setup/setup.mjs");
// Long enough to compile the filter, where its sources have changed since.
const TIMEOUT_MS = 90_000;

function setUp(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SETUP, ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("set-up", { timeout: TIMEOUT_MS }, () => {
  it("has nothing to do, and says nothing, right after it ran", () => {
    expect(setUp()).toMatchObject({ status: 0, stdout: "" });
    expect(setUp()).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  it("names the optional parts when it is asked for another one", () => {
    const { status, stderr } = setUp("--with", "kettle");
    expect(stderr).toMatch(/cannot set up "kettle": no such part \(expected --with and one of envoy-oldest.*\nhint: /);
    expect(status).toBe(1);
  });
});
