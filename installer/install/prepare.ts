// SPDX-License-Identifier: Apache-2.0
/**
 * From what the user asks for and what the server has to everything that an installation will do. Changes nothing.
 */
import { isDeepStrictEqual } from "node:util";
import type { Cluster } from "../cluster/cluster.ts";
import { readMeshConfig } from "../cluster/mesh-config-map.ts";
import { type Survey, survey } from "../cluster/survey.ts";
import { ProxymeterError } from "../errors.ts";
import type { KubeObject } from "../objects/object.ts";
import { usesAccessLog } from "../objects/access-log.ts";
import { heldForm } from "../objects/held.ts";
import { accessLogIn } from "../objects/mesh-provider.ts";
import { objectsOf } from "../objects/objects.ts";
import { inApplyOrder } from "../objects/order.ts";
import type { Target } from "../objects/target.ts";
import { refuseElsewhere } from "./elsewhere.ts";
import { digestOf } from "./image.ts";
import { kindsOf } from "../cluster/own-objects.ts";
import { refuseBareGateways } from "./reachable.ts";
import { parseVendors } from "../vendors/read.ts";
import { accessLogLines, refuseNoProvider, telemetriesOf } from "./access-log.ts";
import { type Pruning, pruningOf } from "./hold.ts";
import { isPlugin, keyOf, pluginIdentity } from "./listeners.ts";
import { isMarked, withMarks } from "./made-namespace.ts";
import { dryRunAnswers, liveObjects, surroundingsOf, withoutForeign } from "./look.ts";
import { editedMesh, isSamePlace, type MeshWish, recordedMeshes } from "./mesh-edit.ts";
import { hasChanges, type Plan, planOf } from "./plan.ts";
import { type MeshEdit, type Record, readStoredRecord, refuseLarge, type Request } from "./record.ts";
import type { Expected } from "./wait.ts";

export interface Wish {
  request: Request;
  /** Name of vendors.yaml in messages. */
  vendorsName: string;
  systemNamespace: string;
  /** Namespaces to opt in beside those that are. */
  optIn: readonly string[];
  shouldDrain: boolean;
  command: Record["command"];
  istio: { namespace?: string | undefined; version?: string | undefined; revision?: string | undefined };
  /** Version of this program. */
  release: string;
  /** Version of the record that the request was read from: it must be the same when the plan is made. */
  recordVersion?: string | undefined;
}

export interface Prepared {
  wish: Wish;
  survey: Survey;
  plan: Plan;
  /** Namespaces whose label is still to be set. */
  optIn: readonly string[];
  /** The mesh configuration on the server, as it would be without us, and as it will be. */
  mesh: MeshEdit & { current: string };
  meshWish: MeshWish;
  /** Mesh configurations of other revisions that lose our tags: this one's installation no longer has them. */
  leftMeshes: readonly MeshEdit[];
  /** The installation that is there. */
  record?: Record;
  /** Of the record that is there: nobody may have written another meanwhile. */
  recordVersion?: string;
  /** The record once all is done. */
  next: Record;
  expected: Expected;
  /** What an access log of ours replaces, and what goes before it: a sentence each. */
  accessLogLines: readonly string[];
  hasWork: boolean;
}

/** @throws ProxymeterError of the survey, of vendors.yaml, E_VENDORS_SIZE, E_OTHER_NAMESPACE, E_NO_ADDRESSES, E_NO_NAMESPACE, E_ACCESS_LOG, E_NOT_OURS, E_REFUSED, E_RECORD_CHANGED; KubeError */
export async function prepare(cluster: Cluster, wish: Wish): Promise<Prepared> {
  const file = parseVendors(wish.request.vendors, wish.vendorsName);
  refuseLarge(wish.request.vendors);
  const { systemNamespace, istio } = wish;
  const found = await survey(cluster, {
    systemNamespace,
    istioNamespace: istio.namespace,
    istioVersion: istio.version,
    istioRevision: istio.revision,
    alsoOptedIn: wish.optIn,
  });
  const optIn = missingOptIns(found, wish.optIn);
  await refuseElsewhere(cluster, systemNamespace);
  const stored = await readStoredRecord(cluster, systemNamespace);
  if (wish.recordVersion !== undefined && wish.recordVersion !== stored?.version) throw recordChanged();
  const record = stored?.record;
  const target = targetOf(wish, found);
  const wanted = objectsOf(file, target);
  const live = prunable(await liveObjects(cluster, [...wanted, ...(record?.kinds ?? [])]), wanted);
  const desired = withMarks(await withoutForeign(cluster, wanted, live), live);
  const pruning = pruningOf(desired, live, wish.shouldDrain, (object) => heldForm(object, file, target));
  // What keeps its access log for now keeps its provider, too.
  const hasAccessLog = [...pruning.objects, ...pruning.held].some(usesAccessLog);
  const meshWish = { statTags: wish.request.statTags, hasAccessLog };
  const mesh = await plannedMesh(cluster, found, record, meshWish);
  refuseNoProvider(wish.request, mesh.before);
  const plan = await planned(cluster, { pruning, live, optedIn: found.optedIn, mesh });
  const leftMeshes = recordedMeshes(record).filter((edit) => !isSamePlace(edit, mesh));
  refuseBareGateways(wanted, mesh.current);
  const next = nextRecord({ wish, record, plan, mesh, optIn, drainSeconds: found.istio.drainSeconds });
  const hasWork =
    hasChanges(plan) ||
    optIn.length > 0 ||
    leftMeshes.length > 0 ||
    mesh.after !== mesh.current ||
    !isDeepStrictEqual(record, next);
  return {
    wish,
    survey: found,
    plan,
    optIn,
    mesh,
    meshWish,
    leftMeshes,
    ...(stored && { record: stored.record, recordVersion: stored.version }),
    next,
    expected: expectedOf(wanted),
    accessLogLines: target.parts.accessLog ? await metByAccessLog(cluster, found, mesh.before) : [],
    hasWork,
  };
}

