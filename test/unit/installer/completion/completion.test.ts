// SPDX-License-Identifier: Apache-2.0
/**
 * The completion scripts: bash's run by bash itself, of the others what they name. Those are run in shells.test.ts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addPaths, program, scriptFor } from "./program.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "completion-"));
  addPaths(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("in bash", () => {
  /** What bash offers after these words; it cuts a line into words at `=` by itself, so here they come cut. */
  async function offered(...words: string[]): Promise<string[]> {
    const line = ["proxymeter", ...words];
    const script = `${await scriptFor("bash")}
COMP_WORDS=(${line.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${line.length - 1}
_proxymeter
[ \${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = await execa("bash", ["--norc", "--noprofile", "-c", script], { cwd: folder });
    expect(stderr).toBe("");
    return stdout.split("\n").filter((each) => each !== "");
  }

  it.each<[string, string[], string[]]>([
    ["subcommands, without hidden ones", [""], ["install", "vendor", "completion"]],
    ["subcommands that begin so", ["inst"], ["install"]],
    ["options of a subcommand", ["install", "--o"], ["--out", "--output"]],
    ["no hidden options", ["install", "--sec"], []],
    ["choices of an option", ["install", "--output", ""], ["table", "json", "yaml"]],
    ["choices of its short form", ["install", "-o", "j"], ["json"]],
    ["choices after an equals sign", ["install", "--output", "=", "y"], ["yaml"]],
    ["choices right after an equals sign", ["install", "--output", "="], ["table", "json", "yaml"]],
    ["nothing where it can't know", ["install", "--context", ""], []],
    ["options after an option and its value", ["install", "--context", "x", "--ye"], ["--yes"]],
    ["options after an option and = and its value", ["install", "--output", "=", "json", "--ye"], ["--yes"]],
    ["files for a file", ["install", "--bundle", "a"], ["a file.yaml", "a folder"]],
    ["folders for a folder", ["install", "--out", ""], ["a folder"]],
    ["files for an argument that is a file", ["install", "a fi"], ["a file.yaml"]],
    ["commands below a command", ["vendor", ""], ["list", "add"]],
    ["options of a command below a command", ["vendor", "list", "--"], ["--all", "--help"]],
    ["choices of an argument", ["completion", ""], ["bash", "zsh", "fish"]],
    ["a value that is called like a command as a value", ["install", "--context", "vendor", "--bun"], ["--bundle"]],
  ])("it offers %s", async (_what, words, expected) => {
    expect((await offered(...words)).sort()).toEqual([...expected].sort());
  });

  it("the script is registered for the program's name", async () => {
    const { stdout } = await execa("bash", ["--norc", "-c", `${await scriptFor("bash")}\ncomplete -p proxymeter`]);
    expect(stdout).toBe("complete -F _proxymeter proxymeter");
  });
});

describe.each(["zsh", "fish"])("in %s", (shell) => {
  it("the script names every visible command, option and choice", async () => {
    const script = await scriptFor(shell);
    for (const word of [
      "install",
      "vendor",
      "list",
      "add",
      "completion",
      "table json yaml",
      "bash zsh fish",
      "output",
    ]) {
      expect(script).toContain(word);
    }
    expect(script).not.toMatch(/hidden|secret/);
  });
});

describe("completion", () => {
  it("refuses a shell that it does not know", async () => {
    const refused = program().exitOverride();
    for (const command of refused.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
    await expect(refused.parseAsync(["completion", "tcsh"], { from: "user" })).rejects.toThrow("bash, zsh, fish");
  });
});
