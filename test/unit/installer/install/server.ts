// SPDX-License-Identifier: Apache-2.0
/**
 * A server of objects in memory, as far as an installation uses one: apply under two field managers, read, list, replace, remove.
 * Namespaces, an Istio for each revision and nothing else are there at first.
 */
import { type Cluster, OPT_IN_MANAGER } from "../../../../installer/cluster/cluster.ts";
import { KubeError } from "../../../../installer/cluster/kube-error.ts";
import { install } from "../../../../installer/install/install.ts";
import { keyOf } from "../../../../installer/install/listeners.ts";
import { type Prepared, prepare, type Wish } from "../../../../installer/install/prepare.ts";
import type { KubeObject, Reference } from "../../../../installer/objects/object.ts";
import { DIGEST, PARTS } from "../objects/fixtures.ts";

export const MESH = "accessLogFile:   /dev/stdout  # theirs\n";
const WASM_PLUGIN = "extensions.istio.io/v1alpha1/WasmPlugin";

export interface Server {
  cluster: Cluster;
  read(kind: string, name: string, namespace?: string): KubeObject | undefined;
  /** Applies what is not told; a thrown error is the server's answer to that object. */
  refuse?: (object: KubeObject) => Error | undefined;
}

/** @param revisions  of Istio, each with its mesh configuration */
export function server(revisions: readonly string[] = ["default"]): Server {
  const objects = new Map<string, KubeObject>();
  let version = 0;
  const store = (object: KubeObject): KubeObject => {
    version++;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    objects.set(keyOf(object), stored);
    return stored;
  };
  const mustMatch = ({ kind, metadata }: KubeObject, before: KubeObject | undefined) => {
    const { resourceVersion } = metadata;
    if (resourceVersion === undefined || resourceVersion === before?.metadata.resourceVersion) return;
    throw new KubeError("PATCH", `/${kind}`, 409, "the object has been modified");
  };
  const parts: Partial<Cluster> = {
    context: "test",
    list: async (apiVersion, kind, { namespace, labelSelector } = {}) => {
      const [label = "", value] = labelSelector?.split("=") ?? [];
      return [...objects.values()]
        .filter((object) => object.kind === kind && object.apiVersion === apiVersion)
        .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
        .filter(({ metadata }) => labelSelector === undefined || metadata.labels?.[label] === value);
    },
    read: async (reference: Reference) => objects.get(keyOf(reference)),
    hasKind: async (apiVersion, kind) => `${apiVersion}/${kind}` === WASM_PLUGIN,
    apply: async (object, { dryRun = false, fieldManager } = {}) => {
      const error = result.refuse?.(object);
      if (error && !dryRun) throw error;
      const before = objects.get(keyOf(object));
      mustMatch(object, before);
      // What the other manager owns stays.
      const labels = { ...(fieldManager === OPT_IN_MANAGER && before?.metadata.labels), ...object.metadata.labels };
      const whole = fieldManager === OPT_IN_MANAGER && before ? before : object;
      const next = { ...whole, metadata: { ...whole.metadata, labels } };
      return dryRun ? next : store(next);
    },
    replace: async (object) => {
      mustMatch(object, objects.get(keyOf(object)));
      return store(object);
    },
    remove: async (reference) => objects.delete(keyOf(reference)),
  };
  const result: Server = {
    cluster: parts as Cluster,
    read: (kind, name, namespace) =>
      [...objects.values()].find(
        ({ metadata, ...object }) => object.kind === kind && metadata.name === name && metadata.namespace === namespace,
      ),
  };
  for (const name of ["crawl", "istio-system"]) store({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  for (const revision of revisions) for (const object of istioOf(revision)) store(object);
  return result;
}

function istioOf(revision: string): KubeObject[] {
  const suffix = revision === "default" ? "" : `-${revision}`;
  const namespace = "istio-system";
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: `istiod${suffix}`, namespace, labels: { app: "istiod", "istio.io/rev": revision } },
      spec: { template: { spec: { containers: [{ name: "discovery", image: "istio/pilot:1.31.0" }] } } },
    },
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `istio${suffix}`, namespace }, data: { mesh: MESH } },
  ];
}

/** A vendors.yaml with these entries below `vendors:`. */
export function vendorsText(...entries: readonly string[]): string {
  return ["apiVersion: proxymeter.io/v1", "vendors:", ...entries, ""].join("\n");
}

/** A vendor with one gateway, `{host: ...}`. */
export function vendor(name: string, gateway: string): string {
  return `  - name: ${name}\n    gateways:\n      - ${gateway}`;
}

export const ACME = vendor("acme", "{host: gw.acme.example, addresses: [203.0.113.10], ports: [8080]}");

export function wish(more: Partial<Wish> = {}, vendors = vendorsText(ACME)): Wish {
  return {
    request: { vendors, image: `oci://registry.example/proxymeter@${DIGEST}`, statTags: "mesh", parts: PARTS },
    vendorsName: "vendors.yaml",
    systemNamespace: "proxymeter",
    optIn: ["crawl"],
    shouldDrain: false,
    command: "install",
    istio: {},
    release: "0.1.0",
    ...more,
  };
}

/** Prepares and applies. */
export async function installed({ cluster }: Server, wanted: Wish): Promise<Prepared> {
  const prepared = await prepare(cluster, wanted);
  await install(cluster, prepared, { done: [], onDone: () => undefined });
  return prepared;
}
