// SPDX-License-Identifier: Apache-2.0
/**
 * What a pod's filter says of itself, asked through the API server or at an address that the user gives.
 */
import { request } from "undici";
import { INFO, LABEL_CONFIG_HASH, LABEL_DIGEST, LABEL_ENCODING } from "../../filter/core/contract.ts";
import { redactText } from "../checks/redact.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { parseOurSamples } from "../cluster/exposition.ts";
import { readPodExposition } from "../cluster/pod-metrics.ts";
import { relabelled } from "../cluster/relabelling.ts";
import type { SidecarPod } from "../cluster/sidecar-pods.ts";

const TIMEOUT_MS = 10_000;

/** The exposition of a pod's sidecar; throws where it cannot be had. */
export type MetricsSource = (pod: SidecarPod) => Promise<string>;

/** What `proxymeter_info` says. */
export interface RunningFilter {
  digest: string;
  configHash: string;
  /** ENCODING_FULL or ENCODING_BUILTIN of the contract. */
  encoding: string;
}

export function throughApiServer(cluster: Pick<Cluster, "get">): MetricsSource {
  return ({ namespace, name }) => readPodExposition(cluster, namespace, name);
}

/** @param template  URL in which `{ip}`, `{pod}` and `{namespace}` stand for those of a pod */
export function byTemplate(template: string): MetricsSource {
  return async ({ namespace, name, address }) => {
    const values: Readonly<Record<string, string>> = { ip: address, pod: name, namespace };
    const url = template.replace(/\{(ip|pod|namespace)\}/g, (_, key: string) => values[key] ?? "");
    const response = await request(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.body.text();
    if (response.statusCode !== 200)
      throw new Error(`${redactText(url)} answered ${response.statusCode} (expected 200)`);
    return text;
  };
}

/** Every filter that an exposition names: more than one while a module or a configuration is being replaced. */
export function runningFilters(exposition: string): RunningFilter[] {
  return parseOurSamples(exposition)
    .map(relabelled)
    .filter(({ metric, value }) => metric === INFO && value > 0)
    .map(({ labels }) => ({
      digest: labels[LABEL_DIGEST] ?? "",
      configHash: labels[LABEL_CONFIG_HASH] ?? "",
      encoding: labels[LABEL_ENCODING] ?? "",
    }));
}
