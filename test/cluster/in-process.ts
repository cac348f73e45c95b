// SPDX-License-Identifier: Apache-2.0
/**
 * A subcommand of the program, run in this process against the test's API server: what it prints, and how it ends.
 */
import { Command, CommanderError } from "commander";
import { vi } from "vitest";
import type { Control } from "../../installer/commands/options.ts";
import { describeError } from "../../installer/errors.ts";

export interface Ended {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** @param args  the subcommand's name first */
export async function runCommand(make: (control: Control) => Command, args: readonly string[]): Promise<Ended> {
  const ended = { stdout: "", stderr: "", exitCode: 0 };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      ended[name] += String(text);
      return true;
    }),
  );
  const never = new AbortController().signal;
  const program = new Command("proxymeter").exitOverride();
  program.addCommand(make({ finish: never, abort: never }).copyInheritedSettings(program));
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    const { text, exitCode } = describeError(error);
    ended.exitCode = error instanceof CommanderError ? (error.exitCode === 0 ? 0 : 2) : exitCode;
    ended.stderr += text;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return ended;
}
