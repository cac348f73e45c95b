// SPDX-License-Identifier: Apache-2.0
/**
 * Names of images as Istio writes them, `oci://host:port/repository:tag@sha256:...`: read, checked and printed. Knows no network.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests
 */
import { ProxymeterError } from "../errors.ts";

export interface ImageReference {
  /** Host, in brackets for an IPv6 address, and port if one was given. */
  registry: string;
  /** Path below the host, without a slash in front. */
  repository: string;
  tag?: string;
  /** Of the manifest, `sha256:` and 64 hexadecimal digits. */
  digest?: string;
}

export const SCHEME = "oci://";
/** Characters, as the agent counts them. */
const REPOSITORY_LENGTH = { min: 2, max: 255 };
const HIGHEST_PORT = 65_535;

const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9A-Fa-f:]{2,45}\\])$`);
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const HINT =
  "write it as oci://HOST[:PORT]/REPOSITORY[:TAG][@sha256:DIGEST], such as oci://registry.example/proxymeter:0.1.0";

/**
 * An image reference; `oci://` may be left out, the registry may not.
 *
 * @throws ProxymeterError E_REFERENCE, exit status 2
 */
export function parseReference(text: string): ImageReference {
  const parts = split(text);
  if (typeof parts === "string") throw mistake(text, parts);
  const wrong = firstMistake(parts);
  if (wrong !== undefined) throw mistake(text, wrong);
  return parts;
}

export function formatReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${SCHEME}${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** The reference that names one manifest for good; its tag, which may move, is left out. */
export function pinned({ registry, repository }: ImageReference, digest: string): string {
  return formatReference({ registry, repository, digest });
}

/** Whether the registry is on this machine, where plain HTTP harms nobody. */
export function isLoopback(registry: string): boolean {
  const host = registry.replace(/:\d+$/, "").toLowerCase();
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** The parts as they stand, or what is wrong with the whole. */
function split(text: string): ImageReference | string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0];
  if (scheme !== undefined && scheme !== SCHEME) return `scheme "${scheme}" (expected "${SCHEME}")`;
  const rest = text.slice(scheme?.length ?? 0);
  const slash = rest.indexOf("/");
  if (slash < 0) return "no repository (expected a registry, a slash and a repository)";
  const registry = rest.slice(0, slash);
  if (registry.includes("@")) return "credentials in front of the host (expected them in the docker configuration)";
  const [path = "", ...digests] = rest.slice(slash + 1).split("@");
  if (digests.length > 1) return 'more than one "@" (expected one digest at most)';
  const colon = path.indexOf(":");
  const reference: ImageReference = { registry, repository: colon < 0 ? path : path.slice(0, colon) };
  if (colon >= 0) reference.tag = path.slice(colon + 1);
  if (digests[0] !== undefined) reference.digest = digests[0];
  return reference;
}

/** The rules of the parts, in the order in which they are written. */
function firstMistake({ registry, repository, tag, digest }: ImageReference): string | undefined {
  const [, host = "", port] = /^(.*?)(?::([^:\]]*))?$/.exec(registry) ?? [];
  const isPort = port === undefined || (/^[1-9]\d{0,4}$/.test(port) && Number(port) <= HIGHEST_PORT);
  const isFitting = repository.length >= REPOSITORY_LENGTH.min && repository.length <= REPOSITORY_LENGTH.max;
  const isNamed = /[.:]/.test(registry) || host === "localhost";
  const rules: readonly [boolean, string][] = [
    [
      HOST.test(host) && URL.canParse(`https://${host}/`),
      `registry "${registry}" (expected a host name or an address)`,
    ],
    [isPort, `port "${port}" (expected 1 to ${HIGHEST_PORT})`],
    [isNamed, `registry "${registry}" (expected a host with a dot or a port, or localhost)`],
    [
      REPOSITORY.test(repository),
      `repository "${repository}" (expected lower case letters, digits, ".", "_", "-", "/")`,
    ],
    [isFitting, `a repository of length ${repository.length} (expected 2 to 255 characters)`],
    [tag === undefined || TAG.test(tag), `tag "${tag}" (expected up to 128 letters, digits, ".", "_", "-")`],
    [
      digest === undefined || DIGEST.test(digest),
      `digest "${digest}" (expected sha256: and 64 lower case hexadecimal digits)`,
    ],
  ];
  return rules.find(([holds]) => !holds)?.[1];
}

function mistake(text: string, found: string): ProxymeterError {
  // What stands in front of an @ in the host is a password more often than not.
  const shown = text.replace(/\/\/[^/]*@/, "//***@");
  return new ProxymeterError("E_REFERENCE", `cannot read the image reference "${shown}": ${found}`, HINT, {
    exitCode: 2,
  });
}
