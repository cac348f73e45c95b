// SPDX-License-Identifier: Apache-2.0
/**
 * Books the bytes of one wire to the destinations it is used for, one after the other.
 * Exact where requests wait for each other's answers; node counts a write when it is queued, so a wire that is cut
 * with bytes still queued has fewer on its way than booked here.
 */
import type { Socket } from "node:net";
import type { Page } from "./ledger.ts";

export class WireMeter {
  readonly #page: Page;
  #host: string;
  #wire: Socket | null = null;
  #sentBytes = 0;
  #receivedBytes = 0;

  /** @param host  the destination that the first bytes belong to */
  constructor(page: Page, host: string) {
    this.#page = page;
    this.#host = host;
  }

  /** The destination that bytes are booked to now. */
  get host(): string {
    return this.#host;
  }

  attach(wire: Socket): void {
    this.#wire = wire;
  }

  /** Books what went over the wire so far; what follows belongs to `host`. */
  moveTo(host: string): void {
    this.settle();
    this.#host = host;
  }

  /** Books what went over the wire so far. */
  settle(): void {
    if (!this.#wire) return;
    const { bytesWritten, bytesRead } = this.#wire;
    const counts = this.#page.of(this.#host);
    counts.sentBytes += bytesWritten - this.#sentBytes;
    counts.receivedBytes += bytesRead - this.#receivedBytes;
    this.#sentBytes = bytesWritten;
    this.#receivedBytes = bytesRead;
  }
}
