// SPDX-License-Identifier: Apache-2.0
/**
 * Every subcommand of the program, as it is when it is called, for tests of what all of them have.
 */
import { globSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { demoCommand } from "../../demo/command.ts";
import type { Control } from "../../installer/commands/options.ts";
import { loadgenCommand } from "../../loadgen/cli.ts";

const FOLDER = join(import.meta.dirname, "../../installer/commands");

/** By name. */
export async function subcommands(): Promise<Map<string, Command>> {
  const signal = new AbortController().signal;
  const control: Control = { finish: signal, abort: signal };
  const found = [demoCommand(control), loadgenCommand(control)];
  for (const file of globSync("*.ts", { cwd: FOLDER })) {
    const module = (await import(join(FOLDER, file))) as Record<string, (control: Control) => Command>;
    for (const [key, make] of Object.entries(module)) if (key.endsWith("Command")) found.push(make(control));
  }
  return new Map(found.map((command) => [command.name(), command]));
}
