// SPDX-License-Identifier: Apache-2.0
/**
 * The error of the bill: what could not be done, what was found, what was expected, and what to do next.
 * Printed by the command line, which knows it by its code and hint.
 */

export class BillFailure extends Error {
  /** Stable, `E_` and capitals. */
  readonly code: string;
  /** The next step for the reader. */
  readonly hint: string;
  /** Exit status of the command: 2 for a mistake in what the user asked, 1 for what failed while doing it. */
  readonly exitCode: 1 | 2;

  constructor(code: string, message: string, hint: string, options: { exitCode?: 1 | 2; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "BillFailure";
    this.code = code;
    this.hint = hint;
    this.exitCode = options.exitCode ?? 1;
  }
}
