// SPDX-License-Identifier: Apache-2.0
/**
 * A subcommand of the program, run in this process: its options are read as on the command line; what it prints is caught, and how it
 * ends is told as its exit status. The whole program as a process of its own is driven by test/cluster/cli.ts.
 */
import { Command, CommanderError } from "commander";
import { vi } from "vitest";
import type { Control } from "../installer/commands/options.ts";
import { describeError } from "../installer/errors.ts";

export interface Printed {
  stdout: string;
  stderr: string;
}

export interface Ended extends Printed {
  exitCode: number;
}

/**
 * What is printed while `work` runs.
 *
 * @throws what `work` throws
 */
export async function printedBy(work: () => Promise<unknown>): Promise<Printed> {
  const printed: Printed = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      printed[name] += String(text);
      return true;
    }),
  );
  try {
    await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return printed;
}

/**
 * Never throws: an error is on stderr, as the program would print it.
 *
 * @param args  the subcommand's name first
 */
export async function runCommand(make: (control: Control) => Command, args: readonly string[]): Promise<Ended> {
  let failed = { text: "", exitCode: 0 };
  const { stdout, stderr } = await printedBy(async () => {
    try {
      await programOf(make).parseAsync(args, { from: "user" });
    } catch (error) {
      failed = endOf(error);
    }
  });
  return { stdout, stderr: stderr + failed.text, exitCode: failed.exitCode };
}

function programOf(make: (control: Control) => Command): Command {
  const never = new AbortController().signal;
  const program = new Command("proxymeter").exitOverride();
  const command = make({ finish: never, abort: never }).copyInheritedSettings(program);
  for (const nested of command.commands) nested.copyInheritedSettings(command);
  return program.addCommand(command);
}

/** commander has printed its own errors already. */
function endOf(error: unknown): { text: string; exitCode: number } {
  if (!(error instanceof CommanderError)) return describeError(error);
  return { text: "", exitCode: error.exitCode === 0 ? 0 : 2 };
}
