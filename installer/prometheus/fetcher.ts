// SPDX-License-Identifier: Apache-2.0
/**
 * The two ways to Prometheus: straight by its URL, or through the API server's proxy to its Service.
 * Yields bodies; what they mean is known to answer.ts. Credentials go into headers and nowhere else.
 *
 * @see https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/#manually-constructing-apiserver-proxy-urls
 */
import { request } from "undici";
import { boundedText } from "../cluster/bounded-text.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { KubeError } from "../cluster/kube-error.ts";
import { ProxymeterError } from "../errors.ts";

const TIMEOUT_MS = 30_000;
const CREDENTIALS_HINT =
  "put user and password into the URL, or set PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD, or PROMETHEUS_TOKEN";

export interface Fetcher {
  /** For people; without credentials. */
  address: string;
  /**
   * The body of a GET; bodies of refusals too where they are Prometheus' own. `path` begins with `/api/v1/`.
   *
   * @param maxBytes  how much of it the caller is ready to hold; all unless told
   * @throws          ProxymeterError E_TOO_LARGE, E_PROMETHEUS; KubeError
   */
  get(path: string, maxBytes?: number): Promise<string>;
}

/** A Service that Prometheus listens at. */
export interface ServiceAddress {
  namespace: string;
  service: string;
  port: number;
  isHttps?: boolean;
  /** `/prometheus` where it is served below a path. */
  prefix?: string;
}

type Environment = Partial<Record<"PROMETHEUS_USERNAME" | "PROMETHEUS_PASSWORD" | "PROMETHEUS_TOKEN", string>>;

/**
 * By URL; credentials from the URL, else from the environment.
 *
 * @param timeoutMs  how long one answer may take
 * @throws ProxymeterError E_PROMETHEUS_URL
 */
export function urlFetcher(
  text: string,
  signal: AbortSignal,
  env: Environment = process.env,
  timeoutMs = TIMEOUT_MS,
): Fetcher {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ProxymeterError(
      "E_PROMETHEUS_URL",
      `cannot use "${text.replace(/\/\/[^/]*@/, "//***@")}" as the address of Prometheus (expected http:// or https:// and a host)`,
      "give --prometheus http://HOST:9090, or NAMESPACE/SERVICE:PORT for one in the cluster",
      { exitCode: 2 },
    );
  }
  const authorization = authorizationOf(url, env);
  const base = `${url.origin}${url.pathname.replace(/\/$/, "")}`;
  const headers = { accept: "application/json", ...(authorization && { authorization }) };
  const get = async (path: string, maxBytes?: number) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const { statusCode, body } = await request(`${base}${path}`, {
        headers,
        signal: AbortSignal.any([signal, timeout]),
      });
      return accepted(base, statusCode, await boundedText(body, maxBytes));
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ProxymeterError ? error : unreachable(base, error);
    }
  };
  return { address: base, get };
}

/** Through the API server, with the rights of the kubeconfig. */
export function serviceFetcher(cluster: Pick<Cluster, "get">, at: ServiceAddress, timeoutMs = TIMEOUT_MS): Fetcher {
  const scheme = at.isHttps ? "https:" : "";
  const base = `/api/v1/namespaces/${at.namespace}/services/${scheme}${at.service}:${at.port}/proxy${at.prefix ?? ""}`;
  const address = `service ${at.namespace}/${at.service}:${at.port}`;
  const get = async (path: string, maxBytes?: number) => {
    try {
      return await cluster.get(`${base}${path}`, maxBytes, timeoutMs);
    } catch (error) {
      if (!(error instanceof KubeError) || error.status === 0) throw error;
      throw refusal(address, error);
    }
  };
  return { address, get };
}

function refusal(address: string, error: KubeError): ProxymeterError {
  const isForbidden = error.status === 403;
  const hint = isForbidden
    ? "use an account that may get services/proxy, or give --prometheus URL"
    : "check that Prometheus' pod is ready, or give --prometheus URL";
  const message = `cannot reach Prometheus at ${address} through the API server: ${error.message}`;
  return new ProxymeterError("E_PROMETHEUS", message, hint, { cause: error });
}

function authorizationOf(url: URL, env: Environment): string | undefined {
  const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  if (url.username !== "") return basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
  if (env.PROMETHEUS_TOKEN) return `Bearer ${env.PROMETHEUS_TOKEN}`;
  if (env.PROMETHEUS_USERNAME) return basic(env.PROMETHEUS_USERNAME, env.PROMETHEUS_PASSWORD ?? "");
  return undefined;
}

/** Prometheus says why with 400, 422 and 503; other refusals come from what stands before it. */
function accepted(base: string, status: number, text: string): string {
  if (status === 200 || ([400, 422, 503].includes(status) && text.startsWith("{"))) return text;
  const hint = status === 401 || status === 403 ? CREDENTIALS_HINT : "check the address and its path prefix";
  throw new ProxymeterError(
    "E_PROMETHEUS",
    `cannot ask Prometheus at ${base}: it answered ${status} (expected 200)`,
    hint,
  );
}

function unreachable(base: string, error: unknown): ProxymeterError {
  const { message, cause, code } = error as Error & { code?: string };
  const reason = message || (cause instanceof Error ? cause.message : code) || "no connection";
  const hint =
    "check that Prometheus runs there and can be reached from here; for a private CA set NODE_EXTRA_CA_CERTS";
  return new ProxymeterError("E_PROMETHEUS", `cannot reach Prometheus at ${base}: ${reason}`, hint, { cause: error });
}
