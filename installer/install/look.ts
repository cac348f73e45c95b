// SPDX-License-Identifier: Apache-2.0
/**
 * Reads from the server what a plan needs: our objects, what stands in their place, what listeners and pods there are, and
 * what the server would make of our changes. Writes nothing.
 */
import type { Cluster } from "../cluster/cluster.ts";
import { KubeError } from "../cluster/kube-error.ts";
import { isOwn, type Kind, ownObjects } from "../cluster/own-objects.ts";
import { sidecarPods } from "../cluster/sidecar-pods.ts";
import { ProxymeterError } from "../errors.ts";
import { type KubeObject, nameOf, type Reference } from "../objects/object.ts";
import type { Surroundings } from "./effects.ts";
import { keyOf } from "./listeners.ts";
import { inParallel } from "../cluster/in-parallel.ts";
import { RECORD_NAME } from "./record.ts";

const WIDTH = 8;

/**
 * Our objects by `keyOf`, but for the record.
 *
 * @throws ProxymeterError E_HIDDEN where this account may not list a kind: what is not seen would be left behind unsaid
 */
export async function liveObjects(
  cluster: Pick<Cluster, "list">,
  more: readonly Kind[],
): Promise<Map<string, KubeObject>> {
  const { objects, hidden } = await ownObjects(cluster, more);
  if (hidden.length > 0) throw notVisible(hidden);
  const parts = objects.filter(({ kind, metadata }) => !(kind === "ConfigMap" && metadata.name === RECORD_NAME));
  return new Map(parts.map((object) => [keyOf(object), object]));
}

function notVisible(kinds: readonly Kind[]): ProxymeterError {
  return new ProxymeterError(
    "E_HIDDEN",
    `cannot see ${kinds.map(({ kind }) => kind).join(", ")} in all namespaces: the API server answered 403 ` +
      "(expected an account that may list every kind that this program makes)",
    "use an account with the rights that `proxymeter render` lists in its ClusterRole",
  );
}

/**
 * Listeners that sidecars of these namespaces have, and how many such pods run.
 *
 * @param namespaces  opted in now, or with objects of ours
 */
export async function surroundingsOf(cluster: Cluster, namespaces: readonly string[]): Promise<Surroundings> {
  const [entries, services, pods] = await Promise.all([
    cluster.list("networking.istio.io/v1", "ServiceEntry"),
    cluster.list("v1", "Service"),
    sidecarPods(cluster, namespaces),
  ]);
  const counted = Map.groupBy(pods, ({ namespace }) => namespace);
  return {
    declared: [...entries, ...services],
    pods: new Map([...counted].map(([namespace, of]) => [namespace, of.length])),
  };
}

/**
 * What is desired, without the namespace that somebody else made: it is used as it is, and never removed.
 *
 * @throws ProxymeterError E_NOT_OURS where an object of somebody else has the name of one of ours
 */
export async function withoutForeign(
  cluster: Cluster,
  desired: readonly KubeObject[],
  live: ReadonlyMap<string, KubeObject>,
): Promise<KubeObject[]> {
  const unknown = desired.filter((object) => !live.has(keyOf(object)));
  const found = await inParallel(unknown, WIDTH, (object) => cluster.read(object));
  const foreign = found.filter((object) => object !== undefined).filter((object) => !isOwn(object));
  const blocking = foreign.filter(({ kind }) => kind !== "Namespace");
  if (blocking.length > 0) throw notOurs(blocking);
  const skipped = new Set(foreign.map(keyOf));
  return desired.filter((object) => !skipped.has(keyOf(object)));
}

function notOurs(objects: readonly KubeObject[]): ProxymeterError {
  return new ProxymeterError(
    "E_NOT_OURS",
    `cannot install: ${objects.map(nameOf).join(", ")} exists and was not made by this program ` +
      "(expected no object of that name, or the label app.kubernetes.io/managed-by=proxymeter)",
    "remove or rename it; or give it that label to hand it over, and `uninstall` will then remove it",
  );
}

/**
 * What the server would store for those of the objects that exist already, by `keyOf`.
 *
 * @throws ProxymeterError E_REFUSED naming the object that the server refuses
 */
export async function dryRunAnswers(
  cluster: Cluster,
  objects: readonly KubeObject[],
  live: ReadonlyMap<string, KubeObject>,
): Promise<Map<string, KubeObject>> {
  const existing = objects.filter((object) => live.has(keyOf(object)));
  const answers = await inParallel(existing, WIDTH, (object) =>
    cluster.apply(object, { dryRun: true }).catch((error) => {
      throw refused(object, error);
    }),
  );
  return new Map(existing.map((object, index) => [keyOf(object), answers[index] as KubeObject]));
}

/** One sentence for each new object that the server could not be asked about, because its namespace or kind is not there. */
export async function dryRunNew(cluster: Cluster, objects: readonly KubeObject[]): Promise<string[]> {
  const untried = await inParallel(objects, WIDTH, async (object) => {
    try {
      await cluster.apply(object, { dryRun: true });
      return undefined;
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 404)) throw refused(object, error);
      return `${nameOf(object)}: not tried on the server, its namespace or kind is not there yet`;
    }
  });
  return untried.filter((line) => line !== undefined);
}

function refused(object: Reference, error: unknown): unknown {
  if (!(error instanceof KubeError) || error.status === 0) return error;
  return new ProxymeterError("E_REFUSED", `cannot apply ${nameOf(object)}: ${error.message}`, error.hint, {
    cause: error,
  });
}
