// SPDX-License-Identifier: Apache-2.0
/**
 * Opens Prometheus for a command: by what --prometheus says, or the one that the cluster has.
 */
import type { Cluster } from "../cluster/cluster.ts";
import { ProxymeterError } from "../errors.ts";
import { makePrometheus, type Prometheus } from "./client.ts";
import { type Fetcher, serviceFetcher, urlFetcher } from "./fetcher.ts";
import { findPrometheus, parseAddress } from "./find.ts";

export type { Prometheus } from "./client.ts";

export interface OpenOptions {
  /** A URL, or `NAMESPACE/SERVICE:PORT` in the cluster; found in the cluster where absent. */
  url?: string | undefined;
  /** Opened only when it is needed, so that a URL works without a kubeconfig. */
  cluster?: Cluster | (() => Cluster) | undefined;
  signal: AbortSignal;
  /** How long one answer may take; 30 s unless told. */
  timeoutMs?: number | undefined;
}

/**
 * Prometheus, not yet asked anything.
 *
 * @throws ProxymeterError E_PROMETHEUS_URL, E_PROMETHEUS_NOT_FOUND, E_KUBECONFIG; KubeError
 */
export async function openPrometheus(options: OpenOptions): Promise<Prometheus> {
  return makePrometheus(await openFetcher(options));
}

/** The same as a way to ask it anything, for who passes on what it answers. */
export async function openFetcher({ url, cluster, signal, timeoutMs }: OpenOptions): Promise<Fetcher> {
  const service = url === undefined ? undefined : parseAddress(url);
  if (url !== undefined && service === undefined) return urlFetcher(url, signal, process.env, timeoutMs);
  const opened = typeof cluster === "function" ? cluster() : cluster;
  if (opened === undefined) {
    throw new ProxymeterError(
      "E_PROMETHEUS_NOT_FOUND",
      "cannot tell which Prometheus to ask: no address was given, and no cluster to look in",
      "give --prometheus URL",
      { exitCode: 2 },
    );
  }
  return serviceFetcher(opened, service ?? (await findPrometheus(opened)), timeoutMs);
}
