// SPDX-License-Identifier: Apache-2.0
/**
 * A conversation with one repository of a registry: finds out whether it speaks HTTPS, logs in when asked to, and tells what went wrong
 * without ever telling a secret. What is said in it is registry.ts.
 */
import type { Dispatcher } from "undici";
import { ProxymeterError } from "../errors.ts";
import { chooseChallenge, parseChallenges } from "./challenge.ts";
import { type Credentials, type Environment, findCredentials } from "./credentials.ts";
import { type Answer, ask, openDispatcher, type Question } from "./http.ts";
import { type ImageReference, isLoopback } from "./reference.ts";
import { type Patience, withRetries } from "./retry.ts";
import { authError, authorize } from "./token.ts";

export interface RegistryOptions extends Patience {
  /** Plain HTTP will do, also on another machine. Certificates are checked all the same. */
  insecure?: boolean | undefined;
  /** For the docker configuration and proxies; else the process's own. */
  env?: Environment | undefined;
}

export type Access = "pull" | "pull,push";

export interface Session {
  /** As people write it. */
  registry: string;
  /** Path of the repository in the distribution API, `/v2/NAME/`, as an address. */
  repositoryUrl: URL;
  /** One exchange, logged in if need be; repeated by nobody. */
  send(question: Question): Promise<Answer>;
  /** The error for an answer that was not hoped for. */
  refusal(what: string, answer: Answer, expected: string): ProxymeterError;
  patience: Patience;
}

const HUB_API = "registry-1.docker.io";
const HUB_NAMES = new Set(["docker.io", "index.docker.io"]);
const LONGEST_QUOTE = 200;

/**
 * Opens a session, works with it, and closes its connections.
 *
 * @throws ProxymeterError E_REGISTRY, E_REGISTRY_AUTH, E_CREDENTIALS
 */
export async function withSession<T>(
  reference: ImageReference,
  access: Access,
  options: RegistryOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const env = options.env ?? process.env;
  const dispatcher = openDispatcher(env, isLoopback(reference.registry));
  try {
    return await work(await openSession(reference, access, { ...options, env, dispatcher }));
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason;
    throw error instanceof ProxymeterError ? error : unreachable(reference.registry, error);
  } finally {
    await dispatcher.destroy();
  }
}

type Opening = RegistryOptions & { env: Environment; dispatcher: Dispatcher };

async function openSession(reference: ImageReference, access: Access, options: Opening): Promise<Session> {
  const { dispatcher, signal, notify, waitsMs } = options;
  const patience = { signal, notify, waitsMs };
  const { registry } = reference;
  const { host, repository } = apiAddress(reference);
  const base = await findBase(host, options, patience);
  const secrets = new Set<string>();
  let credentials: Promise<Credentials | undefined> | undefined;
  let authorization: string | undefined;

  const logIn = async (answer: Answer): Promise<string> => {
    const challenge = chooseChallenge(parseChallenges(answer.headers.get("www-authenticate") ?? ""));
    if (!challenge)
      throw authError(registry, "it answered 401 and names no way that we know (expected Bearer or Basic)");
    credentials ??= findCredentials(reference, options.env);
    const known = await credentials;
    for (const secret of secretsOf(known)) secrets.add(secret);
    const scope = `repository:${repository}:${access}`;
    const isPlain = base.protocol === "http:";
    const value = await authorize(challenge, { scope, credentials: known, dispatcher, isPlain, patience, registry });
    secrets.add(value.replace(/^\S+ /, ""));
    return value;
  };
  const once = (question: Question) =>
    ask(question, {
      dispatcher,
      signal,
      authorization: authorization ? { origin: base.origin, value: authorization } : undefined,
    });
  const send = async (question: Question): Promise<Answer> => {
    const answer = await once(question);
    // A challenge from where we were redirected to is not the registry's: it may name any server to send the password to.
    if (answer.status !== 401 || answer.url.origin !== base.origin) return answer;
    authorization = await logIn(answer);
    return once(question);
  };
  const refusal = (what: string, answer: Answer, expected: string) =>
    refusalOf({ what, registry, expected, said: redacted(reason(answer), secrets) }, answer.status);
  return { registry, repositoryUrl: new URL(`/v2/${repository}/`, base), send, refusal, patience };
}

