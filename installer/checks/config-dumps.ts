// SPDX-License-Identifier: Apache-2.0
/**
 * What the Envoys of some opted-in pods run with, for a bundle: their own configuration dumps, fetched inside of the pod, since
 * Envoy's administration listens there only. Bounded in number and size; where one could not be had, the reason stands for it.
 */
import type { Cluster } from "../cluster/cluster.ts";
import { SIDECAR } from "../cluster/sidecar-pods.ts";
import type { Facts } from "./facts.ts";
import type { Pod } from "./kinds.ts";
import { redactDump } from "./redact-dump.ts";
import { isLive, placeOf, sidecarOf } from "./workloads.ts";

const MOST_PODS = 3;
const MOST_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 20_000;
const COMMAND = ["pilot-agent", "request", "GET", "config_dump"];

/** By `namespace/pod`: the dump without secrets, or why there is none. */
export type ConfigDumps = Record<string, unknown>;

/** Needs the right to `pods/exec`, which no role of ours gives. @throws the reason of the signal only */
export async function readConfigDumps(
  cluster: Pick<Cluster, "exec">,
  { pods }: Pick<Facts, "pods">,
  onPod: (line: string) => void,
): Promise<ConfigDumps> {
  const live = "value" in pods ? pods.value.filter((pod) => isLive(pod) && sidecarOf(pod) !== undefined) : [];
  const dumps: ConfigDumps = {};
  // One after the other: each is large, and several at once help nobody.
  for (const pod of spread(live).slice(0, MOST_PODS)) {
    onPod(`reading the configuration of ${placeOf(pod)}`);
    dumps[placeOf(pod)] = await readDump(cluster, pod);
  }
  return dumps;
}

/** One of each namespace first, then the others. */
function spread(pods: readonly Pod[]): Pod[] {
  const first = [...Map.groupBy(pods, ({ metadata }) => metadata.namespace).values()].flatMap(([pod]) => pod ?? []);
  return [...first, ...pods.filter((pod) => !first.includes(pod))];
}

async function readDump(cluster: Pick<Cluster, "exec">, { metadata }: Pod): Promise<unknown> {
  try {
    const text = await cluster.exec({
      namespace: metadata.namespace ?? "",
      pod: metadata.name,
      container: SIDECAR,
      command: COMMAND,
      mostBytes: MOST_BYTES,
      timeoutMs: TIMEOUT_MS,
    });
    return redactDump(JSON.parse(text));
  } catch (error) {
    return `not read: ${(error as Error).message}`;
  }
}
