// SPDX-License-Identifier: Apache-2.0
/**
 * What taking out an Istio of ours would remove, and what has to stay because others need it. Changes nothing; doing it is remove.ts.
 */
import type { Cluster } from "../cluster/cluster.ts";
import { isOwn } from "../cluster/own-objects.ts";
import { ProxymeterError } from "../errors.ts";
import { foreignObjects } from "../install/foreign.ts";
import type { OwnIstio, Record } from "../install/record.ts";
import { type KubeObject, nameOf, type Reference } from "../objects/object.ts";
import { OPT_IN_LABEL } from "../objects/target.ts";
import { COMPONENT_LABEL, controlPlaneText, DEFINITION, type IstioPresence, istioPresence } from "./presence.ts";
import { isLeftover } from "./leftovers.ts";
import { type MeshUsers, meshUsers } from "./users.ts";

export interface IstioRemoval {
  own: OwnIstio;
  /** All of Istio, or only our istiod: the definitions and what is shared stay. */
  scope: "purge" | "revision";
  /** Why it is not all. */
  shared: readonly string[];
  /** What istioctl removes beside definitions, by name. */
  going: readonly string[];
  definitions: readonly string[];
  /** Namespace that goes with it, if nothing of others is in it. */
  namespace?: string;
  /** Why it stays, if it does. */
  namespaceStays?: string;
  /** Pods of opted-in namespaces with a sidecar, by namespace. */
  sidecars: ReadonlyMap<string, number>;
}

/** Kinds that `istioctl uninstall` looks through: the ones that an engineer wants to see named. */
const NAMED_KINDS: readonly (readonly [apiVersion: string, kind: string])[] = [
  ["apps/v1", "Deployment"],
  ["apps/v1", "DaemonSet"],
  ["v1", "Service"],
  ["v1", "ConfigMap"],
  ["v1", "ServiceAccount"],
  ["rbac.authorization.k8s.io/v1", "ClusterRole"],
  ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding"],
  ["admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"],
  ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"],
];
const NAMED = 5;

/**
 * @throws ProxymeterError E_NOT_OUR_ISTIO where no record says that we installed it, E_ISTIO_IN_USE where pods of others have its
 *   sidecar or are in its ambient mesh, both with exit status 2; KubeError
 * @param kept  objects of ours that stay: so does a namespace that holds one
 */
export async function planIstioRemoval(
  cluster: Cluster,
  record: Pick<Record, "istio" | "labelled"> | undefined,
  kept: readonly Reference[] = [],
): Promise<IstioRemoval> {
  const own = record?.istio;
  if (own === undefined) throw notOurs();
  const presence = await istioPresence(cluster, own.namespace);
  const users = await meshUsers(cluster, own, presence);
  await refuseInUse(cluster, users, record?.labelled ?? []);
  const shared = await reasonsToShare(cluster, own, presence);
  const scope = shared.length === 0 ? "purge" : "revision";
  return {
    own,
    scope,
    shared,
    going: (await componentsOf(cluster, scope, own)).map(nameOf),
    definitions: scope === "purge" ? presence.definitions : [],
    ...(await namespaceFate(cluster, own, { scope, presence, kept })),
    sidecars: users.sidecars,
  };
}

async function reasonsToShare(cluster: Cluster, own: OwnIstio, presence: IstioPresence): Promise<string[]> {
  const others = presence.controlPlanes.filter(
    ({ namespace, revision }) => namespace !== own.namespace || revision !== own.revision,
  );
  const foreign = await foreignConfiguration(cluster, presence.definitions);
  return [
    ...(own.hasMadeDefinitions ? [] : ["Istio's kinds were there before"]),
    ...others.map((plane) => `there is another one: ${controlPlaneText(plane)}`),
    ...(foreign.length === 0 ? [] : [`others have made ${shortList(foreign.map(nameOf))}`]),
  ];
}

/** Objects of Istio's kinds that are neither ours nor Istio's own: they would go with their definitions. */
async function foreignConfiguration(cluster: Cluster, definitions: readonly string[]): Promise<KubeObject[]> {
  const found = await cluster.list(DEFINITION.apiVersion, DEFINITION.kind);
  const lists = await Promise.all(
    found
      .filter(({ metadata }) => definitions.includes(metadata.name))
      .map((definition) => objectsOf(cluster, definition)),
  );
  return lists.flat().filter((object) => !isOwn(object) && object.metadata.labels?.[COMPONENT_LABEL] === undefined);
}

