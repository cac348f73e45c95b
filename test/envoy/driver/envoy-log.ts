// SPDX-License-Identifier: Apache-2.0
/**
 * Everything that an Envoy logged, and what in it shows that a filter broke.
 */

/** How Envoy writes down that Wasm trapped, was refused or asked for something wrong. */
const BROKEN =
  /Function: proxy_|wasm log (?:critical|error)|VM failed|Wasm VM|Plugin configured to fail|assert failure|Proxy-Wasm plugin in-VM/i;

export class EnvoyLog {
  readonly #lines: string[] = [];

  readonly add = (line: string): void => void this.#lines.push(line);

  /** The last lines, each indented, with a line break before the first. */
  tail(count = 50): string {
    return this.#lines
      .slice(-count)
      .map((line) => `\n  ${line}`)
      .join("");
  }

  /** Lines that tell of a broken filter. */
  broken(): string[] {
    return this.#lines.filter((line) => BROKEN.test(line));
  }

  /** Lines that contain any of the texts. */
  mentions(...texts: string[]): string[] {
    return this.#lines.filter((line) => texts.some((text) => line.includes(text)));
  }

  get length(): number {
    return this.#lines.length;
  }
}
