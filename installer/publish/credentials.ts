// SPDX-License-Identifier: Apache-2.0
/**
 * Who we are to a registry, from the docker configuration: entries in it, and credential helpers that it names. Read anew each time,
 * kept nowhere, and never part of an error. Using them is session.ts.
 *
 * @see https://docs.docker.com/reference/cli/docker/login/#credential-stores
 * @see https://github.com/docker/docker-credential-helpers
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ProxymeterError } from "../errors.ts";
import type { ImageReference } from "./reference.ts";

export type Credentials =
  | { kind: "password"; username: string; password: string }
  /** Exchanged for a token of the registry. */
  | { kind: "identity"; token: string }
  /** Sent to the registry as it is. */
  | { kind: "registry"; token: string };

export interface DockerConfig {
  auths?: Record<string, DockerAuth>;
  /** Name of a helper for each registry. */
  credHelpers?: Record<string, string>;
  /** Name of the helper for all other registries. */
  credsStore?: string;
}

interface DockerAuth {
  /** Username, colon and password in base64. */
  auth?: string;
  username?: string;
  password?: string;
  identitytoken?: string;
  registrytoken?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;
type Repository = Pick<ImageReference, "registry" | "repository">;

/** Docker Hub goes by its oldest address here. */
const HUB_KEY = "https://index.docker.io/v1/";
const HUB_HOSTS = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);
const HELPER_TIMEOUT_MS = 30_000;
/** What a helper says instead of a username when the secret is an identity token. */
const TOKEN_USERNAME = "<token>";
const NOT_FOUND = /credentials not found/i;

/**
 * Credentials for a repository; undefined when the configuration has none.
 *
 * @throws ProxymeterError E_CREDENTIALS for a configuration or a helper that does not work
 */
export async function findCredentials(
  repository: Repository,
  env: Environment = process.env,
): Promise<Credentials | undefined> {
  const file = configFile(env);
  const config = readConfig(file);
  if (config === undefined) return undefined;
  const key = serverKey(repository.registry);
  const helper = config.credHelpers?.[repository.registry] ?? config.credHelpers?.[key] ?? config.credsStore;
  const kept = helper ? await askHelper(helper, key, env) : undefined;
  return kept ?? entryFor(config.auths ?? {}, repository, file);
}

/** The docker configuration, or where it would be. */
export function configFile(env: Environment): string {
  return join(env.DOCKER_CONFIG || join(env.HOME || homedir(), ".docker"), "config.json");
}

function readConfig(file: string): DockerConfig | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw broken(`cannot read the docker configuration "${file}": ${code} (expected a readable file)`, HINTS.file);
  }
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === "object" && config !== null) return config;
  } catch {
    // The parser's message quotes the text, and the text has passwords: it is left out.
  }
  throw broken(
    `cannot read the docker configuration "${file}": not a JSON object (expected what docker login writes)`,
    HINTS.file,
  );
}

const HINTS = {
  file: "write it anew by `docker login REGISTRY`, or name another folder by $DOCKER_CONFIG",
  helper: (name: string, key: string) => `try it by \`echo ${key} | docker-credential-${name} get\``,
};

/** The entry of a registry, or, as podman writes them, the longest one that a repository is under. */
export function entryFor(
  auths: Record<string, DockerAuth>,
  repository: Repository,
  file: string,
): Credentials | undefined {
  const wanted = `${canonicalHost(repository.registry)}/${repository.repository}/`;
  const [best] = Object.entries(auths)
    .map(([key, entry]) => ({ key, scope: scopeOf(key), entry }))
    .filter(({ scope }) => wanted.startsWith(scope))
    .sort((one, other) => other.scope.length - one.scope.length);
  return best && credentialsOf(best.entry, best.key, file);
}

/** `https://host/v1/` and `host` are one registry; any other path is a repository's. */
function scopeOf(key: string): string {
  const [host = "", ...path] = key.replace(/^https?:\/\//, "").split("/");
  const rest = path.filter((part) => part !== "").join("/");
  return `${canonicalHost(host)}/${/^(v[12])?$/.test(rest) ? "" : `${rest}/`}`;
}

function canonicalHost(host: string): string {
  return HUB_HOSTS.has(host) ? "docker.io" : host.toLowerCase();
}

function serverKey(registry: string): string {
  return HUB_HOSTS.has(registry) ? HUB_KEY : registry;
}

function credentialsOf(entry: DockerAuth, key: string, file: string): Credentials | undefined {
  if (entry.registrytoken) return { kind: "registry", token: entry.registrytoken };
  if (entry.identitytoken) return { kind: "identity", token: entry.identitytoken };
  if (entry.username && entry.password) {
    return { kind: "password", username: entry.username, password: entry.password };
  }
  // An entry without anything says that a helper has the secret.
  if (!entry.auth) return undefined;
  const text = Buffer.from(entry.auth, "base64").toString("utf8").replace(/\0+$/, "");
  const colon = text.indexOf(":");
  if (colon > 0) return { kind: "password", username: text.slice(0, colon), password: text.slice(colon + 1) };
  throw broken(
    `cannot read the entry "${key}" of "${file}": no username and password in it (expected both in base64)`,
    HINTS.file,
  );
}

async function askHelper(name: string, key: string, env: Environment): Promise<Credentials | undefined> {
  if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    throw broken(
      `cannot run a credential helper: its name is "${name}" (expected letters, digits, ".", "_", "-")`,
      HINTS.file,
    );
  }
  const program = `docker-credential-${name}`;
  const hint = HINTS.helper(name, key);
  const options = { input: key, timeout: HELPER_TIMEOUT_MS, reject: false, env: { ...env }, extendEnv: false } as const;
  const { exitCode, stdout, failed, timedOut, code } = await execa(program, ["get"], options);
  if (failed && NOT_FOUND.test(stdout ?? "")) return undefined;
  // Its output is left out of every error: it may hold what we asked for.
  if (timedOut) throw broken(`cannot ask ${program} for credentials: no answer in 30 s`, hint);
  if (code === "ENOENT") throw broken(`cannot ask ${program} for credentials: no such program on PATH`, hint);
  if (failed)
    throw broken(`cannot ask ${program} for credentials: it ended with status ${exitCode} (expected 0)`, hint);
  return helperAnswer(stdout, program, hint);
}

function helperAnswer(stdout: string, program: string, hint: string): Credentials | undefined {
  const { Username, Secret } = parseAnswer(stdout);
  if (typeof Username !== "string" || typeof Secret !== "string") {
    throw broken(`cannot understand ${program}: its answer is not JSON with Username and Secret`, hint);
  }
  if (Secret === "") return undefined;
  if (Username === TOKEN_USERNAME) return { kind: "identity", token: Secret };
  return { kind: "password", username: Username, password: Secret };
}

function parseAnswer(stdout: string): { Username?: unknown; Secret?: unknown } {
  try {
    return (JSON.parse(stdout) ?? {}) as { Username?: unknown; Secret?: unknown };
  } catch {
    return {};
  }
}

function broken(message: string, hint: string): ProxymeterError {
  return new ProxymeterError("E_CREDENTIALS", message, hint);
}
