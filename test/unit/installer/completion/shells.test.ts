// SPDX-License-Identifier: Apache-2.0
/**
 * The completion scripts of zsh and fish, read and asked by the shells themselves.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addPaths, scriptFor } from "./program.ts";
import { type Provided, provideShell, type ShellName } from "./shells.ts";

/** A shell that somebody has typed nothing into yet takes a while to start. */
const TIMEOUT_MS = 30_000;

const LINES: readonly (readonly [what: string, line: string, offered: readonly string[]])[] = [
  ["subcommands, without hidden ones", "proxymeter ", ["completion", "install", "vendor"]],
  ["subcommands that begin so", "proxymeter inst", ["install"]],
  ["options of a subcommand", "proxymeter install --ou", ["--out", "--output"]],
  ["no hidden options", "proxymeter install --sec", []],
  ["choices of an option", "proxymeter install --output ", ["json", "table", "yaml"]],
  ["choices of its short form", "proxymeter install -o ", ["json", "table", "yaml"]],
  ["nothing where it can't know", "proxymeter install --context ", []],
  ["options after an option and its value", "proxymeter install --context x --ye", ["--yes"]],
  ["files for a file", "proxymeter install --bundle ", ["a file.yaml", "a folder"]],
  ["folders for a folder", "proxymeter install --out ", ["a folder"]],
  ["files for an argument that is a file", "proxymeter install a", ["a file.yaml", "a folder"]],
  ["commands below a command", "proxymeter vendor ", ["add", "list"]],
  ["options of a command below a command", "proxymeter vendor list --a", ["--all"]],
  ["choices of an argument", "proxymeter completion ", ["bash", "fish", "zsh"]],
];

const NAMES: readonly ShellName[] = ["zsh", "fish"];
const SHELLS: { name: ShellName; provided: Provided }[] = [];
for (const name of NAMES) SHELLS.push({ name, provided: await provideShell(name) });

describe.each(SHELLS)("in $name", ({ name, provided }) => {
  const lack = "lack" in provided ? ` (left out: ${provided.lack})` : "";
  let folder: string;
  let found: string[][];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "completion-"));
    addPaths(folder);
    const lines = LINES.map(([, line]) => line);
    found = "shell" in provided ? await provided.shell.offered(await scriptFor(name), lines, folder) : [];
  }, TIMEOUT_MS);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.skipIf(lack !== "")(`the script is one that the shell can read${lack}`, async () => {
    const file = join(folder, ".script");
    writeFileSync(file, await scriptFor(name));
    const complaints = "shell" in provided ? await provided.shell.readScript(file) : "no shell";
    expect(complaints).toBe("");
  });

  it.skipIf(lack !== "").each(LINES)(`it offers %s${lack}`, (_what, line, offered) => {
    const index = LINES.findIndex((one) => one[1] === line);
    expect(found[index]?.map((each) => each.replace(/\/$/, ""))).toEqual(offered);
  });
});
