// SPDX-License-Identifier: Apache-2.0
/**
 * What of a cluster decides our objects: Istio, the opted-in namespaces and how they inject, the kinds that exist.
 * Reads only. The objects themselves are made by `installer/objects`.
 */
import { MANAGED_BY, MANAGED_BY_LABEL, OPT_IN_LABEL } from "../objects/target.ts";
import type { KubeObject } from "../objects/object.ts";
import type { Cluster } from "./cluster.ts";
import { findIstio, type FoundIstio } from "./istio.ts";

/** Kinds that a cluster may lack, as `apiVersion/Kind`. */
export const OPTIONAL_KINDS = [
  "extensions.istio.io/v1alpha1/TrafficExtension",
  "extensions.istio.io/v1alpha1/WasmPlugin",
  "networking.istio.io/v1alpha3/EnvoyFilter",
  "telemetry.istio.io/v1/Telemetry",
  "monitoring.coreos.com/v1/PodMonitor",
  "monitoring.coreos.com/v1/PrometheusRule",
] as const;

export interface SurveyOptions {
  /** Namespace of our own objects that belong to no crawler. */
  systemNamespace: string;
  istioNamespace?: string | undefined;
  /** Where the cluster does not tell: `1.31`. */
  istioVersion?: string | undefined;
  istioRevision?: string | undefined;
  /** Taken for opted in although their label is still to be set. */
  alsoOptedIn?: readonly string[] | undefined;
}

/** How pods of a namespace get their sidecar, by its labels; `both` is a contradiction that Istio resolves by itself. */
export type Injection = "enabled" | "revision" | "disabled" | "both" | "none";

export interface SurveyedNamespace {
  name: string;
  isOptedIn: boolean;
  injection: Injection;
  /** Value of `istio.io/rev`. */
  revision?: string;
  /** Whether the namespace carries the label of our installation. */
  isOurs: boolean;
}

export interface Survey {
  systemNamespace: string;
  istio: FoundIstio;
  /** Opted-in namespaces, in order of name. */
  optedIn: readonly string[];
  /** Every namespace that is not being deleted, in order of name. */
  namespaces: readonly SurveyedNamespace[];
  /** Those of OPTIONAL_KINDS that the server has. */
  optionalKinds: ReadonlySet<string>;
}

/** @throws ProxymeterError E_NO_ISTIO, E_ISTIO_VERSION, E_ISTIO_REVISION; KubeError */
export async function survey(
  cluster: Pick<Cluster, "list" | "read" | "hasKind">,
  options: SurveyOptions,
): Promise<Survey> {
  const { systemNamespace, istioNamespace, istioVersion, istioRevision, alsoOptedIn = [] } = options;
  const [istio, found, optionalKinds] = await Promise.all([
    findIstio(cluster, { namespace: istioNamespace, version: istioVersion, revision: istioRevision }),
    cluster.list("v1", "Namespace"),
    existingKinds(cluster),
  ]);
  // Nothing can be created in one that is being deleted.
  const staying = found.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const namespaces = staying.map(surveyedNamespace).sort((a, b) => (a.name < b.name ? -1 : 1));
  const optedIn = namespaces
    .filter(({ name, isOptedIn }) => isOptedIn || alsoOptedIn.includes(name))
    .map(({ name }) => name);
  return { systemNamespace, istio, optedIn, namespaces, optionalKinds };
}

/** What the labels of a namespace say; https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/ */
export function surveyedNamespace({ metadata: { name, labels = {} } }: KubeObject): SurveyedNamespace {
  const injection = labels["istio-injection"];
  const revision = labels["istio.io/rev"];
  return {
    name,
    isOptedIn: labels[OPT_IN_LABEL] === "true",
    injection: injectionOf(injection, revision),
    ...(revision !== undefined && { revision }),
    isOurs: labels[MANAGED_BY_LABEL] === MANAGED_BY,
  };
}

function injectionOf(injection: string | undefined, revision: string | undefined): Injection {
  if (injection !== undefined && revision !== undefined) return "both";
  if (injection === "enabled" || injection === "disabled") return injection;
  return revision === undefined ? "none" : "revision";
}

async function existingKinds(cluster: Pick<Cluster, "hasKind">): Promise<ReadonlySet<string>> {
  const exists = await Promise.all(
    OPTIONAL_KINDS.map((id) => {
      const at = id.lastIndexOf("/");
      return cluster.hasKind(id.slice(0, at), id.slice(at + 1));
    }),
  );
  return new Set(OPTIONAL_KINDS.filter((_, index) => exists[index]));
}
