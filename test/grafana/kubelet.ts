// SPDX-License-Identifier: Apache-2.0
/**
 * A stand-in for cAdvisor and kube-state-metrics, as there is no kubelet here: an exposition of made-up figures for the
 * containers of the rig's pods, under the real names. Panels that rest on it are not shown to be right, only to draw.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Pod } from "../../demo/pod.ts";

const CONTAINERS = { crawler: 0.2, "istio-proxy": 0.05 } as const;
const MEMORY_BYTES = 64_000_000;
const PERIODS_PER_SECOND = 10;

export interface Kubelet {
  /** `127.0.0.1:PORT` */
  address: string;
  close(): Promise<void>;
}

export async function startKubelet(pods: readonly Pod[]): Promise<Kubelet> {
  const start = Date.now();
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end(exposition(pods, (Date.now() - start) / 1000));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function exposition(pods: readonly Pod[], seconds: number): string {
  const rows = pods.flatMap(({ name, namespace }) =>
    Object.entries(CONTAINERS).flatMap(([container, cores]) => {
      const labels = `{namespace="${namespace}",pod="${name}",container="${container}"}`;
      const values = {
        container_cpu_usage_seconds_total: seconds * cores,
        container_memory_working_set_bytes: MEMORY_BYTES * (1 + cores),
        container_cpu_cfs_periods_total: seconds * PERIODS_PER_SECOND,
        container_cpu_cfs_throttled_periods_total: seconds * cores,
        kube_pod_container_status_restarts_total: 1,
      };
      return Object.entries(values).map(([metric, value]) => `${metric}${labels} ${value}`);
    }),
  );
  return `${rows.join("\n")}\n`;
}
