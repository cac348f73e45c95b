// SPDX-License-Identifier: Apache-2.0
/**
 * Finds the Prometheus of a cluster: prometheus-operator's objects and the Services before them, else Services by label or name.
 * Says what it found where that is none or several; never guesses between two.
 */
import type { Cluster } from "../cluster/cluster.ts";
import { KubeError } from "../cluster/kube-error.ts";
import { ProxymeterError } from "../errors.ts";
import type { KubeObject } from "../objects/object.ts";
import type { ServiceAddress } from "./fetcher.ts";

const PORT = 9090;
/** The Service that prometheus-operator makes for all Prometheus objects of a namespace. */
const GOVERNING_SERVICE = "prometheus-operated";
const NAME_LABELS = ["app.kubernetes.io/name", "app"];
/** Keys by which a Service selects the pods of one Prometheus object. */
const OBJECT_SELECTORS = ["operator.prometheus.io/name", "prometheus", "app.kubernetes.io/instance"];

interface ServiceSpec {
  selector?: Record<string, string>;
  ports?: { name?: string; port: number; targetPort?: number | string }[];
}

interface OperatorSpec {
  routePrefix?: string;
  serviceName?: string;
  web?: { tlsConfig?: object };
}

/**
 * The one Prometheus of the cluster.
 *
 * @throws ProxymeterError E_PROMETHEUS_NOT_FOUND, exit status 2, for none, several, or no right to look
 */
export async function findPrometheus(cluster: Pick<Cluster, "list">): Promise<ServiceAddress> {
  try {
    const objects = await cluster.list("monitoring.coreos.com/v1", "Prometheus");
    return theOne(candidates(objects, await cluster.list("v1", "Service")));
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 403) throw error;
    throw notFound(`this account may not look for it (${error.message})`, error);
  }
}

/** Every Prometheus that the objects and Services of a cluster speak of, each once, in order of namespace and name. Pure. */
export function candidates(objects: readonly KubeObject[], services: readonly KubeObject[]): ServiceAddress[] {
  const listening = services.filter((service) => looksLikePrometheus(service) && portOf(service) !== undefined);
  const operated = objects.map((object) => addressOf(object, listening));
  const governed = new Set(objects.map(({ metadata }) => metadata.namespace));
  const others = listening
    .filter(({ metadata }) => !(governed.has(metadata.namespace) && metadata.name === GOVERNING_SERVICE))
    .filter((service) => !objects.some((object) => serves(service, object)))
    .map((service) => ({ ...placeOf(service), port: portOf(service) ?? PORT }));
  const bySelector = new Map(others.map((at) => [selectorKey(at, listening), at]));
  const unique = new Map([...operated, ...bySelector.values()].map((at) => [nameOfAddress(at), at]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, at]) => at);
}

/** @throws ProxymeterError E_PROMETHEUS_NOT_FOUND */
export function theOne(found: readonly ServiceAddress[]): ServiceAddress {
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first;
  if (first !== undefined)
    throw notFound(`found ${found.length}: ${found.map(nameOfAddress).join(", ")} (expected one)`);
  throw notFound(
    `found no Prometheus object of prometheus-operator, and no Service with the label app.kubernetes.io/name=prometheus or a name with "prometheus" that has port ${PORT}`,
  );
}

/** `NAMESPACE/SERVICE:PORT`, as `--prometheus` takes it. */
export function nameOfAddress({ namespace, service, port }: ServiceAddress): string {
  return `${namespace}/${service}:${port}`;
}

/** The reverse; undefined for other texts. */
export function parseAddress(text: string): ServiceAddress | undefined {
  const [, namespace, service, port] = /^([a-z0-9-]+)\/([a-z0-9-]+)(?::(\d+))?$/.exec(text) ?? [];
  return namespace && service ? { namespace, service, port: Number(port ?? PORT) } : undefined;
}

function looksLikePrometheus({ metadata: { name, labels = {} } }: KubeObject): boolean {
  return NAME_LABELS.some((key) => labels[key] === "prometheus") || /^prometheus/.test(name);
}

function portOf({ spec }: KubeObject): number | undefined {
  const { ports = [] } = (spec ?? {}) as ServiceSpec;
  return (ports.find(({ port }) => port === PORT) ?? ports.find(({ targetPort }) => targetPort === PORT))?.port;
}

function addressOf(object: KubeObject, services: readonly KubeObject[]): ServiceAddress {
  const { routePrefix = "/", serviceName, web } = (object.spec ?? {}) as OperatorSpec;
  const namespace = object.metadata.namespace ?? "";
  const service = services.find((one) => serves(one, object));
  return {
    namespace,
    service: service?.metadata.name ?? serviceName ?? GOVERNING_SERVICE,
    port: (service && portOf(service)) ?? PORT,
    ...(web?.tlsConfig && { isHttps: true }),
    ...(routePrefix !== "/" && { prefix: routePrefix.replace(/\/$/, "") }),
  };
}

function serves({ metadata, spec }: KubeObject, object: KubeObject): boolean {
  const { selector = {} } = (spec ?? {}) as ServiceSpec;
  const isNear = metadata.namespace === object.metadata.namespace;
  return isNear && OBJECT_SELECTORS.some((key) => selector[key] === object.metadata.name);
}

function placeOf({ metadata: { namespace = "", name } }: KubeObject) {
  return { namespace, service: name };
}

/** Two Services with the same selector lead to the same pods. */
function selectorKey({ namespace, service }: ServiceAddress, services: readonly KubeObject[]): string {
  const found = services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === service);
  const { selector = { service } } = (found?.spec ?? {}) as ServiceSpec;
  const entries = Object.entries(selector);
  return JSON.stringify([namespace, ...entries.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function notFound(found: string, cause?: unknown): ProxymeterError {
  return new ProxymeterError(
    "E_PROMETHEUS_NOT_FOUND",
    `cannot tell which Prometheus to ask: ${found}`,
    "give --prometheus NAMESPACE/SERVICE:PORT, or --prometheus URL",
    { exitCode: 2, cause },
  );
}