interface Definition {
  group: string;
  names: { kind: string };
  versions: { name: string; served: boolean }[];
}

async function objectsOf(cluster: Cluster, { spec }: KubeObject): Promise<KubeObject[]> {
  const { group, names, versions } = spec as Definition;
  const version = versions.find(({ served }) => served)?.name;
  return version === undefined ? [] : cluster.list(`${group}/${version}`, names.kind);
}

async function componentsOf(
  cluster: Cluster,
  scope: IstioRemoval["scope"],
  { revision }: OwnIstio,
): Promise<KubeObject[]> {
  const labelSelector = scope === "purge" ? COMPONENT_LABEL : `${COMPONENT_LABEL},istio.io/rev=${revision}`;
  const lists = await Promise.all(
    NAMED_KINDS.map(([apiVersion, kind]) => cluster.list(apiVersion, kind, { labelSelector })),
  );
  const isBase = ({ metadata }: KubeObject) => metadata.labels?.[COMPONENT_LABEL] === "Base";
  return lists.flat().filter((object) => scope === "purge" || !isBase(object));
}

async function namespaceFate(
  cluster: Cluster,
  own: OwnIstio,
  { scope, presence, kept }: { scope: IstioRemoval["scope"]; presence: IstioPresence; kept: readonly Reference[] },
): Promise<Pick<IstioRemoval, "namespace" | "namespaceStays">> {
  const { namespace } = own;
  if (!presence.hasNamespace) return {};
  if (!own.hasMadeNamespace) return { namespaceStays: `Namespace ${namespace} stays: it was there before` };
  if (scope === "revision") return { namespaceStays: `Namespace ${namespace} stays with what is shared` };
  const ours = kept.filter(({ metadata }) => metadata.namespace === namespace).map(nameOf);
  const strangers = [...ours, ...(await strangersIn(cluster, namespace))];
  return strangers.length === 0
    ? { namespace }
    : { namespaceStays: `Namespace ${namespace} stays: it holds ${shortList(strangers)}` };
}

/** What is in Istio's namespace and neither ours nor of Istio's making, by name; and kinds that cannot be looked at. */
export async function strangersIn(cluster: Cluster, namespace: string): Promise<string[]> {
  const { objects, hidden } = await foreignObjects(cluster, namespace);
  const others = objects.filter(
    (object) => object.metadata.labels?.[COMPONENT_LABEL] === undefined && !isLeftover(object) && !isOwned(object),
  );
  return [...others.map(nameOf), ...hidden.map((kind) => `${kind}s that this account may not see`)];
}

/** Pods and the like: they go with what made them. */
function isOwned({ metadata }: KubeObject): boolean {
  return ((metadata.ownerReferences as unknown[] | undefined) ?? []).length > 0;
}

/** Whoever uses the mesh without a word in its configuration must not lose it by a command of ours. */
async function refuseInUse(
  cluster: Cluster,
  { sidecars, ambient }: MeshUsers,
  labelled: readonly string[],
): Promise<void> {
  const optedIn = await cluster.list("v1", "Namespace", { labelSelector: `${OPT_IN_LABEL}=true` });
  // An uninstall that was broken off has taken back its labels already.
  const ours = new Set([...optedIn.map(({ metadata }) => metadata.name), ...labelled]);
  const isOthers = ([namespace]: [string, number]) => !ours.has(namespace);
  const others = [
    ...[...sidecars].filter(isOthers).map(([namespace, count]) => `${count} in ${namespace}`),
    ...[...ambient].filter(isOthers).map(([namespace, count]) => `${count} in ${namespace} (ambient)`),
  ];
  if (others.length === 0) return;
  throw new ProxymeterError(
    "E_ISTIO_IN_USE",
    `cannot remove Istio: found pods in its mesh in namespaces that are not opted in: ${shortList(others)} (expected sidecars of crawlers only)`,
    "take the injection label, or istio.io/dataplane-mode, off these namespaces and restart their pods; or leave out --istio, and use istioctl yourself",
    { exitCode: 2 },
  );
}

function shortList(names: readonly string[]): string {
  const more = names.length - NAMED;
  return [...names.slice(0, NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}

function notOurs(): ProxymeterError {
  return new ProxymeterError(
    "E_NOT_OUR_ISTIO",
    "cannot remove Istio: no record says that `install --istio install` brought it (expected that record)",
    "leave out --istio; `istioctl uninstall` removes an Istio that others have installed",
    { exitCode: 2 },
  );
}
