// SPDX-License-Identifier: Apache-2.0
/**
 * The last lines that a child process wrote, kept for error messages.
 */

const KEPT_LINES = 50;

export class LogTail {
  #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines = this.#lines.slice(-KEPT_LINES);
  }

  /** True if any of the kept lines contains the text. */
  includes(text: string): boolean {
    return this.#lines.some((line) => line.includes(text));
  }

  /** The last lines, each indented, with a line break before the first; "" if there are none. */
  text(count = 15): string {
    return this.#lines
      .slice(-count)
      .map((line) => `\n  ${line}`)
      .join("");
  }
}
