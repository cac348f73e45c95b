// SPDX-License-Identifier: Apache-2.0
/**
 * The completion scripts, run by the shells themselves. bash is always there; zsh and fish are asked only where they are installed,
 * and reported as skipped elsewhere.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { completionCommand } from "../../../../installer/commands/completion.ts";

/** A program with everything that a script must know: choices, paths, nesting, quotes in its texts. */
function program(): Command {
  const install = new Command("install")
    .description("apply it; what's $there stays, [all] of it: `yes`")
    .argument("[vendors.yaml]")
    .option("-y, --yes", "do not ask")
    .option("--context <name>", "context: its name")
    .option("--bundle <file>", "where to write")
    .option("--out <folder>", "where to render")
    .addOption(new Option("-o, --output <format>", "format").choices(["table", "json", "yaml"]))
    .addOption(new Option("--secret", "not shown").hideHelp());
  const vendor = new Command("vendor")
    .addCommand(new Command("list").option("--all", "all of them"))
    .addCommand(new Command("add").argument("<name>"));
  return new Command("proxymeter")
    .addCommand(install)
    .addCommand(vendor)
    .addCommand(new Command("hidden"), { hidden: true })
    .addCommand(completionCommand());
}

async function scriptFor(shell: string): Promise<string> {
  let text = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    await program().exitOverride().parseAsync(["completion", shell], { from: "user" });
  } finally {
    spy.mockRestore();
  }
  return text;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "completion-"));
  mkdirSync(join(folder, "a folder"));
  writeFileSync(join(folder, "a file.yaml"), "");
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

  it("the script is one that the shell can read", async (context) => {
    const { failed } = await execa(shell, ["-c", "true"], { reject: false });
    if (failed) context.skip(`${shell} is not on this machine`);
    const { stderr } = await execa(shell, ["-n"], { input: await scriptFor(shell) });
    expect(stderr).toBe("");
  });
});

describe("completion", () => {
  it("refuses a shell that it does not know", async () => {
    const refused = program().exitOverride();
    for (const command of refused.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
    await expect(refused.parseAsync(["completion", "tcsh"], { from: "user" })).rejects.toThrow("bash, zsh, fish");
  });
});
