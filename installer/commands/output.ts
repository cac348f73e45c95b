// SPDX-License-Identifier: Apache-2.0
/**
 * stdout is data: a value as JSON or YAML, or the table that a command draws of it. stderr is talk.
 */
import { stringify } from "yaml";
import type { Output } from "./options.ts";

/** Writes a value in the format that was asked for; `table` draws it for people. */
export function print<T>(value: T, output: Output, table: (value: T) => string): void {
  process.stdout.write(ended(formatted(value, output, table)));
}

function formatted<T>(value: T, output: Output, table: (value: T) => string): string {
  if (output === "json") return JSON.stringify(value, null, 2);
  return output === "yaml" ? stringify(value) : table(value);
}

/** A line for people while a command works. */
export function say(line: string): void {
  process.stderr.write(ended(line));
}

function ended(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
