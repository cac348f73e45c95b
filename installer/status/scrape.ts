// SPDX-License-Identifier: Apache-2.0
/**
 * Whether Prometheus has what the pods expose. Asking it is checks/prometheus-facts.ts; a Prometheus that can't be asked is a fact too.
 */
import type { PrometheusFacts, Read, Sample } from "../checks/facts.ts";
import type { Pod } from "../checks/kinds.ts";
import { prometheusFacts } from "../checks/prometheus-facts.ts";
import { KubeError } from "../cluster/kube-error.ts";
import { ProxymeterError } from "../errors.ts";
import type { Prometheus } from "../prometheus/client.ts";

export type ScrapeFacts = Read<Pick<PrometheusFacts, "where" | "heartbeats" | "targets">>;

/** Errors of this program that say that there is nobody to ask, or no answer. */
const UNANSWERED = ["E_PROMETHEUS_NOT_FOUND", "E_PROMETHEUS", "E_PROMQL"];

/**
 * @param open        throws where there is no Prometheus to be found
 * @param isRequired  whether the user named it, so that none, or no answer, is an error
 */
export async function gatherScrape(
  open: () => Promise<Pick<Prometheus, "address" | "query" | "targets">>,
  { isRequired = false } = {},
): Promise<ScrapeFacts> {
  try {
    return { value: await prometheusFacts(await open()) };
  } catch (error) {
    if (isRequired || !isUnanswered(error)) throw error;
    return { unknown: (error as Error).message };
  }
}

function isUnanswered(error: unknown): boolean {
  return error instanceof KubeError || (error instanceof ProxymeterError && UNANSWERED.includes(error.code));
}

/** Whether the heartbeat of a pod's filter arrived within Prometheus' five minutes of memory. */
export function isInPrometheus({ metadata, status }: Pod, heartbeats: readonly Sample[]): boolean {
  return heartbeats.some(
    ({ labels }) =>
      (labels.namespace === metadata.namespace && labels.pod === metadata.name) ||
      (status?.podIP !== undefined && hostOf(labels.instance) === status.podIP),
  );
}

/** Of `10.0.0.5:15020` or `[fd00::5]:15020`. */
function hostOf(instance: string | undefined): string | undefined {
  return instance?.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
