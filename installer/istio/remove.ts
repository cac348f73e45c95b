// SPDX-License-Identifier: Apache-2.0
/**
 * Takes out an Istio of ours: by istioctl, then what istiod left behind, then its namespace, and makes sure that it is gone.
 * What may go was decided in removal.ts.
 */
import type { Cluster } from "../cluster/cluster.ts";
import { ProxymeterError } from "../errors.ts";
import { doing, type Progress } from "../install/apply.ts";
import { pause } from "../install/pause.ts";
import { nameOf, type Reference, referenceOf } from "../objects/object.ts";
import { type Istioctl, istioctlUninstall, type OnLine } from "./istioctl.ts";
import { isLeftover, LEFTOVER_KINDS, ROOT_CERTIFICATES } from "./leftovers.ts";
import { controlPlaneText, istioPresence } from "./presence.ts";
import { type IstioRemoval, strangersIn } from "./removal.ts";

export interface RemoveIstio {
  istioctl: Istioctl;
  removal: IstioRemoval;
  progress: Progress;
  onLine: OnLine;
  /** Told what is still there, often. */
  onWait: (names: readonly string[]) => void;
  /** How long what was deleted may take to be gone. */
  timeoutMs: number;
}

const INTERVAL_MS = 500;
// Others write injectors too: Istio's carry a revision.
const TAG_WEBHOOKS = "app=sidecar-injector,istio.io/rev";

/** @throws ProxymeterError E_ISTIOCTL, E_ISTIO_LEFT; KubeError */
export async function removeIstio(cluster: Cluster, options: RemoveIstio): Promise<void> {
  const { removal, istioctl, progress, onLine } = options;
  const { own, scope } = removal;
  if (removal.going.length > 0 || removal.definitions.length > 0) {
    await doing(progress, `removed Istio of revision ${own.revision}`, () =>
      istioctlUninstall(istioctl, scope === "purge" ? "purge" : { revision: own.revision }, onLine),
    );
  }
  // istiod writes its certificates again for as long as it runs.
  await gone(cluster, options, async () => {
    const { controlPlanes } = await istioPresence(cluster, own.namespace);
    const pods = await cluster.list("v1", "Pod", { namespace: own.namespace, labelSelector: "app=istiod" });
    const ours = controlPlanes.filter(
      ({ namespace, revision }) => namespace === own.namespace && revision === own.revision,
    );
    return scope === "purge"
      ? [...controlPlanes.map(controlPlaneText), ...pods.map(nameOf)]
      : ours.map(controlPlaneText);
  });
  if (scope === "revision") return;
  for (const reference of await leftovers(cluster, own.namespace)) {
    await doing(progress, `removed ${nameOf(reference)}`, () => cluster.remove(reference));
  }
  if (removal.namespace !== undefined) await removeNamespace(cluster, removal.namespace, progress);
  await gone(cluster, options, () => stillThere(cluster, removal));
}

async function leftovers(cluster: Cluster, namespace: string): Promise<Reference[]> {
  const maps = await cluster.list("v1", "ConfigMap");
  const certificates = maps.filter(({ metadata }) => ROOT_CERTIFICATES.includes(metadata.name));
  const own = await Promise.all(
    LEFTOVER_KINDS.map(([apiVersion, kind]) => cluster.list(apiVersion, kind, { namespace })),
  );
  const webhooks = await cluster.list("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", {
    labelSelector: TAG_WEBHOOKS,
  });
  return [...certificates, ...own.flat().filter(isLeftover), ...webhooks].map(referenceOf);
}

/** Somebody may have put something into it since the plan was made. */
async function removeNamespace(cluster: Cluster, name: string, progress: Progress): Promise<void> {
  if ((await strangersIn(cluster, name)).length > 0) return;
  const reference: Reference = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  await doing(progress, `removed ${nameOf(reference)}`, () => cluster.remove(reference));
}

async function stillThere(cluster: Cluster, { own, namespace }: IstioRemoval): Promise<string[]> {
  const { definitions } = await istioPresence(cluster, own.namespace);
  if (namespace === undefined || (await strangersIn(cluster, namespace)).length > 0) return [...definitions];
  const reference: Reference = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  return [...definitions, ...((await cluster.read(reference)) ? [nameOf(reference)] : [])];
}

/** @throws ProxymeterError E_ISTIO_LEFT naming what is still there */
async function gone(
  cluster: Cluster,
  { timeoutMs, istioctl, onWait }: RemoveIstio,
  left: () => Promise<string[]>,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const names = await left();
    if (names.length === 0) return;
    if (Date.now() >= deadline) throw leftError(names, cluster.context);
    onWait(names);
    await pause(INTERVAL_MS, istioctl.signal);
  }
}

function leftError(names: readonly string[], context: string): ProxymeterError {
  return new ProxymeterError(
    "E_ISTIO_LEFT",
    `istioctl has removed Istio from context "${context}", but still there are: ${names.join(", ")}`,
    "finalizers or running pods hold them; look at them with kubectl",
  );
}
