// SPDX-License-Identifier: Apache-2.0
/**
 * Pushes an image to a registry: what is there already stays, the rest is uploaded, the manifest comes last.
 * Building the image is image.ts.
 */
import { type Blob, type Image, imageSize } from "./image.ts";
import { type ImageReference, pinned } from "./reference.ts";
import { hasBlob, manifestDigest, putManifest, uploadBlob } from "./registry.ts";
import { type RegistryOptions, type Session, withSession } from "./session.ts";

export interface Published {
  /** `oci://registry/repository@sha256:...`, what an installation names. */
  url: string;
  /** Of the manifest. */
  digest: string;
  format: Image["format"];
  /** Bytes of manifest and blobs. */
  size: number;
  tag: string | null;
  /** Of the module itself, the same for all formats. */
  moduleDigest: string;
  /** Bytes of manifest and blobs that the registry did not have. */
  uploadedBytes: number;
}

const TELL_EVERY_MS = 2000;

/**
 * Pushes the image under the reference's tag, or under its digest alone.
 *
 * @throws ProxymeterError E_REGISTRY, E_REGISTRY_AUTH, E_CREDENTIALS
 */
export async function pushImage(image: Image, reference: ImageReference, options: RegistryOptions): Promise<Published> {
  const { notify = () => {} } = options;
  const { manifest } = image;
  const uploadedBytes = await withSession(reference, "pull,push", options, async (session) => {
    let sum = 0;
    for (const blob of image.blobs) sum += await pushBlob(session, blob, notify);
    return sum + (await pushManifest(session, manifest, reference.tag));
  });
  notify(uploadedBytes === 0 ? "the registry has all of it" : `uploaded ${bytes(uploadedBytes)}`);
  return {
    url: pinned(reference, manifest.digest),
    digest: manifest.digest,
    format: image.format,
    size: imageSize(image),
    tag: reference.tag ?? null,
    moduleDigest: image.moduleDigest,
    uploadedBytes,
  };
}

/** @returns bytes uploaded */
async function pushBlob(session: Session, blob: Blob, notify: (line: string) => void): Promise<number> {
  if (await hasBlob(session, blob.digest)) return 0;
  const size = blob.bytes.length;
  notify(`uploading ${blob.mediaType}, ${bytes(size)}`);
  let told = Date.now();
  await uploadBlob(session, blob, (sent) => {
    if (Date.now() - told < TELL_EVERY_MS) return;
    told = Date.now();
    notify(`${Math.round((100 * sent) / size)} % of ${bytes(size)}`);
  });
  return size;
}

/** @returns bytes uploaded */
async function pushManifest(session: Session, manifest: Blob, tag: string | undefined): Promise<number> {
  const name = tag ?? manifest.digest;
  if ((await manifestDigest(session, name)) === manifest.digest) return 0;
  await putManifest(session, manifest, name);
  return manifest.bytes.length;
}

function bytes(count: number): string {
  return `${count.toLocaleString("en")} bytes`;
}
