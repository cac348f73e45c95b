// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the subcommand `publish` as the command line would, and catches what it prints.
 */
import { publishCommand } from "../../installer/commands/publish.ts";
import type { Published } from "../../installer/publish/push.ts";
import { type Printed, printedBy } from "../in-process.ts";

/** @throws what the command throws */
export function runPublish(args: readonly string[]): Promise<Printed> {
  const never = new AbortController().signal;
  const command = publishCommand({ abort: never, finish: never }).exitOverride();
  return printedBy(() => command.parseAsync([...args], { from: "user" }));
}

/** What `-o json` says. */
export async function publishJson(...args: readonly string[]): Promise<Published> {
  return JSON.parse((await runPublish([...args, "-o", "json"])).stdout) as Published;
}
