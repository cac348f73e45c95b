// SPDX-License-Identifier: Apache-2.0
/**
 * Carries one direction of a relayed connection: backpressure, half-close and reset pass through as they come.
 * Reports each chunk that was read; never looks inside.
 */
import type { Socket } from "node:net";

/**
 * Forwards all that is read from `from` to `to`. Both sockets must allow half-open connections.
 *
 * @param onRead  called with each chunk as it is read, before it is written
 */
export function pipe(from: Socket, to: Socket, onRead: (chunk: Buffer) => void): void {
  from.on("data", (chunk: Buffer) => {
    onRead(chunk);
    if (!to.writable) return;
    if (!to.write(chunk)) from.pause();
  });
  to.on("drain", () => from.resume());
  from.on("end", () => to.end());
}

/**
 * A side that breaks, or is closed before it ended, resets the other one: nothing else tells a peer that what it sent or
 * awaits is lost.
 */
export function forwardResets(from: Socket, to: Socket, onReset: () => void): void {
  const reset = () => {
    onReset();
    if (!to.destroyed) to.resetAndDestroy();
  };
  from.on("error", reset);
  from.on("close", () => {
    if (!from.readableEnded) reset();
  });
}
