// SPDX-License-Identifier: Apache-2.0
/**
 * The error of the command line, and how errors are shown: message, hint, exit status.
 * Other folders throw errors of their own with the same fields; they are known by them, so that nobody needs to import this file.
 */

export interface ProxymeterErrorOptions {
  cause?: unknown;
  /** 2 for a mistake in what the user asked, 1 for what failed while doing it, 128 and the signal's number for an interrupt. */
  exitCode?: number;
}

export class ProxymeterError extends Error {
  /** Stable, `E_` and capitals. */
  readonly code: string;
  /** The next step for the reader. */
  readonly hint: string;
  readonly exitCode: number;

  constructor(code: string, message: string, hint: string, options: ProxymeterErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = "ProxymeterError";
    this.code = code;
    this.hint = hint;
    this.exitCode = options.exitCode ?? 1;
  }
}

export interface Outcome {
  /** For stderr, with a line break at the end. */
  text: string;
  exitCode: number;
}

/** How an error ends the program: expected ones by message and hint, our own mistakes by their stack. */
export function describeError(error: unknown): Outcome {
  if (isExpected(error)) return { text: `${error.message}\nhint: ${error.hint}\n`, exitCode: error.exitCode ?? 1 };
  return { text: `${error instanceof Error ? error.stack : String(error)}\n`, exitCode: 1 };
}

type Expected = Error & { code: string; hint: string; exitCode?: number };

function isExpected(error: unknown): error is Expected {
  if (!(error instanceof Error)) return false;
  const { code, hint } = error as Partial<Expected>;
  return typeof code === "string" && code.startsWith("E_") && typeof hint === "string";
}
