// SPDX-License-Identifier: Apache-2.0
/**
 * The calls of the distribution API that publishing and resolving need: blobs and manifests of one repository.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#endpoints
 */
import { type Answer, type Question, resolveLocation } from "./http.ts";
import { type Blob, digestOf, MANIFEST_TYPE } from "./image.ts";
import { withRetries } from "./retry.ts";
import type { Session } from "./session.ts";

/** Kinds of manifest that a sidecar's agent can follow. */
const ACCEPTED = [
  MANIFEST_TYPE,
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
].join(", ");
const OCTETS = "application/octet-stream";
const DIGEST_HEADER = "docker-content-digest";
const REFUSALS = new Set([401, 403, 429]);
const DIGEST = /^sha256:[0-9a-f]{64}$/;

export async function hasBlob(session: Session, digest: string): Promise<boolean> {
  const answer = await ask(session, { method: "HEAD", url: new URL(`blobs/${digest}`, session.repositoryUrl) });
  if (answer.status === 200) return true;
  if (answer.status === 404) return false;
  throw session.refusal(`look for the blob ${digest}`, answer, "200 or 404");
}

/** Uploads a blob in one piece; an upload that breaks begins anew. */
export async function uploadBlob(session: Session, blob: Blob, onSent: (bytes: number) => void): Promise<void> {
  const what = `upload the blob ${blob.digest}`;
  const start: Question = { method: "POST", url: new URL("blobs/uploads/", session.repositoryUrl) };
  const attempt = async () => {
    const opened = await session.send(start);
    const location = opened.headers.get("location");
    if (opened.status !== 202 || location === undefined) return opened;
    const url = withDigest(resolveLocation(location, opened.url), blob.digest);
    return session.send({ method: "PUT", url, headers: { "content-type": OCTETS }, body: blob.bytes, onSent });
  };
  const answer = await withRetries(attempt, session.patience);
  if (answer.status !== 201) throw session.refusal(what, answer, "201");
}

/**
 * Stores a manifest under a tag or its digest.
 *
 * @throws ProxymeterError E_REGISTRY when the registry refuses it, or stored something else
 */
export async function putManifest(session: Session, manifest: Blob, name: string): Promise<void> {
  const url = new URL(`manifests/${name}`, session.repositoryUrl);
  const headers = { "content-type": manifest.mediaType };
  const answer = await ask(session, { method: "PUT", url, headers, body: manifest.bytes });
  const stored = answer.headers.get(DIGEST_HEADER) ?? manifest.digest;
  if (answer.status !== 201) throw session.refusal(`store the manifest as "${name}"`, answer, "201");
  if (stored !== manifest.digest) {
    throw session.refusal(`store the manifest as "${name}"`, answer, `${manifest.digest}, and it says ${stored}`);
  }
}

/** Digest of the manifest under a tag or digest; undefined when there is none. */
export async function manifestDigest(session: Session, name: string): Promise<string | undefined> {
  const url = new URL(`manifests/${name}`, session.repositoryUrl);
  const question: Question = { method: "HEAD", url, headers: { accept: ACCEPTED } };
  const head = await ask(session, question);
  if (head.status === 404) return undefined;
  const named = head.headers.get(DIGEST_HEADER);
  if (head.status === 200 && named !== undefined && DIGEST.test(named)) return named;
  if (REFUSALS.has(head.status)) throw session.refusal(`read the manifest "${name}"`, head, "200");
  // A few registries answer HEAD in part or not at all.
  const full = await ask(session, { ...question, method: "GET" });
  if (full.status === 404) return undefined;
  if (full.status !== 200) throw session.refusal(`read the manifest "${name}"`, full, "200");
  return digestOf(full.body);
}

function ask(session: Session, question: Question): Promise<Answer> {
  return withRetries(() => session.send(question), session.patience);
}

/** The address with its query as it stands: registries sign it. */
function withDigest(url: URL, digest: string): URL {
  const result = new URL(url);
  result.search = `${url.search === "" ? "?" : `${url.search}&`}digest=${encodeURIComponent(digest)}`;
  return result;
}
