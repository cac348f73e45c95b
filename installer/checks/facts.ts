// SPDX-License-Identifier: Apache-2.0
/**
 * Everything that the checks decide over, gathered once. A fact that could not be had carries the reason instead.
 * How facts are gathered is in gather.ts; this file is shapes and how they are read.
 */
import type { StatusReport } from "../status/report.ts";
import type { VendorsFile } from "../vendors/model.ts";
import type { Objects, Pod } from "./kinds.ts";

/** A fact, or why it is not known. */
export type Read<T> = { value: T } | { unknown: string };

export type ObjectFacts = { readonly [K in keyof Objects]: Read<readonly Objects[K][]> };

export interface Facts {
  /** What was asked for: a preflight, or an examination of what is installed. */
  stage: "before" | "after";
  /** The kubeconfig's name of the context. */
  context: string;
  /** The API server's own version. */
  api: Read<{ gitVersion: string; minor: number }>;
  rights: Read<readonly Right[]>;
  /** Kinds that the checks ask for and the server has, as `apiVersion/Kind`. */
  kinds: Read<readonly string[]>;
  istio: Read<Istio | undefined>;
  /** `mesh` of ConfigMap istio, parsed. */
  mesh: Read<MeshConfig | undefined>;
  objects: ObjectFacts;
  /** Pods of the opted-in namespaces. */
  pods: Read<readonly Pod[]>;
  /** Pods of Istio's own: they carry the label `istio`. */
  istioPods: Read<readonly Pod[]>;
  vendors: Read<VendorsFile>;
  /** Addresses of each gateway's host, as DNS answers from here. */
  resolved: Readonly<Record<string, Read<readonly string[]>>>;
  /** By URL of a plugin. */
  images: Readonly<Record<string, ImageAnswer>>;
  /** pilot_total_xds_rejects since istiod started, by type. */
  rejects: Read<Readonly<Record<string, number>>>;
  /** What runs in each metered pod, by its own metrics. */
  running: Read<StatusReport>;
  prometheus: Read<PrometheusFacts>;
}

export interface Istio {
  namespace: string;
  /** 31 of Istio 1.31; undefined where the version could not be read. */
  minor: number | undefined;
  version: string;
  revision: string;
}

/** @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ */
export interface MeshConfig {
  outboundTrafficPolicy?: { mode?: string };
  defaultConfig?: ProxyConfig;
  extensionProviders?: { name?: string }[];
}

export interface ProxyConfig {
  extraStatTags?: string[];
  proxyMetadata?: Record<string, string>;
}

export interface Right {
  verb: string;
  group: string;
  resource: string;
  /** Of the whole cluster where absent. */
  namespace?: string;
  /** Of any object where absent. */
  name?: string;
  /** What needs it. */
  needed: "check" | "install";
  isAllowed: boolean;
}

/** `refused`: the registry wants credentials; `unreachable`: no answer from here. */
export type ImageAnswer = { state: "found" | "missing" | "refused" | "unreachable"; detail: string };

export interface PrometheusFacts {
  /** For people; without credentials. */
  where: string;
  /** Active targets whose job is ours, or that one of our series came from. */
  targets: readonly ScrapeTarget[];
  /** One for each scraped source of our heartbeat. */
  heartbeats: readonly Sample[];
  /** Those that stood still over the last five minutes. */
  stale: readonly Sample[];
  /** proxymeter_config_errors above 0. */
  configErrors: readonly Sample[];
  /** Destinations that went to `other` in the last hour, where there were any. */
  overflow: readonly Sample[];
  /** Increase of pilot_total_xds_rejects in the last quarter of an hour, where Prometheus scrapes istiod. */
  rejects: readonly Sample[];
  /** Prometheus's clock minus this machine's. */
  clockSkewSeconds: number;
}

export interface ScrapeTarget {
  pool: string;
  url: string;
  labels: Readonly<Record<string, string>>;
  isUp: boolean;
  lastError: string;
  /** Absent before Prometheus 2.30. */
  intervalSeconds: number | undefined;
}

export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Thrown by `known`: the check that needs the fact is skipped with the message as its reason. */
export class Unknown extends Error {}

/**
 * The fact itself.
 *
 * @throws Unknown with the reason why it is not known
 */
export function known<T>(read: Read<T>): T {
  if ("unknown" in read) throw new Unknown(read.unknown);
  return read.value;
}
