// SPDX-License-Identifier: Apache-2.0
/**
 * What an access log of ours meets in a cluster: the logs that it replaces, and other Telemetries that go before it. Pure.
 * Istio takes one Telemetry without selector of a namespace, the oldest, and of access logs the innermost that names any.
 *
 * @see https://istio.io/latest/docs/reference/config/telemetry/
 */
import { meshOf } from "../cluster/mesh-config-map.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { ProxymeterError } from "../errors.ts";
import { ACCESS_LOG_PROVIDER, accessLoggingOf } from "../objects/access-log.ts";
import { accessLogIn } from "../objects/mesh-provider.ts";
import { type KubeObject, nameOf } from "../objects/object.ts";
import { MANAGED_BY, MANAGED_BY_LABEL } from "../objects/target.ts";
import type { Request } from "./record.ts";

export interface AccessLogSurroundings {
  /** Opted in. */
  namespaces: readonly string[];
  istioNamespace: string;
  meshYaml: string;
  /** Of the whole cluster, ours too. */
  telemetries: readonly KubeObject[];
}

export function telemetriesOf(cluster: Pick<Cluster, "list">): Promise<KubeObject[]> {
  return cluster.list("telemetry.istio.io/v1", "Telemetry");
}

/** A sentence for each namespace and thing that a user should know before. */
export function accessLogLines(surroundings: AccessLogSurroundings): string[] {
  const inherited = inheritedLog(surroundings);
  return surroundings.namespaces.flatMap((namespace) => {
    const older = olderTelemetry(namespace, surroundings.telemetries);
    if (older) {
      return [`${nameOf(older)} has no selector and is older: Istio takes that one alone, and ours does nothing there`];
    }
    const own = surroundings.telemetries.filter(
      (object) => object.metadata.namespace === namespace && isSelective(object) && accessLoggingOf(object).length > 0,
    );
    return [
      ...ignoredTelemetries(namespace, surroundings.telemetries).map(
        (object) =>
          `${nameOf(object)} has no selector and is younger than ours: Istio takes ours alone, and that one does nothing`,
      ),
      ...(inherited ? [`outgoing connections of namespace ${namespace} are logged by it instead of ${inherited}`] : []),
      ...own.map((object) => `pods that ${nameOf(object)} selects have the access log that this one names, not ours`),
    ];
  });
}

/** The Telemetry that counts in a namespace instead of ours. */
export function olderTelemetry(namespace: string, telemetries: readonly KubeObject[]): KubeObject | undefined {
  const [first] = unselective(namespace, telemetries);
  return first === undefined || isOurs(first) ? undefined : first;
}

/** The Telemetries of others that do nothing in a namespace, since ours counts there. */
export function ignoredTelemetries(namespace: string, telemetries: readonly KubeObject[]): KubeObject[] {
  const [first, ...others] = unselective(namespace, telemetries);
  return first !== undefined && isOurs(first) ? others : [];
}

/** Those of a namespace without selector, of which Istio takes the first. */
function unselective(namespace: string, telemetries: readonly KubeObject[]): KubeObject[] {
  return telemetries
    .filter((object) => object.metadata.namespace === namespace && !isSelective(object))
    .toSorted((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1));
}

/** The way Istio sorts them; ours that is still to come is younger than all. */
function ageOf({ metadata: { creationTimestamp = "", name } }: KubeObject): string {
  return `${creationTimestamp} ${name}`;
}

function isOurs({ metadata }: KubeObject): boolean {
  return metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY;
}

function isSelective({ spec }: KubeObject): boolean {
  const {
    selector,
    targetRef,
    targetRefs = [],
  } = (spec ?? {}) as {
    selector?: { matchLabels?: object };
    targetRef?: object;
    targetRefs?: object[];
  };
  return Object.keys(selector?.matchLabels ?? {}).length > 0 || targetRef !== undefined || targetRefs.length > 0;
}

interface Mesh {
  rootNamespace?: string;
  accessLogFile?: string;
  enableEnvoyAccessLogService?: boolean;
  defaultProviders?: { accessLogging?: string[] };
}

/** What logs outgoing connections where a namespace says nothing; undefined where nothing does. */
function inheritedLog({ meshYaml, istioNamespace, telemetries }: AccessLogSurroundings): string | undefined {
  const mesh = meshOf(meshYaml) as Mesh;
  const root = mesh.rootNamespace ?? istioNamespace;
  const [ofMesh] = unselective(root, telemetries);
  if (ofMesh && accessLoggingOf(ofMesh).length > 0) return `what ${nameOf(ofMesh)} says`;
  const providers = mesh.defaultProviders?.accessLogging ?? [];
  // Istio's mesh defaults hold only while no Telemetry speaks of access logs, whichever direction that one means.
  if (providers.length > 0)
    return `the mesh's defaultProviders (${providers.join(", ")}), and incoming ones by none of these`;
  const { accessLogFile = "", enableEnvoyAccessLogService = false } = mesh;
  const files = [
    ...(accessLogFile === "" ? [] : [`the mesh's accessLogFile ${accessLogFile}`]),
    ...(enableEnvoyAccessLogService ? ["its enableEnvoyAccessLogService"] : []),
  ];
  return files.length > 0 ? files.join(" and ") : undefined;
}

/**
 * @param meshYaml  as it would be without us
 * @throws          ProxymeterError E_ACCESS_LOG, exit status 2, where the provider is neither there nor may be put there
 */
export function refuseNoProvider({ parts, statTags }: Pick<Request, "parts" | "statTags">, meshYaml: string): void {
  if (!parts.accessLog || statTags === "mesh" || accessLogIn(meshYaml) !== undefined) return;
  throw new ProxymeterError(
    "E_ACCESS_LOG",
    "cannot install the access log: --stat-tags none leaves the mesh configuration alone, and it has no extensionProviders " +
      `entry "${ACCESS_LOG_PROVIDER}" (expected one, or --stat-tags mesh)`,
    "put in what `proxymeter render --with-access-log` writes as a comment, or give --stat-tags mesh, or --without-access-log",
    { exitCode: 2 },
  );
}
