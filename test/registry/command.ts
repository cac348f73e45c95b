// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the subcommand `publish` as the command line would, and catches what it prints.
 */
import { publishCommand } from "../../installer/commands/publish.ts";
import type { Published } from "../../installer/publish/push.ts";
import { vi } from "vitest";

export interface Ran {
  stdout: string;
  stderr: string;
}

/** @throws what the command throws */
export async function runPublish(args: readonly string[]): Promise<Ran> {
  const never = new AbortController().signal;
  const ran: Ran = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      ran[name] += String(text);
      return true;
    }),
  );
  try {
    const command = publishCommand({ abort: never, finish: never }).exitOverride();
    await command.parseAsync([...args], { from: "user" });
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return ran;
}

/** What `-o json` says. */
export async function publishJson(...args: readonly string[]): Promise<Published> {
  return JSON.parse((await runPublish([...args, "-o", "json"])).stdout) as Published;
}
