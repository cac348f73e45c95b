// SPDX-License-Identifier: Apache-2.0
/**
 * Finds Istio in a cluster: by the Deployment of istiod, or by its mesh configuration where istiod runs elsewhere.
 * Reads only; what follows from the version is decided by others.
 *
 * @see https://istio.io/latest/docs/setup/upgrade/canary/
 */
import { ProxymeterError } from "../errors.ts";
import type { KubeObject } from "../objects/object.ts";
import type { Cluster } from "./cluster.ts";
import { meshConfigMap, meshOf } from "./mesh-config-map.ts";

export const ISTIO_NAMESPACE = "istio-system";
const DEFAULT_REVISION = "default";
/** https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig */
export const DEFAULT_DRAIN_SECONDS = 45;
const REVISION_LABEL = "istio.io/rev";

export interface FoundIstio {
  /** Where istiod and the mesh configuration live. */
  namespace: string;
  /** `1.31.0` as far as it is known, else `1.31`. */
  version: string;
  /** 31 of 1.31. */
  minor: number;
  /** `default` where istiod has none. */
  revision: string;
  /** Every revision of istiod that runs in the namespace. */
  revisions: readonly string[];
  /** Name of the ConfigMap with the mesh configuration of this revision. */
  meshConfigMap: string;
  /** Seconds that a connection on a listener which changed may go on, of the mesh's default proxy configuration. */
  drainSeconds: number;
}

export interface IstioWanted {
  /** Where to look; everywhere if absent. */
  namespace?: string | undefined;
  /** `1.31` or `1.31.0`, for clusters that do not tell. */
  version?: string | undefined;
  revision?: string | undefined;
}

interface Candidate {
  namespace: string;
  revision: string;
  version: string | undefined;
}

/** @throws ProxymeterError E_NO_ISTIO, E_ISTIO_VERSION, E_ISTIO_REVISION; KubeError */
export async function findIstio(
  cluster: Pick<Cluster, "list" | "read">,
  wanted: IstioWanted = {},
): Promise<FoundIstio> {
  const deployments = await cluster.list("apps/v1", "Deployment", {
    namespace: wanted.namespace,
    labelSelector: "app=istiod",
  });
  const candidates = deployments.map(candidateOf).filter(({ revision }) => isWanted(revision, wanted));
  const chosen = chooseIstio(candidates, wanted) ?? withoutDeployment(wanted);
  const mesh = await readMesh(cluster, chosen, wanted);
  const version = parseVersion(wanted.version ?? chosen.version);
  if (version === undefined) throw unknownVersion(wanted.version ?? chosen.version, chosen.namespace);
  return {
    namespace: chosen.namespace,
    ...version,
    revision: chosen.revision,
    revisions: [...new Set(candidates.map(({ revision }) => revision))].sort(),
    meshConfigMap: meshConfigMap(chosen.revision),
    drainSeconds: drainSecondsOf(mesh),
  };
}

/** The version in an image tag, label or option: `1.31`, `1.31.2`, `1.31.0-distroless`; undefined where there is none. */
export function parseVersion(text: string | undefined): { version: string; minor: number } | undefined {
  const [, version, minor] = /^v?(1\.(\d{1,3})(?:\.\d+)?)(?:[-+].*)?$/.exec(text ?? "") ?? [];
  return version === undefined ? undefined : { version, minor: Number(minor) };
}

/** Seconds of `defaultConfig.drainDuration`, in the spelling of protobuf's JSON and Go. */
export function drainSecondsOf(meshYaml: string): number {
  const { defaultConfig } = meshOf(meshYaml) as { defaultConfig?: { drainDuration?: unknown } };
  return durationSeconds(defaultConfig?.drainDuration) ?? DEFAULT_DRAIN_SECONDS;
}

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

export function durationSeconds(value: unknown): number | undefined {
  if (typeof value !== "string" || !/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(value)) return undefined;
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
  return parts.reduce((sum, [, number, unit = "s"]) => sum + Number(number) * (UNITS[unit] ?? 0), 0);
}

function candidateOf({ metadata, spec }: KubeObject): Candidate {
  const labels = metadata.labels ?? {};
  const images = (spec as { template?: { spec?: { containers?: { name: string; image?: string }[] } } })?.template
    ?.spec;
  const image = images?.containers?.find(({ name }) => name === "discovery")?.image;
  const tag = /:([^/:@]+)(?:@.*)?$/.exec(image ?? "")?.[1];
  const stated = [tag, labels["app.kubernetes.io/version"], labels["operator.istio.io/version"]];
  return {
    namespace: metadata.namespace ?? ISTIO_NAMESPACE,
    revision: labels[REVISION_LABEL] || DEFAULT_REVISION,
    version: stated.find((text) => parseVersion(text) !== undefined) ?? tag,
  };
}

function isWanted(revision: string, wanted: IstioWanted): boolean {
  return wanted.revision === undefined || revision === wanted.revision;
}

/** The only one, or the default revision where there are several. */
function chooseIstio(candidates: readonly Candidate[], wanted: IstioWanted): Candidate | undefined {
  if (candidates.length <= 1) return candidates[0];
  const usual = candidates.filter(({ revision }) => revision === (wanted.revision ?? DEFAULT_REVISION));
  if (usual.length === 1) return usual[0];
  const found = candidates.map(({ namespace, revision }) => `"${revision}" in namespace ${namespace}`).join(", ");
  throw new ProxymeterError(
    "E_ISTIO_REVISION",
    `cannot choose between several revisions of Istio: found ${found} (expected one, or one called "${DEFAULT_REVISION}")`,
    "name one with --istio-revision, and its namespace with --istio-namespace",
    { exitCode: 2 },
  );
}

function withoutDeployment({ namespace, revision }: IstioWanted): Candidate {
  return { namespace: namespace ?? ISTIO_NAMESPACE, revision: revision ?? DEFAULT_REVISION, version: undefined };
}

async function readMesh(
  cluster: Pick<Cluster, "read">,
  { namespace, revision }: Candidate,
  wanted: IstioWanted,
): Promise<string> {
  const name = meshConfigMap(revision);
  const map = await cluster.read({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace } });
  const mesh = (map?.data as Record<string, string> | undefined)?.mesh;
  if (mesh !== undefined) return mesh;
  throw new ProxymeterError(
    "E_NO_ISTIO",
    `cannot find Istio: no ConfigMap ${namespace}/${name} with key "mesh"` +
      `${wanted.namespace ? "" : ", and no Deployment with label app=istiod in any namespace"}`,
    "install Istio first, or have `proxymeter install --istio install` do it; or say where it is with --istio-namespace and --istio-revision",
  );
}

function unknownVersion(found: string | undefined, namespace: string): ProxymeterError {
  const what = found === undefined ? `no Deployment with label app=istiod in ${namespace}` : `"${found}"`;
  return new ProxymeterError(
    "E_ISTIO_VERSION",
    `cannot tell the version of Istio: found ${what} (expected a version such as 1.31 or 1.31.0)`,
    "give it with --istio-version, for example --istio-version 1.31",
    { exitCode: 2 },
  );
}
