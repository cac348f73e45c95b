// SPDX-License-Identifier: Apache-2.0
/**
 * Reads a connection that names its one destination in its first bytes and then belongs to it for good.
 * How the first bytes of a protocol are read is a function given from outside.
 */
import type { Books } from "./books.ts";
import type { Reader } from "./reader.ts";

/** What the first bytes say: not enough yet, a request (host "" where it names none), or that there will be none. */
export type Opening = { kind: "incomplete" } | { kind: "request"; host: string } | { kind: "none" };

const MAX_OPENING_BYTES = 65_536;

/**
 * Judges how a connection begins; called again with more until it decides.
 *
 * @param sent      what the crawler's side said so far
 * @param received  what the gateway said so far
 */
export type ReadOpening = (sent: Buffer, received: Buffer) => Opening;

export class OpeningReader implements Reader {
  readonly #books: Books;
  readonly #read: ReadOpening;
  #sent = Buffer.alloc(0);
  #received = Buffer.alloc(0);
  #host: string | null = null;

  constructor(books: Books, read: ReadOpening) {
    this.#books = books;
    this.#read = read;
  }

  sent(chunk: Buffer): void {
    if (this.#host !== null) return void this.#books.sent(this.#host, chunk.length);
    this.#sent = Buffer.concat([this.#sent, chunk]);
    this.#judge();
  }

  received(chunk: Buffer): void {
    if (this.#host !== null) return void this.#books.received(this.#host, chunk.length);
    this.#received = Buffer.concat([this.#received, chunk]);
    this.#judge();
  }

  close(): void {
    if (this.#host === null) this.#settle("");
  }

  #judge(): void {
    const opening = this.#read(this.#sent, this.#received);
    const isTooLong = this.#sent.length + this.#received.length > MAX_OPENING_BYTES;
    if (opening.kind === "request") {
      this.#books.request(opening.host);
      this.#settle(opening.host);
    } else if (opening.kind === "none" || isTooLong) {
      this.#settle("");
    }
  }

  #settle(host: string): void {
    this.#host = host;
    this.#books.sent(host, this.#sent.length);
    this.#books.received(host, this.#received.length);
    this.#sent = Buffer.alloc(0);
    this.#received = Buffer.alloc(0);
  }
}
