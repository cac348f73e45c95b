// SPDX-License-Identifier: Apache-2.0
/**
 * Reads the opening of a socket piece by piece, for the gateways that speak raw sockets: so many bytes, or up to a mark.
 * What comes after the opening stays in the socket for whoever reads on.
 */
import { once } from "node:events";
import type { Socket } from "node:net";

const MAX_BYTES = 65_536;

export class SocketBytes {
  readonly #socket: Socket;
  #buffer = Buffer.alloc(0);

  /** @param socket  paused and without a data listener; it is read only while one of the methods waits */
  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Exactly `count` bytes. @throws Error if the socket ends before. */
  async take(count: number): Promise<Buffer> {
    while (this.#buffer.length < count) await this.#more();
    return this.#cut(count);
  }

  /** Up to the mark and with it. @throws Error if the socket ends before, or 64 KiB hold no mark. */
  async takeThrough(mark: string): Promise<Buffer> {
    for (;;) {
      const at = this.#buffer.indexOf(mark, 0, "latin1");
      if (at !== -1) return this.#cut(at + mark.length);
      if (this.#buffer.length > MAX_BYTES) throw new Error(`no ${JSON.stringify(mark)} in ${MAX_BYTES} bytes`);
      await this.#more();
    }
  }

  /** Gives back to the socket what was read ahead. */
  release(): void {
    if (this.#buffer.length > 0) this.#socket.unshift(this.#buffer);
    this.#buffer = Buffer.alloc(0);
  }

  #cut(count: number): Buffer {
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  async #more(): Promise<void> {
    for (;;) {
      const chunk = this.#socket.read() as Buffer | null;
      if (chunk) {
        this.#buffer = Buffer.concat([this.#buffer, chunk]);
        return;
      }
      if (this.#socket.readableEnded || this.#socket.destroyed) throw new Error("the socket ended");
      const stop = new AbortController();
      const { signal } = stop;
      const ends = ["readable", "end", "close"].map((event) => once(this.#socket, event, { signal }));
      await Promise.race(ends).finally(() => stop.abort());
    }
  }
}
