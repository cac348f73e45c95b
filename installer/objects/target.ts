// SPDX-License-Identifier: Apache-2.0
/**
 * What decides the objects beside vendors.yaml: the cluster as it was found and the release that is installed.
 */

/** Namespaces with this label are metered. */
export const OPT_IN_LABEL = "proxymeter.io/enabled";
/** Says of an object that it is ours; uninstall removes nothing without it. */
export const MANAGED_BY_LABEL = "app.kubernetes.io/managed-by";
export const MANAGED_BY = "proxymeter";

export interface Target {
  /** Version of this program. */
  release: string;
  /** Namespace of our own objects that belong to no crawler. */
  systemNamespace: string;
  /** Opted-in namespaces, in order of name. */
  namespaces: readonly string[];
  istio: IstioTarget;
  module: ModuleTarget;
  /** Kinds that the cluster has, as `apiVersion/Kind`; objects of kinds that it may lack are left out without them. */
  optionalKinds: ReadonlySet<string>;
  parts: Parts;
}

export interface IstioTarget {
  /** Where istiod and the mesh configuration live. */
  namespace: string;
  /** 31 of Istio 1.31. */
  minor: number;
  /** ConfigMap with the mesh configuration; `istio` where absent, another one for a revision. */
  meshConfigMap?: string;
}

export interface ModuleTarget {
  /** `oci://host/repository@sha256:...` */
  url: string;
  /** Digest of the manifest, `sha256:...`. */
  digest: string;
  pullSecret?: string;
}

/** What a user may leave out. */
export interface Parts {
  /** Meter undeclared egress too. */
  catchAll: boolean;
  /** Tags on Istio's own metrics, and what access logs read. */
  telemetry: boolean;
  /** An access log of ours on outgoing connections, by the Telemetry: instead of those that a namespace inherits. */
  accessLog?: boolean;
  /** Seconds between the interim lines of the ledger, 0 for none; no ledger is kept where absent. */
  ledgerSeconds?: number;
  /** ConfigMaps for the sidecar of a Grafana. */
  dashboards?: boolean;
  monitor: "pod-monitor" | "scrape-config" | "none";
  /** Namespace of the Prometheus, where network policies must let it in; no policy where absent. */
  scrapeFrom?: string;
}
