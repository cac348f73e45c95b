// SPDX-License-Identifier: Apache-2.0
/**
 * Turns a registry's challenge and our credentials into the value of Authorization: Basic, or a token from the server that the challenge names.
 *
 * @see https://distribution.github.io/distribution/spec/auth/token/
 * @see https://distribution.github.io/distribution/spec/auth/oauth/
 */
import type { Dispatcher } from "undici";
import { ProxymeterError } from "../errors.ts";
import type { Challenge } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";
import { ask, type Answer, type Question } from "./http.ts";
import { type Patience, withRetries } from "./retry.ts";

export interface Access {
  /** `repository:NAME:pull` or `repository:NAME:pull,push` */
  scope: string;
  credentials: Credentials | undefined;
  dispatcher: Dispatcher;
  /** Whether the registry itself is spoken to without TLS; a token server may then be, too. */
  isPlain: boolean;
  patience: Patience;
  /** The registry's name, for errors. */
  registry: string;
}

const CLIENT = "proxymeter";

/**
 * The value of Authorization.
 *
 * @throws ProxymeterError E_REGISTRY_AUTH when there is nothing to answer with, or the token server refuses
 */
export async function authorize(challenge: Challenge, access: Access): Promise<string> {
  const { credentials } = access;
  if (credentials?.kind === "registry") return `Bearer ${credentials.token}`;
  if (challenge.scheme === "bearer") return `Bearer ${await fetchToken(challenge, access)}`;
  if (credentials?.kind === "password") return basic(credentials);
  throw authError(
    access.registry,
    "it asks for a username and a password, and the docker configuration has none for it",
  );
}

export function authError(registry: string, found: string): ProxymeterError {
  const message = `cannot log in to the registry "${registry}": ${found}`;
  return new ProxymeterError("E_REGISTRY_AUTH", message, `log in by \`docker login ${registry}\`, then try again`);
}

async function fetchToken(challenge: Challenge, access: Access): Promise<string> {
  const { credentials, dispatcher, patience, registry } = access;
  const realm = realmOf(challenge, access);
  const asked = { service: challenge.parameters.get("service"), scopes: scopes(challenge, access.scope) };
  const question =
    credentials?.kind === "identity" ? exchangeOf(realm, asked, credentials.token) : requestOf(realm, asked);
  const authorization =
    credentials?.kind === "password" ? { origin: realm.origin, value: basic(credentials) } : undefined;
  const transport = { dispatcher, signal: patience.signal, authorization };
  const answer = await withRetries(() => ask(question, transport), patience);
  if (answer.status !== 200) {
    const who = credentials ? "the credentials of the docker configuration" : "a request without credentials";
    throw authError(registry, `the token server at ${realm.origin} answered ${answer.status} to ${who} (expected 200)`);
  }
  const token = tokenIn(answer);
  if (token === undefined) throw authError(registry, `the token server at ${realm.origin} answered without a token`);
  return token;
}

interface Asked {
  service: string | undefined;
  scopes: readonly string[];
}

function requestOf(realm: URL, { service, scopes }: Asked): Question {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  return { method: "GET", url };
}

function exchangeOf(realm: URL, { service, scopes }: Asked, refreshToken: string): Question {
  const form = new URLSearchParams({ grant_type: "refresh_token", client_id: CLIENT, refresh_token: refreshToken });
  if (service !== undefined) form.set("service", service);
  form.set("scope", scopes.join(" "));
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { method: "POST", url: realm, headers, body: Buffer.from(form.toString()) };
}

/** Ours, and the challenge's where it calls the repository by another name. */
function scopes(challenge: Challenge, own: string): string[] {
  const nameOf = (scope: string) => scope.slice(0, scope.lastIndexOf(":"));
  const asked = (challenge.parameters.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
  return [own, ...asked.filter((scope) => nameOf(scope) !== nameOf(own))];
}

function realmOf(challenge: Challenge, { isPlain, registry }: Access): URL {
  const realm = URL.parse(challenge.parameters.get("realm") ?? "");
  if (realm?.protocol === "https:" || (isPlain && realm?.protocol === "http:")) return realm;
  const found = realm ? `plain ${realm.origin}` : "no address";
  throw authError(registry, `it names ${found} as its token server (expected one by HTTPS)`);
}

function tokenIn({ body }: Answer): string | undefined {
  try {
    const { token, access_token: accessToken } = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
    const found = token || accessToken;
    return typeof found === "string" && found !== "" ? found : undefined;
  } catch {
    return undefined;
  }
}

function basic({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
