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
  /** The process's own unless given. */
  terminal?: Terminal;
}

export interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: NodeJS.WritableStream;
}

const INTERRUPT_STATUS = 130;

/**
 * @throws ProxymeterError E_NOT_CONFIRMED when the answer is no or Ctrl-D, or when nobody can be asked (exit status 2);
 *   E_INTERRUPTED after Ctrl-C (exit status 130)
 */
export async function confirm(question: string, { isConfirmed, signal, terminal }: ConfirmOptions): Promise<void> {
  if (isConfirmed) return;
  const { input, output } = terminal ?? { input: process.stdin, output: process.stderr };
  if (!input.isTTY) {
    throw new ProxymeterError(
      "E_NOT_CONFIRMED",
      `cannot ask "${question}": standard input is no terminal (expected one, or -y)`,
      "look at the plan with --dry-run, then give -y; nothing was changed",
      { exitCode: 2 },
    );
  }
  const answer = await ask(`${question} [y/N] `, signal, { input, output });
  if (!/^y(es)?$/i.test(answer.trim())) throw notConfirmed();
}

/** While a question is open the terminal hands its Ctrl-C and Ctrl-D to the reader of lines, not to the process. */
async function ask(question: string, signal: AbortSignal, { input, output }: Terminal): Promise<string> {
  const lines = createInterface({ input, output, terminal: true });
  const stopped = new AbortController();
  const stop = (reason: ProxymeterError) => {
    output.write("\n");
    stopped.abort(reason);
  };
  lines.once("SIGINT", () => stop(interrupted()));
  const onClose = () => stop(notConfirmed());
  lines.once("close", onClose);
  const either = AbortSignal.any([signal, stopped.signal]);
  try {
    return await lines.question(question, { signal: either });
  } catch (error) {
    either.throwIfAborted();
    // Some releases of Node reject before they close.
    throw (error as Error).name === "AbortError" ? notConfirmed() : error;
  } finally {
    lines.off("close", onClose);
    lines.close();
  }
}

function notConfirmed(): ProxymeterError {
  return new ProxymeterError("E_NOT_CONFIRMED", "not confirmed: nothing was changed", "answer y to go on");
}

function interrupted(): ProxymeterError {
  const hint = "run the same command again when you have decided";
  return new ProxymeterError("E_INTERRUPTED", "interrupted at the question: nothing was changed", hint, {
    exitCode: INTERRUPT_STATUS,
  });
}
