// SPDX-License-Identifier: Apache-2.0
/**
 * The text of an answer, as long as it is no larger than somebody is ready to hold.
 */
import { ProxymeterError } from "../errors.ts";

const MEBIBYTE = 1_048_576;

/**
 * Reads to the end, or until it is too much; leaving the loop ends the answer, so the rest is not read.
 *
 * @param maxBytes  all that comes, unless told
 * @throws          ProxymeterError E_TOO_LARGE; what the answer throws
 */
export async function boundedText(
  answer: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer) {
    size += part.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function tooLarge(maxBytes: number): ProxymeterError {
  const limit = maxBytes >= MEBIBYTE ? `${maxBytes / MEBIBYTE} MiB` : `${maxBytes} bytes`;
  return new ProxymeterError(
    "E_TOO_LARGE",
    `the answer has more than ${limit} (expected at most that)`,
    "ask for a shorter time, for larger steps, or for fewer series",
  );
}
