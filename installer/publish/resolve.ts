// SPDX-License-Identifier: Apache-2.0
/**
 * What a registry has under a reference: the digest behind a tag, and whether the image can be reached at all. Changes nothing there.
 */
import { ProxymeterError } from "../errors.ts";
import { formatReference, type ImageReference, parseReference } from "./reference.ts";
import { manifestDigest } from "./registry.ts";
import { type RegistryOptions, withSession } from "./session.ts";

const LATEST = "latest";

/**
 * Digest of the manifest, `sha256:...`, as the registry has it now. One that the reference names itself is looked for all the same.
 *
 * @throws ProxymeterError E_IMAGE_MISSING when the registry has no such image, E_REFERENCE, E_REGISTRY, E_REGISTRY_AUTH, E_CREDENTIALS
 */
export async function resolveDigest(
  reference: string | ImageReference,
  options: RegistryOptions = {},
): Promise<string> {
  const wanted = typeof reference === "string" ? parseReference(reference) : reference;
  const name = wanted.digest ?? wanted.tag ?? LATEST;
  const digest = await withSession(wanted, "pull", options, (session) => manifestDigest(session, name));
  if (digest !== undefined) return digest;
  const message = `cannot find the image "${formatReference(wanted)}": the registry has no manifest "${name}" (expected one)`;
  const { registry, repository, tag } = wanted;
  const target = formatReference({ registry, repository, ...(tag !== undefined && { tag }) });
  const hint = `publish it by \`proxymeter publish ${target}\``;
  throw new ProxymeterError("E_IMAGE_MISSING", message, hint);
}

/** Whether the registry answers and has the image; why it does not is what `resolveDigest` throws. */
export async function isReachable(reference: string | ImageReference, options: RegistryOptions = {}): Promise<boolean> {
  try {
    await resolveDigest(reference, options);
    return true;
  } catch (error) {
    if (error instanceof ProxymeterError && !options.signal?.aborted) return false;
    throw error;
  }
}
