// SPDX-License-Identifier: Apache-2.0
/**
 * The program as a process: which exit status an invocation ends with that needs nothing but the program, and what is on stdout.
 */
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { RELEASE } from "../../../installer/release.ts";

const MAIN = join(import.meta.dirname, "../../../installer/main.ts");

const proxymeter = (...args: string[]) => execa(process.execPath, [MAIN, ...args], { reject: false });

describe("proxymeter", { timeout: 30_000 }, () => {
  it.each([
    ["an unknown subcommand", ["nope"], "unknown command"],
    ["an unknown option of a subcommand", ["graph", "--nope"], "error:"],
    ["a required option left out below a subcommand", ["dashboards", "write"], "required option"],
    ["no subcommand", [], "Usage: proxymeter"],
  ])("answers %s with exit status 2, on stderr only", async (_what, args, message) => {
    const { exitCode, stdout, stderr } = await proxymeter(...args);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });

  it.each([
    ["its release", ["--version"], RELEASE],
    ["help on a subcommand's subcommand", ["dashboards", "push", "--help"], "Usage: proxymeter dashboards push"],
  ])("prints %s on stdout and ends with 0", async (_what, args, text) => {
    const { exitCode, stdout, stderr } = await proxymeter(...args);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(text);
  });
});
