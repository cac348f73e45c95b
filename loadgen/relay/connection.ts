// SPDX-License-Identifier: Apache-2.0
/**
 * Reads one relayed connection: looks at the first byte that the crawler's side sends and leaves the rest to the
 * reader of that protocol. What the gateway says before that belongs to no request.
 */
import type { Books } from "./books.ts";
import { readTlsOpening } from "./client-hello.ts";
import { HttpReader } from "./http.ts";
import { OpeningReader } from "./opening.ts";
import type { Reader } from "./reader.ts";
import { readSocksOpening } from "./socks.ts";

/** By first byte; anything else is taken for HTTP/1, which gives up on what is not. */
const READERS: Record<number, (books: Books) => Reader> = {
  4: (books) => new OpeningReader(books, readSocksOpening),
  5: (books) => new OpeningReader(books, readSocksOpening),
  22: (books) => new OpeningReader(books, readTlsOpening),
};

/** A reader that finds out by itself what is spoken. */
export class ConnectionReader implements Reader {
  readonly #books: Books;
  #reader: Reader | null = null;

  constructor(books: Books) {
    this.#books = books;
  }

  sent(chunk: Buffer): void {
    this.#reader ??= (READERS[chunk[0] ?? 0] ?? ((books) => new HttpReader(books)))(this.#books);
    this.#reader.sent(chunk);
  }

  received(chunk: Buffer): void {
    if (this.#reader) this.#reader.received(chunk);
    else this.#books.received("", chunk.length);
  }

  close(): void {
    this.#reader?.close();
  }
}
