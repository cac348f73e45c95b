// SPDX-License-Identifier: Apache-2.0
/**
 * What installing Istio will do: looks at istioctl, at the cluster and at our record. Changes nothing.
 */
import { meshConfigMap, meshOf } from "../cluster/mesh-config-map.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { ProxymeterError } from "../errors.ts";
import { type FieldChange, fieldChanges } from "../install/diff.ts";
import type { Wish } from "../install/prepare.ts";
import { readStoredRecord, type Record } from "../install/record.ts";
import { declaredGateways } from "../objects/declared-gateways.ts";
import { statTagsOf } from "../objects/mesh-config.ts";
import type { KubeObject } from "../objects/object.ts";
import { EXTRA_STAT_TAGS } from "../../filter/core/stat-tags.ts";
import { parseVendors } from "../vendors/read.ts";
import { type IstioAction, istioAction, supportedVersion } from "./decision.ts";
import { type Istioctl, istioctlVersion, renderedObjects } from "./istioctl.ts";
import { type OverlayPlace, overlayOf, overlayPlace } from "./overlay.ts";
import { type IstioPresence, istioPresence } from "./presence.ts";

export interface IstioOptions {
  istioctl: Istioctl;
  /** The user's own IstioOperator. */
  config?: { text: string; name: string } | undefined;
  /** How long istioctl may wait for istiod. */
  readinessSeconds: number;
}

export interface IstioPlan extends IstioOptions {
  action: IstioAction;
  version: string;
  place: OverlayPlace;
  overlay: string;
  /** Whether sidecars are to answer DNS, since a gateway has no addresses. */
  capturesDns: boolean;
  presence: IstioPresence;
  /** What istioctl renders of the overlay; empty where nothing is to be done. */
  rendered: readonly KubeObject[];
  /** Of the mesh configuration that is there; what somebody changed in it by hand goes. */
  meshChanges: readonly FieldChange[];
  record?: Record;
  /** Of the record that is there: nobody may have written another meanwhile. */
  recordVersion?: string;
}

/** @throws ProxymeterError of istioctl, of the overlay and of the decision; KubeError */
export async function planIstio(cluster: Cluster, wish: Wish, options: IstioOptions): Promise<IstioPlan> {
  const version = supportedVersion(await istioctlVersion(options.istioctl), wish.istio.version);
  const file = parseVendors(wish.request.vendors, wish.vendorsName);
  const stored = await readStoredRecord(cluster, wish.systemNamespace);
  const record = stored?.record;
  const hasStatTags = wish.request.statTags === "mesh";
  const capturesDns = declaredGateways(file).some(({ addresses }) => addresses.length === 0);
  const overlay = overlayOf({
    base: options.config ?? recorded(record),
    statTags: hasStatTags ? "add" : options.config ? "keep" : "remove",
    capturesDns,
    namespace: wish.istio.namespace,
    revision: wish.istio.revision,
  });
  const place = overlayPlace(overlay);
  const presence = await istioPresence(cluster, place.namespace);
  const action = istioAction({ version, overlay, place }, presence, record?.istio);
  const rendered = action === "none" ? [] : await renderedObjects(options.istioctl, overlay);
  if (action !== "none" && hasStatTags) checkRendered(rendered, place);
  const meshChanges = action === "none" ? [] : await changesOfMesh(cluster, rendered, place);
  return {
    ...options,
    action,
    version,
    place,
    overlay,
    capturesDns,
    presence,
    rendered,
    meshChanges,
    ...(stored && { record: stored.record, recordVersion: stored.version }),
  };
}

/** What the last installation had stays where the user says nothing. */
function recorded(record: Record | undefined): { text: string; name: string } | undefined {
  return record?.istio && { text: record.istio.overlay, name: "the recorded overlay" };
}

/** The mesh configuration among rendered objects. */
export function renderedMesh(
  rendered: readonly KubeObject[],
  { namespace, revision }: OverlayPlace,
): string | undefined {
  const name = meshConfigMap(revision);
  const map = rendered.find(
    ({ kind, metadata }) => kind === "ConfigMap" && metadata.name === name && metadata.namespace === namespace,
  );
  return (map?.data as { mesh?: string } | undefined)?.mesh;
}

/** Another release, or the user's own profile, may render otherwise than we think. */
function checkRendered(rendered: readonly KubeObject[], place: OverlayPlace): void {
  const mesh = renderedMesh(rendered, place);
  const missing = mesh === undefined ? [] : EXTRA_STAT_TAGS.filter((tag) => !statTagsOf(mesh).includes(tag));
  if (mesh !== undefined && missing.length === 0) return;
  const found =
    mesh === undefined
      ? `no mesh configuration in ConfigMap ${place.namespace}/${meshConfigMap(place.revision)}`
      : `a mesh configuration without the stat tags ${missing.join(", ")}`;
  throw new ProxymeterError(
    "E_ISTIO_RENDERED",
    `cannot install Istio: istioctl renders ${found} from the overlay (expected one with all of them)`,
    "look at what `istioctl manifest generate -f` makes of `proxymeter render --istio-overlay`; give another --istio-config",
  );
}

async function changesOfMesh(
  cluster: Cluster,
  rendered: readonly KubeObject[],
  place: OverlayPlace,
): Promise<FieldChange[]> {
  const metadata = { name: meshConfigMap(place.revision), namespace: place.namespace };
  const map = await cluster.read({ apiVersion: "v1", kind: "ConfigMap", metadata });
  const before = (map?.data as { mesh?: string } | undefined)?.mesh;
  const after = renderedMesh(rendered, place);
  if (before === undefined || after === undefined) return [];
  const asObject = (text: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata, mesh: meshOf(text) });
  return fieldChanges(asObject(before), asObject(after));
}
