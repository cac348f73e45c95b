// SPDX-License-Identifier: Apache-2.0
/**
 * The Kubernetes API calls that the tests need: apply, get, remove, pod status, service account token.
 * Finds the address of a kind by discovery, so it holds no table of resources. No watch, no retry.
 */
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { Agent, request } from "undici";

/** Where the API server is and how to be its administrator. */
export interface KubeAccess {
  readonly url: string;
  /** File with the certificates to trust, PEM. */
  readonly caFile: string;
  readonly token: string;
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; [field: string]: unknown };
  [field: string]: unknown;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

const FIELD_MANAGER = "fieldManager=cluster-test&force=true";
const APPLY = "application/apply-patch+yaml";
const MERGE = "application/merge-patch+json";
const JSON_BODY = "application/json";

/** Every object of a YAML text with any number of documents. */
export function readObjects(text: string): KubeObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const object = document.toJS() as KubeObject | null;
    return object === null ? [] : [object];
  });
}

export class Kube {
  readonly #access: KubeAccess;
  readonly #agent: Agent;
  readonly #plurals = new Map<string, { name: string; namespaced: boolean }>();

  constructor(access: KubeAccess) {
    this.#access = access;
    this.#agent = new Agent({ connect: { ca: readFileSync(access.caFile, "utf8") } });
  }

  /** Server-side apply of each object in turn. */
  async apply(...objects: readonly KubeObject[]): Promise<void> {
    for (const object of objects) {
      await this.call("PATCH", `${await this.path(object)}?${FIELD_MANAGER}`, JSON.stringify(object), APPLY);
    }
  }

  /** Lets the server judge an object by its OpenAPI, unknown and doubled fields too, and writes nothing. Throws as `call` does. */
  async check(object: KubeObject): Promise<void> {
    const how = `${FIELD_MANAGER}&dryRun=All&fieldValidation=Strict`;
    await this.call("PATCH", `${await this.path(object)}?${how}`, JSON.stringify(object), APPLY);
  }

  /** Deletes an object; one that is not there is fine. */
  async remove(object: KubeObject): Promise<void> {
    const body = JSON.stringify({ gracePeriodSeconds: 0, propagationPolicy: "Background" });
    await this.call("DELETE", await this.path(object), body, JSON_BODY).catch((error: Error) => {
      if (!error.message.includes(": 404 ")) throw error;
    });
  }

  async get<T>(object: KubeObject): Promise<T> {
    return (await this.call("GET", await this.path(object))) as T;
  }

  /** Plays the kubelet: writes the status of an object. */
  async setStatus(object: KubeObject, status: object): Promise<void> {
    await this.call("PATCH", `${await this.path(object)}/status`, JSON.stringify({ status }), MERGE);
  }

  /** A token for istiod's certificate authority, bound to a pod as the kubelet's projected tokens are. */
  async token(pod: KubeObject, serviceAccount: string): Promise<string> {
    const { name, namespace } = pod.metadata;
    const spec = {
      audiences: ["istio-ca"],
      expirationSeconds: 43_200,
      boundObjectRef: { kind: "Pod", apiVersion: "v1", name },
    };
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
    const body = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec });
    return ((await this.call("POST", path, body, JSON_BODY)) as { status: { token: string } }).status.token;
  }

  /** One call; `path` starts with a slash. Throws Error with method, path, status and the server's message. */
  async call(method: Method, path: string, body?: string, type?: string): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.#access.token}`, ...(type ? { "content-type": type } : {}) };
    const response = await request(this.#access.url + path, {
      dispatcher: this.#agent,
      method,
      headers,
      body: body ?? null,
    });
    const text = await response.body.text();
    if (response.statusCode >= 300) {
      throw new Error(`cannot ${method} ${path}: ${response.statusCode} ${text.slice(0, 1000)} (expected 2xx)`);
    }
    return text.startsWith("{") ? JSON.parse(text) : text;
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  private async path(object: KubeObject): Promise<string> {
    const { apiVersion, kind, metadata } = object;
    const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const { name, namespaced } = await this.resource(group, kind);
    return `${group}${namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : ""}/${name}/${metadata.name}`;
  }

  private async resource(group: string, kind: string): Promise<{ name: string; namespaced: boolean }> {
    if (!this.#plurals.has(`${group} ${kind}`)) {
      const list = (await this.call("GET", group)) as {
        resources: { kind: string; name: string; namespaced: boolean }[];
      };
      for (const entry of list.resources) {
        if (!entry.name.includes("/")) this.#plurals.set(`${group} ${entry.kind}`, entry);
      }
    }
    const found = this.#plurals.get(`${group} ${kind}`);
    if (!found) throw new Error(`cannot find kind "${kind}" in "${group}" (expected it in the server's discovery)`);
    return found;
  }
}