/**
 * Without what no installation prunes: the CronJob, which is applied by the user and may be what runs this, and namespaces,
 * in which others may have put something.
 */
function prunable(live: ReadonlyMap<string, KubeObject>, wanted: readonly KubeObject[]): Map<string, KubeObject> {
  const desired = new Set(wanted.map(keyOf));
  const stays = ({ kind }: KubeObject) => kind === "CronJob" || kind === "Namespace";
  return new Map([...live].filter(([key, object]) => desired.has(key) || !stays(object)));
}

function recordChanged(): ProxymeterError {
  return new ProxymeterError(
    "E_RECORD_CHANGED",
    "cannot install what was recorded: somebody else has installed something meanwhile, or is doing so",
    "run the command again: it then goes by what is recorded now",
  );
}

/** @throws ProxymeterError E_NO_NAMESPACE */
function missingOptIns({ namespaces }: Survey, wanted: readonly string[]): string[] {
  return wanted.filter((name) => {
    const namespace = namespaces.find((known) => known.name === name);
    if (namespace) return !namespace.isOptedIn;
    throw new ProxymeterError(
      "E_NO_NAMESPACE",
      `cannot opt in namespace "${name}": it does not exist, or is being deleted`,
      "create it, or leave it out of --namespaces",
      { exitCode: 2 },
    );
  });
}

export function targetOf({ request, systemNamespace, release }: Wish, found: Survey): Target {
  const { image, pullSecret, parts } = request;
  return {
    release,
    systemNamespace,
    namespaces: found.optedIn,
    istio: { namespace: found.istio.namespace, minor: found.istio.minor, meshConfigMap: found.istio.meshConfigMap },
    module: { url: image, digest: digestOf(image), ...(pullSecret !== undefined && { pullSecret }) },
    optionalKinds: found.optionalKinds,
    parts,
  };
}

interface Planned {
  pruning: Pruning;
  live: ReadonlyMap<string, KubeObject>;
  optedIn: readonly string[];
  mesh: Prepared["mesh"];
}

async function planned(cluster: Cluster, { pruning, live, optedIn, mesh }: Planned): Promise<Plan> {
  const ours = [...live.values()].map(({ metadata }) => metadata.namespace).filter((name) => name !== undefined);
  const [answers, surroundings] = await Promise.all([
    dryRunAnswers(cluster, pruning.objects, live),
    surroundingsOf(cluster, [...new Set([...optedIn, ...ours])]),
  ]);
  const hasOtherAccessLog = !isDeepStrictEqual(accessLogIn(mesh.current), accessLogIn(mesh.after));
  return planOf({ pruning, live, answers, ...surroundings, hasOtherAccessLog });
}

async function plannedMesh(
  cluster: Cluster,
  { istio }: Survey,
  record: Record | undefined,
  wish: MeshWish,
): Promise<Prepared["mesh"]> {
  const place = { namespace: istio.namespace, name: istio.meshConfigMap };
  const current = await readMeshConfig(cluster, place);
  const own = recordedMeshes(record).find((edit) => isSamePlace(edit, place));
  return { ...place, current, ...editedMesh(current, own, wish) };
}

async function metByAccessLog(cluster: Cluster, { istio, optedIn }: Survey, meshYaml: string): Promise<string[]> {
  const telemetries = await telemetriesOf(cluster);
  return accessLogLines({ namespaces: optedIn, istioNamespace: istio.namespace, meshYaml, telemetries });
}

type RecordParts = Pick<Prepared, "wish" | "plan" | "mesh" | "optIn"> &
  Pick<Record, "drainSeconds"> & { record: Record | undefined };

function nextRecord({ wish, record, plan, mesh, optIn, drainSeconds }: RecordParts): Record {
  const kept = plan.steps.filter(({ action }) => action !== "remove").map(({ reference }) => reference);
  const made = plan.steps.flatMap(({ object }) => (object && isMarked(object) ? [object.metadata.name] : []));
  const previous = previousOf(record, wish.request);
  const { current: _current, ...edit } = mesh;
  return {
    release: wish.release,
    state: "applied",
    command: wish.command,
    kinds: kindsOf(inApplyOrder(kept)),
    labelled: [...new Set([...(record?.labelled ?? []), ...optIn])].sort(),
    created: [...new Set([...(record?.created ?? []), ...made])].sort(),
    drainSeconds,
    current: wish.request,
    ...(previous && { previous }),
    ...(edit.after !== edit.before && { mesh: edit }),
    ...(record?.istio && { istio: record.istio }),
  };
}

/** What rollback goes back to: the last request that was applied and is not this one. */
export function previousOf(record: Record | undefined, request: Request): Request | undefined {
  const isSame = (other: Request | undefined) => isDeepStrictEqual(other, request);
  const previous = record?.state === "applied" && !isSame(record.current) ? record.current : record?.previous;
  return isSame(previous) ? undefined : previous;
}

/** What the sidecars of each namespace have to show. */
function expectedOf(objects: readonly KubeObject[]): Expected {
  const plugins = objects.filter(isPlugin);
  return new Map(
    plugins.flatMap((plugin) => {
      const identity = pluginIdentity(plugin);
      return identity === undefined ? [] : [[plugin.metadata.namespace ?? "", identity] as const];
    }),
  );
}
