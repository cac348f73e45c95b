// SPDX-License-Identifier: Apache-2.0
/**
 * Asks Prometheus what the checks need to know of it. Where it is and how it is reached is installer/prometheus.
 */
import { CONFIG_ERRORS, DESTINATIONS_OVERFLOW, HEARTBEAT_SECONDS } from "../../filter/core/contract.ts";
import { durationSeconds } from "../cluster/istio.ts";
import type { ScrapeTarget } from "../prometheus/answer.ts";
import type { Prometheus } from "../prometheus/client.ts";
import type { PrometheusFacts } from "./facts.ts";
import { REJECTS } from "./xds-rejects.ts";

/** @throws ProxymeterError E_PROMETHEUS, E_PROMQL; KubeError */
export async function prometheusFacts(
  prometheus: Pick<Prometheus, "address" | "query" | "targets">,
): Promise<PrometheusFacts> {
  const before = Date.now();
  const [clock] = await prometheus.query("vector(time())");
  // Prometheus read its clock somewhere between question and answer.
  const here = (before + Date.now()) / 2 / 1000;
  const [heartbeats, stale, configErrors, overflow, rejects, active] = await Promise.all([
    prometheus.query(HEARTBEAT_SECONDS),
    prometheus.query(`rate(${HEARTBEAT_SECONDS}[5m]) == 0`),
    prometheus.query(`${CONFIG_ERRORS} > 0`),
    prometheus.query(`increase(${DESTINATIONS_OVERFLOW}[1h]) > 0`),
    prometheus.query(`increase(${REJECTS}[15m])`),
    prometheus.targets(),
  ]);
  const sources = new Set(heartbeats.map(({ labels }) => sourceOf(labels)));
  const isOurs = ({ scrapePool, labels }: ScrapeTarget) =>
    /proxymeter/.test(scrapePool) || sources.has(sourceOf(labels));
  return {
    where: prometheus.address,
    targets: active.filter(isOurs).map(({ scrapePool, scrapeUrl, labels, health, lastError, scrapeInterval }) => ({
      pool: scrapePool,
      url: scrapeUrl,
      labels,
      // "unknown" is a target that was found a moment ago.
      isUp: health !== "down",
      lastError,
      intervalSeconds: durationSeconds(scrapeInterval),
    })),
    heartbeats,
    stale,
    configErrors,
    overflow,
    rejects,
    clockSkewSeconds: (clock?.value ?? here) - here,
  };
}

function sourceOf({ job, instance }: Readonly<Record<string, string>>): string {
  return `${job} ${instance}`;
}
