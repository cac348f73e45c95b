// SPDX-License-Identifier: Apache-2.0
/**
 * Asks on the terminal whether to go on. Without a terminal nobody can answer, so the option must have said it.
 */
import { createInterface } from "node:readline/promises";
import { ProxymeterError } from "../errors.ts";

export interface ConfirmOptions {
  /** What `-y` says. */
  isConfirmed: boolean;
  signal: AbortSignal;
}

/** @throws ProxymeterError E_NOT_CONFIRMED when the answer is no, or when nobody can be asked (exit status 2) */
export async function confirm(question: string, { isConfirmed, signal }: ConfirmOptions): Promise<void> {
  if (isConfirmed) return;
  if (!process.stdin.isTTY) {
    throw new ProxymeterError(
      "E_NOT_CONFIRMED",
      `cannot ask "${question}": standard input is no terminal (expected one, or -y)`,
      "look at the plan with --dry-run, then give -y; nothing was changed",
      { exitCode: 2 },
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    terminal.close();
  }
  throw new ProxymeterError("E_NOT_CONFIRMED", "not confirmed: nothing was changed", "answer y to go on");
}
