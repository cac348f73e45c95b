// SPDX-License-Identifier: Apache-2.0
/**
 * Takes out of objects and texts what a bundle must not carry: credentials, tokens, and whatever might hold some.
 * What is not known to be harmless goes: values of an application's environment, its arguments, foreign annotations.
 */
import type { KubeObject } from "../objects/object.ts";
import { SIDECAR } from "../cluster/sidecar-pods.ts";

export const REDACTED = "REDACTED";

/** Members and names whose values are secrets by their name. */
const SECRET_NAME =
  /pass(word|wd|phrase)?s?$|secret|token|credential|api[-_]?key|private[-_]?key|access[-_]?key|authorization|cookie|^auth$|signature/i;
/** Names that match the above and hold none. */
const HARMLESS_NAME =
  /^(imagePullSecret|pullSecret|secretName|automountServiceAccountToken|tokenExpirationSeconds|serviceAccountToken)$/;
/** Annotations that say how a mesh treats the object. */
const KEPT_ANNOTATION = /^([\w.-]+\.)?(istio\.io|prometheus\.io|proxymeter\.io)\//;
const PROXY_VARIABLE = /^(https?|all|no|ftp|socks\w*)_proxy$|^proxy_(url|server|host|address)$/i;
const ISTIO_CONTAINERS = [SIDECAR, "istio-init", "istio-validation"];

const TEXTS: readonly [RegExp, string][] = [
  // user:password@ in URLs, and a user alone, which for some vendors is the key.
  // To the last @, since passwords hold @ and / too; an image's digest is none.
  [/([a-z0-9+.-]:\/\/)[^\s"']{0,2048}@(?!sha256:)/gi, `$1${REDACTED}@`],
  [/\b[^\s"'/@:=,;]{1,256}:(?!\/\/)[^\s"']{1,256}@(?!sha256:)(?=[\w.[-]+(:\d+)?)/g, `${REDACTED}@`],
  [/\b(Basic|Bearer|Digest|Negotiate)\s+[\w+/=.~-]{6,}/gi, `$1 ${REDACTED}`],
  [/\beyJ[\w-]+\.[\w-]+\.?[\w-]*/g, REDACTED],
  [/-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----/g, REDACTED],
  // Quoted in JSON within JSON, quoted, or bare.
  [named(String.raw`\\"(?:[^"\\]|\\{3}"|\\[^"])*\\"`), `$1\\"${REDACTED}\\"`],
  [named(String.raw`"(?:[^"\\\n]|\\.)*(?:"|$)`), `$1"${REDACTED}"`],
  [named(String.raw`'[^'\n]*(?:'|$)`), `$1'${REDACTED}'`],
  [named(String.raw`(?!\\?["']?${REDACTED})(\\?["']?)[^\s"'&,;}]+`), `$1$2${REDACTED}`],
];

/** A value after a name that tells a secret; the name is the first group. Bounded, so that no long line takes long. */
function named(value: string): RegExp {
  const words = "password|passwd|passphrase|secret|token|(?:api|access|private)[-_]?key|credential|signature";
  return new RegExp(String.raw`((?:${words})[\w-]{0,64}\\?["']?\s*[=:]\s*)${value}`, "gim");
}

/** A text without what looks like a credential. */
export function redactText(text: string): string {
  return TEXTS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}

/** The same of any value, members with secret names and `{name, value}` pairs with secret names blanked. */
export function redactValue(value: unknown): unknown {
  if (typeof value === "string") return redactText(value);
  if (Array.isArray(value)) return value.map(redactValue);
  if (typeof value !== "object" || value === null) return value;
  const { name } = value as { name?: unknown };
  const isSecretPair = typeof name === "string" && isSecretName(name) && "value" in value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const isSecret = isSecretName(key) || (isSecretPair && key === "value");
      return [key, isSecret ? withoutScalars(member) : redactValue(member)];
    }),
  );
}

/** Under the name of a secret every text and number is one. */
function withoutScalars(value: unknown): unknown {
  if (typeof value === "string" || typeof value === "number") return REDACTED;
  return Array.isArray(value) ? value.map(withoutScalars) : redactValue(value);
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !HARMLESS_NAME.test(name);
}

/** An object without history, foreign annotations and whatever its kind may hide secrets in. */
export function redactObject(object: KubeObject, isOurs: boolean): KubeObject {
  const { managedFields: _history, annotations = {}, ...metadata } = object.metadata;
  const kept = Object.fromEntries(Object.entries(annotations).filter(([key]) => KEPT_ANNOTATION.test(key)));
  const { data, binaryData: _binary, stringData: _text, ...rest } = object;
  const body = object.kind === "ConfigMap" && data !== undefined ? { ...rest, data } : rest;
  const spec = isOurs ? body.spec : withoutOpaque(body.spec);
  return redactValue({
    ...body,
    metadata: { ...metadata, annotations: kept },
    ...(spec !== undefined && { spec }),
  }) as KubeObject;
}

/** Members of others' objects in which anything may stand. */
const OPAQUE = ["pluginConfig", "vmConfig", "lua", "inlineCode"];

function withoutOpaque(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOpaque);
  if (typeof value !== "object" || value === null) return value;
  const { patch } = value as { patch?: unknown };
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (OPAQUE.includes(key)) return [key, REDACTED];
      if (key === "containers" || key === "initContainers" || key === "ephemeralContainers") {
        return [key, Array.isArray(member) ? member.map(redactContainer) : REDACTED];
      }
      if (key === "patch" && typeof patch === "object" && patch !== null && "value" in patch) {
        return [key, { ...patch, value: REDACTED }];
      }
      return [key, withoutOpaque(member)];
    }),
  );
}

interface Variable {
  name?: string;
  value?: string;
}

/** Of Istio's own containers arguments and environment stay, for the rest names alone and what a proxy variable points to. */
function redactContainer(container: unknown): unknown {
  const { name, image, ports, args, env } = container as Record<string, unknown> & { name?: string; env?: Variable[] };
  const isIstios = ISTIO_CONTAINERS.includes(name ?? "");
  return {
    name,
    image,
    ports,
    ...(isIstios ? { args } : { args: REDACTED }),
    env: (Array.isArray(env) ? env : []).map((variable) => redactVariable(variable, isIstios)),
  };
}

function redactVariable({ name = "", value }: Variable, isIstios: boolean): Variable {
  if (value === undefined) return { name };
  if (isIstios) return { name, value };
  return { name, value: PROXY_VARIABLE.test(name) ? proxyOnly(value) : REDACTED };
}

/** Scheme, host and port of a proxy URL; nothing of a text that is none. */
function proxyOnly(value: string): string {
  const text = value.includes("://") ? value : `http://${value}`;
  if (!URL.canParse(text)) return REDACTED;
  const { protocol, host, username } = new URL(text);
  return `${protocol}//${username === "" ? "" : `${REDACTED}@`}${host}`;
}
