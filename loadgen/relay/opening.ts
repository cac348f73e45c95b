// SPDX-License-Identifier: Apache-2.0
/**
 * Reads a connection that names its one destination in its first bytes and then belongs to it for good.
 * How the first bytes of a protocol are read is a function given from outside.
 */
import type { Books } from "./books.ts";
import type { Reader } from "./reader.ts";

/** What the first bytes say: not enough yet, a request for a destination, or that none will ever be named. */
export type Opening = { kind: "incomplete" } | { kind: "request"; host: string } | { kind: "none" };

const MAX_OPENING_BYTES = 65_536;

export class OpeningReader implements Reader {
  readonly #books: Books;
  readonly #read: (start: Buffer) => Opening;
  #start = Buffer.alloc(0);
  #host: string | null = null;
  #receivedBefore = 0;

  /** @param read  judges the bytes that the crawler's side sent so far; called again with more until it decides */
  constructor(books: Books, read: (start: Buffer) => Opening) {
    this.#books = books;
    this.#read = read;
  }

  sent(chunk: Buffer): void {
    if (this.#host === null) this.#open(chunk);
    else this.#books.sent(this.#host, chunk.length);
  }

  received(chunk: Buffer): void {
    if (this.#host === null) this.#receivedBefore += chunk.length;
    else this.#books.received(this.#host, chunk.length);
  }

  close(): void {
    if (this.#host === null) this.#settle("");
  }

  #open(chunk: Buffer): void {
    this.#start = Buffer.concat([this.#start, chunk]);
    const opening = this.#read(this.#start);
    if (opening.kind === "request") {
      this.#books.request(opening.host);
      this.#settle(opening.host);
    } else if (opening.kind === "none" || this.#start.length > MAX_OPENING_BYTES) {
      this.#settle("");
    }
  }

  #settle(host: string): void {
    this.#host = host;
    this.#books.sent(host, this.#start.length);
    this.#books.received(host, this.#receivedBefore);
    this.#start = Buffer.alloc(0);
  }
}
