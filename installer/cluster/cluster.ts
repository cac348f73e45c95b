// SPDX-License-Identifier: Apache-2.0
/**
 * The Kubernetes API as the commands use it: any kind by apply, read, list, replace and remove, and plain GETs. Which cluster
 * and account is decided in kubeconfig.ts; objects pass as the server sent them. Decides nothing, retries nothing.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/
 */
import { STATUS_CODES } from "node:http";
import { PassThrough } from "node:stream";
import {
  ApiException,
  type HttpMethod,
  IsomorphicFetchHttpLibrary,
  type KubeConfig,
  Log,
  RequestContext,
} from "@kubernetes/client-node";
import { ProxymeterError } from "../errors.ts";
import { type KubeObject, nameOf, type Reference } from "../objects/object.ts";
import { boundedText } from "./bounded-text.ts";
import { type ExecWish, execIn } from "./exec.ts";
import { KubeError } from "./kube-error.ts";
import { loadKubeconfig } from "./kubeconfig.ts";

/** Owner of the fields that we apply. */
export const FIELD_MANAGER = "proxymeter";
/** Owner of the opt-in label alone: a namespace may be an object of ours too, whose other labels must not go with it. */
export const OPT_IN_MANAGER = "proxymeter-opt-in";

const APPLY = "application/apply-patch+yaml";
const JSON_BODY = "application/json";
const PAGE = 500;
const TIMEOUT_MS = 30_000;
/** The body of an answer that has none, such as one of status 204. */
const NOTHING: readonly Uint8Array[] = [];

export interface ClusterOptions {
  /** File; else $KUBECONFIG, ~/.kube/config or the pod's own service account. */
  kubeconfig?: string | undefined;
  context?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** What a POST takes: the server may choose the name. */
export interface NewObject {
  apiVersion: string;
  kind: string;
  metadata?: { namespace?: string };
  [member: string]: unknown;
}

export interface ListOptions {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
}

/** Which log, and from when on: seconds back, or an RFC 3339 time. */
export interface PodLog {
  namespace: string;
  pod: string;
  container: string;
  follow: boolean;
  timestamps: boolean;
  sinceSeconds?: number;
  sinceTime?: string;
}

interface Resource {
  name: string;
  namespaced: boolean;
}

interface Sending {
  body?: string | undefined;
  type?: string | undefined;
  maxBytes?: number | undefined;
  timeoutMs?: number | undefined;
}

interface List {
  metadata?: { continue?: string };
  items?: Omit<KubeObject, "apiVersion" | "kind">[];
}

export class Cluster {
  /** The kubeconfig's name of the context. */
  readonly context: string;
  readonly #config: KubeConfig;
  readonly #server: string;
  readonly #signal: AbortSignal | undefined;
  readonly #http = new IsomorphicFetchHttpLibrary();
  readonly #resources = new Map<string, Promise<Map<string, Resource>>>();

  /** @throws ProxymeterError E_KUBECONFIG */
  constructor({ kubeconfig, context, signal }: ClusterOptions = {}) {
    this.#config = loadKubeconfig(kubeconfig, context);
    this.#server = this.#config.getCurrentCluster()?.server.replace(/\/$/, "") ?? "";
    this.context = this.#config.getCurrentContext();
    this.#signal = signal;
  }

