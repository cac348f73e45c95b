// SPDX-License-Identifier: Apache-2.0
/**
 * The filter's image as an installation names it: by its digest, so that every pod runs the same module.
 * Its digest is asked for only where the user gives a tag.
 */
import type { ImageAnswer } from "../checks/facts.ts";
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

/**
 * What to tell before an image is installed that its registry certainly lacks; undefined where it has it, and where it does not
 * answer from here, which says nothing of the nodes. Sidecars drop the module that they run for one that they cannot fetch.
 *
 * @param image  pinned
 */
export async function missingImageWarning(
  image: string,
  ask: (image: string) => Promise<ImageAnswer>,
): Promise<string | undefined> {
  const { state, detail } = await ask(image);
  if (state !== "missing") return undefined;
  return `warning: ${detail}; traffic would go on without being metered, also where an earlier filter runs now`;
}
