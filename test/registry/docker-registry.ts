// SPDX-License-Identifier: Apache-2.0
/**
 * A real registry on loopback with an empty store, as Debian packages it. Its configuration is written here; what it is asked is the test's.
 *
 * @see https://distribution.github.io/distribution/about/configuration/
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Daemon, startDaemon } from "../cluster/daemon.ts";
import { until } from "../cluster/poll.ts";
import type { Program } from "../cluster/tools.ts";

/** Username and password that a registry with `auth: "password"` takes. */
export const LOGIN = { username: "crawl", password: "s3cret:with#colon" };
/** bcrypt of that password, as `htpasswd -B` writes it. */
const PASSWORD_FILE = `${LOGIN.username}:$2y$04$abcdefghijklmnopqrstuuzt2ezUuQ5uQJKTJOVLPMlUNhlnZUHbW\n`;

export interface TokenAuth {
  /** Address of the token server. */
  realm: string;
  service: string;
  issuer: string;
  /** Root certificate of the issuer, PEM. */
  root: string;
}

export interface RegistryOptions {
  auth?: "password" | TokenAuth;
  /** Certificate and key, PEM, for a registry that speaks HTTPS. */
  tls?: { cert: string; key: string };
}

export interface DockerRegistry {
  /** `127.0.0.1:port` */
  host: string;
  /** Requests of ours that it answered, as `METHOD path status`, in order. */
  requests(): string[];
  /** The same of everybody else. */
  pulls(): string[];
  stop(): Promise<void>;
}

export async function startDockerRegistry(program: Program, options: RegistryOptions = {}): Promise<DockerRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "proxymeter-registry-"));
  try {
    const config = join(folder, "config.json");
    // Every JSON text is YAML.
    writeFileSync(config, JSON.stringify(configuration(folder, options)));
    const log = () => readFileSync(join(folder, "registry.log"), "utf8");
    const daemon = await startDaemon({
      name: "registry",
      command: program.path,
      args: [...program.args, "serve", config],
      env: program.env,
      directory: folder,
      ready: async () => portIn(log()) !== undefined,
      readyTimeoutMs: 20_000,
      stopSignal: "SIGTERM",
    });
    return {
      host: `127.0.0.1:${portIn(log())}`,
      requests: () => requestsIn(log(), isOurs),
      pulls: () => requestsIn(log(), (agent) => !isOurs(agent)),
      stop: () => stop(daemon, folder),
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Waits until the registry has written so many requests down; it does so after it answered. */
export async function settledRequests(registry: DockerRegistry, ours: number): Promise<string[]> {
  await until(() => registry.requests().length >= ours, { what: `${ours} requests in the registry's log` });
  return registry.requests();
}

async function stop(daemon: Daemon, folder: string): Promise<void> {
  await daemon.stop();
  rmSync(folder, { recursive: true, force: true });
}

function configuration(folder: string, { auth, tls }: RegistryOptions) {
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  mkdirSync(join(folder, "store"));
  const certificates = tls && { certificate: file("tls.pem", tls.cert), key: file("tls.key", tls.key) };
  return {
    version: "0.1",
    log: { level: "info" },
    storage: { filesystem: { rootdirectory: join(folder, "store") } },
    http: { addr: "127.0.0.1:0", ...(certificates && { tls: certificates }) },
    ...(auth === "password" && { auth: { htpasswd: { realm: "test", path: file("htpasswd", PASSWORD_FILE) } } }),
    ...(typeof auth === "object" && {
      auth: {
        token: {
          realm: auth.realm,
          service: auth.service,
          issuer: auth.issuer,
          rootcertbundle: file("root.pem", auth.root),
        },
      },
    }),
  };
}

function portIn(log: string): string | undefined {
  return /listening on 127\.0\.0\.1:(\d+)/.exec(log)?.[1];
}

const isOurs = (agent: string) => agent === "proxymeter";

/** Of the access log in Apache's format, those of some user agents. */
function requestsIn(log: string, isWanted: (agent: string) => boolean): string[] {
  const found = log.matchAll(/"(\w+) (\S+) HTTP\/1\.1" (\d{3}) \S+ "[^"]*" "([^"]*)"/g);
  return [...found]
    .filter(([, , , , agent = ""]) => isWanted(agent))
    .map(([, method, path = "", status]) => `${method} ${path.replace(/\?.*/, "")} ${status}`);
}
