// SPDX-License-Identifier: Apache-2.0
/**
 * A file as it grows: what it has and what is written to it later, until the signal fires. Follows a file that is rotated away
 * or cut. Reads bytes; what they mean is read.ts's affair.
 */
import { open, stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

const EVERY_MS = 250;
const CHUNK = 64 * 1024;

/** @throws the error of the system where the file cannot be read at first */
export async function* tailFile(file: string, signal: AbortSignal): AsyncIterable<Buffer> {
  let handle = await open(file);
  try {
    let at = 0;
    while (!signal.aborted) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK), 0, CHUNK, at);
      at += bytesRead;
      if (bytesRead > 0) {
        yield buffer.subarray(0, bytesRead);
        continue;
      }
      const [now, before] = [await stat(file).catch(() => undefined), await handle.stat()];
      if (now !== undefined && (now.ino !== before.ino || now.size < at)) {
        await handle.close();
        handle = await open(file);
        at = 0;
      } else {
        await pause(EVERY_MS, undefined, { signal }).catch(() => {});
      }
    }
  } finally {
    await handle.close();
  }
}