/** Docker Hub answers under another name than its own, and its own images are in the folder `library`. */
function apiAddress({ registry, repository }: ImageReference): { host: string; repository: string } {
  if (!HUB_NAMES.has(registry)) return { host: registry, repository };
  return { host: HUB_API, repository: repository.includes("/") ? repository : `library/${repository}` };
}

/** HTTPS where it is spoken; plain HTTP only where it was allowed and HTTPS is not spoken at all. */
async function findBase(host: string, options: Opening, patience: Patience): Promise<URL> {
  const [secure, plain] = [new URL(`https://${host}/`), new URL(`http://${host}/`)];
  if (!options.insecure && !isLoopback(host)) return secure;
  const ping = (base: URL, waits: Patience) =>
    withRetries(() => ask({ method: "GET", url: new URL("/v2/", base) }, options), waits);
  try {
    await ping(secure, { ...patience, waitsMs: [] });
    return secure;
  } catch (error) {
    if (isCertificate(error) || error instanceof ProxymeterError || patience.signal?.aborted) throw error;
    return plain;
  }
}

function isCertificate(error: unknown): boolean {
  return /CERT|ALTNAME|UNABLE_TO_VERIFY/.test((error as NodeJS.ErrnoException | undefined)?.code ?? "");
}

function secretsOf(credentials: Credentials | undefined): string[] {
  if (!credentials) return [];
  return [credentials.kind === "password" ? credentials.password : credentials.token];
}

/** Code and message of the registry's own error, or nothing. */
function reason({ body }: Answer): string {
  try {
    const { errors } = JSON.parse(body.toString("utf8")) as { errors?: { code?: unknown; message?: unknown }[] };
    const [first] = errors ?? [];
    return [first?.code, first?.message].filter((part) => typeof part === "string").join(", ");
  } catch {
    return "";
  }
}

/** Text of somebody else, made fit for one line. */
function redacted(text: string, secrets: ReadonlySet<string>): string {
  let shown = text;
  for (const secret of secrets) if (secret !== "") shown = shown.replaceAll(secret, "***");
  return shown.replace(/[^\x20-\x7e]+/g, " ").slice(0, LONGEST_QUOTE);
}

interface Refused {
  what: string;
  registry: string;
  expected: string;
  said: string;
}

function refusalOf({ what, registry, expected, said }: Refused, status: number): ProxymeterError {
  const message = `cannot ${what}: the registry "${registry}" answered ${status}${said && ` (${said})`} (expected ${expected})`;
  if (status === 401 || status === 403) {
    const hint = `log in by \`docker login ${registry}\` as someone who may do that, and check that the repository exists`;
    return new ProxymeterError("E_REGISTRY_AUTH", message, hint);
  }
  const hint = status === 429 ? "wait, then try again" : "check the reference, and the registry's own log";
  return new ProxymeterError("E_REGISTRY", message, hint);
}

function unreachable(registry: string, cause: unknown): ProxymeterError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const found = code ?? message;
  const isPlain = /^(ERR_SSL|EPROTO)/.test(code ?? "");
  const hint = isCertificate(cause)
    ? "trust the registry's root by NODE_EXTRA_CA_CERTS=FILE"
    : isPlain
      ? "if the registry speaks plain HTTP, and you accept that, say --insecure"
      : "check that the registry runs and that this machine reaches it";
  return new ProxymeterError(
    "E_REGISTRY",
    `cannot reach the registry "${registry}": ${found} (expected an answer)`,
    hint,
    { cause },
  );
}