  /** Server-side apply, under our field manager unless told. With `dryRun` the server answers what it would store. */
  async apply(
    object: KubeObject,
    { dryRun = false, force = true, fieldManager = FIELD_MANAGER } = {},
  ): Promise<KubeObject> {
    const query = new URLSearchParams({ fieldManager, force: String(force) });
    if (dryRun) query.set("dryRun", "All");
    const path = `${await this.#path(object)}?${query}`;
    return (await this.#json("PATCH", path, JSON.stringify(object), APPLY)) as KubeObject;
  }

  /** The object, or undefined where it, or its kind, does not exist. */
  async read(reference: Reference): Promise<KubeObject | undefined> {
    const path = await this.#path(reference).catch(absent);
    if (path === undefined) return undefined;
    return (await this.#json("GET", path).catch(absent)) as KubeObject | undefined;
  }

  /** Objects of a kind; none where the server does not have the kind. */
  async list(apiVersion: string, kind: string, { namespace, labelSelector }: ListOptions = {}): Promise<KubeObject[]> {
    const resource = await this.#resource(apiVersion, kind);
    if (resource === undefined) return [];
    const found: KubeObject[] = [];
    const query = new URLSearchParams({ limit: String(PAGE), ...(labelSelector && { labelSelector }) });
    do {
      const page = (await this.#json("GET", `${pathOf(apiVersion, resource, namespace)}?${query}`)) as List;
      for (const item of page.items ?? []) found.push({ ...item, apiVersion, kind } as KubeObject);
      query.set("continue", page.metadata?.continue ?? "");
    } while (query.get("continue"));
    return found;
  }

  /** Stores an object that was read before; its resourceVersion must still be the server's. */
  async replace(object: KubeObject): Promise<KubeObject> {
    const path = `${await this.#path(object)}?${new URLSearchParams({ fieldManager: FIELD_MANAGER })}`;
    return (await this.#json("PUT", path, JSON.stringify(object), JSON_BODY)) as KubeObject;
  }

  /** Creates an object by POST: reviews, tokens and the like. */
  async create(object: NewObject): Promise<KubeObject> {
    const resource = await this.#mustHave(object.apiVersion, object.kind);
    const path = pathOf(object.apiVersion, resource, object.metadata?.namespace);
    return (await this.#json("POST", path, JSON.stringify(object), JSON_BODY)) as KubeObject;
  }

  /** Deletes an object; false where there was none. */
  async remove(reference: Reference): Promise<boolean> {
    const body = JSON.stringify({ propagationPolicy: "Background" });
    const path = await this.#path(reference).catch(absent);
    if (path === undefined) return false;
    return (await this.#json("DELETE", path, body, JSON_BODY).catch(absent)) !== undefined;
  }

  async hasKind(apiVersion: string, kind: string): Promise<boolean> {
    return (await this.#resource(apiVersion, kind)) !== undefined;
  }

  /** The text at a path of the API, such as `/version` or a service through the server's proxy. Throws KubeError; as boundedText. */
  async get(path: string, maxBytes?: number, timeoutMs?: number): Promise<string> {
    return this.#send("GET", path, { maxBytes, timeoutMs });
  }

  /** What a command prints in a container that runs. Throws Error. */
  async exec(wish: ExecWish): Promise<string> {
    return execIn(this.#config, wish, this.#signal);
  }

  /** What a container has written, as it comes, until the server or the signal ends it. Throws KubeError. */
  async *podLog({ namespace, pod, container, ...options }: PodLog, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const out = new PassThrough();
    // The library pipes its answer into this and leaves errors of the answer, an abort among them, to nobody.
    out.on("pipe", (source) => source.on("error", (error) => out.destroy(error)));
    let answer: AbortController | undefined;
    const stop = () => answer?.abort();
    try {
      signal.addEventListener("abort", stop, { once: true });
      answer = await new Log(this.#config).log(namespace, pod, container, out, options);
      if (!signal.aborted) yield* out;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiException)) throw KubeError.unreachable(this.#server, error);
      // Its message is the answer's headers.
      throw new KubeError("GET", `the log of ${namespace}/${pod}`, error.code, STATUS_CODES[error.code] ?? "");
    } finally {
      signal.removeEventListener("abort", stop);
      stop();
    }
  }

  async #path(reference: Reference): Promise<string> {
    const { apiVersion, kind, metadata } = reference;
    const resource = await this.#mustHave(apiVersion, kind);
    if (resource.namespaced && metadata.namespace === undefined) {
      throw new TypeError(`${nameOf(reference)} has no namespace (its kind lives in one)`);
    }
    return `${pathOf(apiVersion, resource, metadata.namespace)}/${metadata.name}`;
  }

  async #mustHave(apiVersion: string, kind: string): Promise<Resource> {
    const resource = await this.#resource(apiVersion, kind);
    if (resource) return resource;
    throw new KubeError("GET", groupPath(apiVersion), 404, `the server has no kind ${kind} in ${apiVersion}`);
  }

  async #resource(apiVersion: string, kind: string): Promise<Resource | undefined> {
    let known = this.#resources.get(apiVersion);
    if (known === undefined) {
      known = this.#discover(apiVersion);
      this.#resources.set(apiVersion, known);
      // A failure, or a group that is not there yet, is asked for again.
      const forget = () => this.#resources.delete(apiVersion);
      known.then((resources) => resources.size === 0 && forget()).catch(forget);
    }
    return (await known).get(kind);
  }

  async #discover(apiVersion: string): Promise<Map<string, Resource>> {
    const list = (await this.#json("GET", groupPath(apiVersion)).catch(absent)) as
      | { resources: (Resource & { kind: string })[] }
      | undefined;
    const whole = (list?.resources ?? []).filter(({ name }) => !name.includes("/"));
    return new Map(whole.map(({ kind, name, namespaced }) => [kind, { name, namespaced }]));
  }

  async #json(method: HttpMethod, path: string, body?: string, type?: string): Promise<unknown> {
    return JSON.parse(await this.#send(method, path, { body, type }));
  }

  async #send(
    method: HttpMethod,
    path: string,
    { body, type, maxBytes, timeoutMs = TIMEOUT_MS }: Sending,
  ): Promise<string> {
    const request = new RequestContext(`${this.#server}${path}`, method);
    const timeout = AbortSignal.timeout(timeoutMs);
    request.setSignal(this.#signal ? AbortSignal.any([this.#signal, timeout]) : timeout);
    if (type) request.setHeaderParam("Content-Type", type);
    if (body !== undefined) request.setBody(body);
    let status: number;
    let text: string;
    try {
      await this.#config.applySecurityAuthentication(request);
      const response = await this.#http.send(request).toPromise();
      status = response.httpStatusCode;
      text = await boundedText(response.body.stream() ?? NOTHING, maxBytes);
    } catch (error) {
      this.#signal?.throwIfAborted();
      throw error instanceof ProxymeterError ? error : KubeError.unreachable(this.#server, error);
    }
    if (status >= 300) throw new KubeError(method, path.split("?", 1)[0] ?? path, status, text);
    return text;
  }
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function pathOf(apiVersion: string, { name, namespaced }: Resource, namespace: string | undefined): string {
  const scope = namespaced && namespace !== undefined ? `/namespaces/${namespace}` : "";
  return `${groupPath(apiVersion)}${scope}/${name}`;
}

function absent(error: unknown): undefined {
  if (error instanceof KubeError && error.status === 404) return undefined;
  throw error;
}
