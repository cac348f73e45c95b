// SPDX-License-Identifier: Apache-2.0
/**
 * Carries out what was planned for Istio: record first, then istioctl, then the record again. Doing it again after any failure
 * goes on from there. Asks nobody; shows nothing but what istioctl says.
 */
import type { Cluster } from "../cluster/cluster.ts";
import { DEFAULT_DRAIN_SECONDS } from "../cluster/istio.ts";
import { meshConfigMap, readMeshConfig } from "../cluster/mesh-config-map.ts";
import { doing, type Progress } from "../install/apply.ts";
import type { Prepared, Wish } from "../install/prepare.ts";
import { type MeshEdit, type OwnIstio, type Record, writeRecord } from "../install/record.ts";
import { withoutStatTags } from "../objects/mesh-config.ts";
import { nameOf } from "../objects/object.ts";
import { istioctlInstall, type OnLine } from "./istioctl.ts";
import type { IstioPlan } from "./plan.ts";

/** @param prepared  what we will do afterwards, of which our own namespace has to be there first */
export async function installIstio(
  cluster: Cluster,
  { plan, prepared }: { plan: IstioPlan; prepared: Prepared },
  progress: Progress,
  onLine: OnLine,
): Promise<void> {
  const { wish } = prepared;
  const created = await makeOwnNamespace(cluster, prepared, progress);
  const before = startedRecord(wish, plan.record, created);
  const own = ownIstio(plan);
  let version = plan.recordVersion;
  const record = async (state: Record) => {
    version = await writeRecord(cluster, wish.systemNamespace, state, version);
  };
  // Before istioctl changes anything, so that an uninstall after a crash knows what is ours.
  await doing(progress, "recorded that it is going to install Istio", () =>
    record({ ...before, istio: { ...own, state: "installing" } }),
  );
  await doing(progress, `installed Istio ${plan.version} in namespace ${plan.place.namespace}`, () =>
    istioctlInstall(plan.istioctl, plan, onLine),
  );
  const mesh = wish.request.statTags === "mesh" ? { mesh: await meshEdit(cluster, plan) } : {};
  await doing(progress, "recorded that Istio is installed", () => record({ ...before, ...mesh, istio: own }));
}

/** Names of namespaces that were made: ours, or none. */
async function makeOwnNamespace(cluster: Cluster, { plan, wish }: Prepared, progress: Progress): Promise<string[]> {
  const step = plan.steps.find(({ action, reference }) => action === "create" && reference.kind === "Namespace");
  const { object } = step ?? {};
  if (object === undefined) return [];
  await doing(progress, `created ${nameOf(object)}`, () => cluster.apply(object));
  return [wish.systemNamespace];
}

function startedRecord(wish: Wish, record: Record | undefined, created: readonly string[]): Record {
  const fresh: Record = {
    release: wish.release,
    state: "applying",
    command: wish.command,
    current: wish.request,
    kinds: [],
    labelled: [],
    created: [],
    drainSeconds: DEFAULT_DRAIN_SECONDS,
  };
  const known = record ?? fresh;
  return { ...known, created: [...new Set([...known.created, ...created])].sort() };
}

/** What was made stays made, however often it is installed again. */
export function ownIstio({ version, place, overlay, presence, record }: IstioPlan): OwnIstio {
  const { namespace, revision } = place;
  const own = record?.istio;
  return {
    state: "installed",
    version,
    namespace,
    revision,
    overlay,
    hasMadeNamespace: own?.hasMadeNamespace ?? !presence.hasNamespace,
    hasMadeDefinitions: own?.hasMadeDefinitions ?? presence.definitions.length === 0,
  };
}

/** As if we had put our tags into a mesh configuration without: an uninstall that leaves Istio takes them out again. */
async function meshEdit(cluster: Cluster, { place: { namespace, revision } }: IstioPlan): Promise<MeshEdit> {
  const name = meshConfigMap(revision);
  const after = await readMeshConfig(cluster, { namespace, name });
  return { namespace, name, before: withoutStatTags(after, ""), after };
}
