// SPDX-License-Identifier: Apache-2.0
/**
 * Bytes without a pattern, the same on every run: a counter-mode cipher keyed with the seed, quicker than any generator in JavaScript.
 */
import { createCipheriv, createHash } from "node:crypto";

/** `size` bytes; the first one is 0, which begins nothing that a proxy or the filter would read. */
export function noise(size: number, seed: number): Buffer {
  const key = createHash("sha256").update(`noise ${seed}`).digest();
  const bytes = createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(size));
  if (size > 0) bytes[0] = 0;
  return bytes;
}
