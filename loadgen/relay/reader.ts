// SPDX-License-Identifier: Apache-2.0
/**
 * What reads a relayed connection: the shape that the relay talks to and every protocol's reader has.
 */

/** Takes both directions of one connection, in the order in which they were read, and writes the books. */
export interface Reader {
  sent(chunk: Buffer): void;
  received(chunk: Buffer): void;
  /** The connection is closed: whatever is undecided is decided. */
  close(): void;
}
