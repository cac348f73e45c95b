// SPDX-License-Identifier: Apache-2.0
/**
 * The record of an installation, kept in a ConfigMap beside it: what was asked for, what was made and changed, and the
 * installation before. It is what rollback goes back to and what uninstall restores from. The shape only; no decisions.
 */
import type { Cluster } from "../cluster/cluster.ts";
import type { Kind } from "../cluster/own-objects.ts";
import { ProxymeterError } from "../errors.ts";
import { type KubeObject, nameOf, type Reference } from "../objects/object.ts";
import { MANAGED_BY, MANAGED_BY_LABEL, type Parts } from "../objects/target.ts";

export const RECORD_NAME = "proxymeter-installation";
const VENDORS = "vendors.yaml";
const PREVIOUS_VENDORS = "previous-vendors.yaml";
const INSTALLATION = "installation.json";
const MESH_BEFORE = "mesh-before";
const MESH_AFTER = "mesh-after";
const ISTIO_OVERLAY = "istio-overlay.yaml";
/** The server's limit is 1 MiB for the whole object. */
const LARGEST_TEXT = 400_000;

/** What the user asked for; enough to do it again. */
export interface Request {
  /** Text of vendors.yaml. */
  vendors: string;
  /** `oci://host/repository@sha256:...` */
  image: string;
  pullSecret?: string;
  statTags: "mesh" | "none";
  parts: Parts;
}

/** The mesh configuration before and after our edit. */
export interface MeshEdit {
  namespace: string;
  name: string;
  before: string;
  after: string;
}

/** An Istio that `install --istio install` brought. */
export interface OwnIstio {
  /** `installing` until istioctl said that it is ready. */
  state: "installing" | "installed";
  version: string;
  namespace: string;
  revision: string;
  /** What istioctl was told. */
  overlay: string;
  /** Whether the namespace was made for it. */
  hasMadeNamespace: boolean;
  /** Whether the cluster had no kinds of Istio before: only then may they go again. */
  hasMadeDefinitions: boolean;
}

export interface Record {
  /** Version of the program that wrote it. */
  release: string;
  /** `applying` until everything was applied. */
  state: "applying" | "applied";
  /** What made it so: a rollback that was broken off goes on forwards, not back again. */
  command: "install" | "rollback";
  current: Request;
  /** The request before this one, once it had been applied. */
  previous?: Request;
  /** Kinds of the objects that were made: where an uninstall has to look. Names would outgrow a ConfigMap. */
  kinds: readonly Kind[];
  mesh?: MeshEdit;
  /** Mesh configurations of other revisions of Istio that have our tags until they are restored. */
  formerMeshes?: readonly MeshEdit[];
  /** Namespaces that got the opt-in label from us. */
  labelled: readonly string[];
  /** Namespaces that did not exist before. */
  created: readonly string[];
  /** The mesh's drain time. */
  drainSeconds: number;
  /** Absent where Istio was there before. */
  istio?: OwnIstio;
}

export function recordReference(systemNamespace: string): Reference {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: RECORD_NAME, namespace: systemNamespace } };
}

export interface StoredRecord {
  record: Record;
  /** The server's resourceVersion. */
  version: string;
}

/** @throws ProxymeterError E_RECORD when it is there but cannot be understood; KubeError */
export async function readRecord(cluster: Pick<Cluster, "read">, systemNamespace: string): Promise<Record | undefined> {
  return (await readStoredRecord(cluster, systemNamespace))?.record;
}

/** Undefined where there is none yet. @throws ProxymeterError E_RECORD; KubeError */
export async function readStoredRecord(
  cluster: Pick<Cluster, "read">,
  systemNamespace: string,
): Promise<StoredRecord | undefined> {
  const map = await cluster.read(recordReference(systemNamespace));
  return map === undefined ? undefined : { record: parseRecord(map), version: versionOf(map) };
}

/**
 * Writes it by server-side apply: the same record again changes nothing on the server.
 *
 * @param version  the record that it replaces, where somebody else must not have written one since
 * @returns        its own version
 * @throws         KubeError 409 where somebody else has
 */
export async function writeRecord(
  cluster: Pick<Cluster, "apply">,
  systemNamespace: string,
  record: Record,
  version?: string,
): Promise<string> {
  const object = recordObject(systemNamespace, record);
  const metadata = { ...object.metadata, ...(version !== undefined && { resourceVersion: version }) };
  return versionOf(await cluster.apply({ ...object, metadata }));
}

function versionOf({ metadata }: KubeObject): string {
  return String(metadata.resourceVersion);
}

export function recordObject(systemNamespace: string, { current, previous, mesh, istio, ...rest }: Record): KubeObject {
  const { vendors, ...request } = current;
  const installation = {
    ...rest,
    current: request,
    ...(previous && { previous: { ...previous, vendors: undefined } }),
    ...(mesh && { mesh: { namespace: mesh.namespace, name: mesh.name } }),
    ...(istio && { istio: { ...istio, overlay: undefined } }),
  };
  const data = {
    [VENDORS]: vendors,
    [INSTALLATION]: `${JSON.stringify(installation)}\n`,
    ...(previous && { [PREVIOUS_VENDORS]: previous.vendors }),
    ...(mesh && { [MESH_BEFORE]: mesh.before, [MESH_AFTER]: mesh.after }),
    ...(istio && { [ISTIO_OVERLAY]: istio.overlay }),
  };
  refuseLarge(vendors);
  const { apiVersion, kind, metadata } = recordReference(systemNamespace);
  const labels = {
    "app.kubernetes.io/name": "proxymeter",
    "app.kubernetes.io/part-of": "proxymeter",
    "app.kubernetes.io/component": "system",
    [MANAGED_BY_LABEL]: MANAGED_BY,
  };
  return { apiVersion, kind, metadata: { ...metadata, labels }, data };
}

/** @throws ProxymeterError E_RECORD */
export function parseRecord(map: KubeObject): Record {
  const data = (map.data ?? {}) as { [key: string]: string | undefined };
  try {
    const { current, previous, mesh, istio, ...rest } = JSON.parse(data[INSTALLATION] ?? "") as Record;
    const texts = { before: data[MESH_BEFORE], after: data[MESH_AFTER] };
    return {
      ...rest,
      current: { ...current, vendors: must(data[VENDORS]) },
      ...(previous && { previous: { ...previous, vendors: must(data[PREVIOUS_VENDORS]) } }),
      ...(mesh && { mesh: { ...mesh, before: must(texts.before), after: must(texts.after) } }),
      ...(istio && { istio: { ...istio, overlay: must(data[ISTIO_OVERLAY]) } }),
    };
  } catch (cause) {
    throw new ProxymeterError(
      "E_RECORD",
      `cannot read the record of the installation in ${nameOf(map)}: ${(cause as Error).message}`,
      `look at it with \`kubectl get configmap -n ${map.metadata.namespace} ${RECORD_NAME} -o yaml\`; \`install\` without it starts a new record`,
      { cause },
    );
  }
}

function must(text: string | undefined): string {
  if (text === undefined) throw new Error("a key of its data is missing");
  return text;
}

/** @throws ProxymeterError E_VENDORS_SIZE where no ConfigMap could hold this vendors.yaml and the one before it */
export function refuseLarge(vendors: string): void {
  const size = Buffer.byteLength(vendors);
  if (size <= LARGEST_TEXT) return;
  throw new ProxymeterError(
    "E_VENDORS_SIZE",
    `cannot keep vendors.yaml in the installation's record: it has ${size} bytes (expected ${LARGEST_TEXT} at most)`,
    "take out comments, or write networks instead of single addresses",
    { exitCode: 2 },
  );
}
