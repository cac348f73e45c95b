// SPDX-License-Identifier: Apache-2.0
/**
 * The filter's image as an installation names it: by its digest, so that every pod runs the same module.
 * The registry is asked only where the user gives a tag.
 */
import { type ImageReference, parseReference, pinned } from "../publish/reference.ts";

/**
 * The reference with its digest and without its tag, which may move.
 *
 * @param resolve  finds the digest of a tag
 * @throws         ProxymeterError E_REFERENCE, exit status 2; what `resolve` throws
 */
export async function pinnedImage(text: string, resolve: (of: ImageReference) => Promise<string>): Promise<string> {
  const reference = parseReference(text);
  return pinned(reference, reference.digest ?? (await resolve(reference)));
}

/** `sha256:...` of an image that is pinned. */
export function digestOf(image: string): string {
  return image.slice(image.indexOf("@") + 1);
}
