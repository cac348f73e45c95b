// SPDX-License-Identifier: Apache-2.0
/**
 * Says how the bench is getting on: one line that changes on a terminal, now and then a line elsewhere.
 */

const EVERY_MS = 10_000;

export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #started = Date.now();
  #told = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  say(line: string): void {
    const text = `bench: ${Math.round((Date.now() - this.#started) / 1000)} s, ${line}`;
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\x1b[2K${text}`);
    } else if (Date.now() - this.#told >= EVERY_MS) {
      this.#told = Date.now();
      this.#stream.write(`${text}\n`);
    }
  }

  /** A line that stays. */
  keep(line: string): void {
    this.end();
    this.#stream.write(`bench: ${line}\n`);
  }

  /** Takes the changing line away. */
  end(): void {
    if (this.#stream.isTTY) this.#stream.write("\r\x1b[2K");
  }
}
