// SPDX-License-Identifier: Apache-2.0
/**
 * A program with everything that a completion script must know (choices, paths, nesting, quotes in its texts), and its scripts.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { vi } from "vitest";
import { completionCommand } from "../../../../installer/commands/completion.ts";

export function program(): Command {
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

/** What `proxymeter completion SHELL` prints. */
export async function scriptFor(shell: string): Promise<string> {
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

/** Puts a file and a folder to be offered into a folder. */
export function addPaths(folder: string): void {
  mkdirSync(join(folder, "a folder"));
  writeFileSync(join(folder, "a file.yaml"), "");
}
