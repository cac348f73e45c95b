// SPDX-License-Identifier: Apache-2.0
/**
 * Many pods that answer at one address as metered sidecars do, as much text as a real one has, for figures of time. What a sidecar
 * really says is for the tests that run one.
 */
import http from "node:http";
import * as contract from "../../filter/core/contract.ts";
import type { Kube } from "./kube.ts";
import { addAddress } from "./namespace.ts";
import { crawlerPod, runningStatus } from "./objects.ts";

/** Of the pod network; no other test uses it. */
const ADDRESS = "10.244.0.11";
/** The agent's, which commands read through the API server. */
const PORT = 15_020;
/** Of a sidecar in a mesh of middle size, and of the filter with its default limits. */
const ENVOY_LINES = 2500;
const OUR_LINES = 600;
const AT_ONCE = 50;

export interface RunningFilter {
  readonly release: string;
  readonly digest: string;
  readonly configHash: string;
}

export interface Sidecars {
  /** How many scrapes were answered. */
  answers(): number;
  close(): Promise<void>;
}

/** Creates the pods and answers for them. */
export async function startManySidecars(
  kube: Kube,
  count: number,
): Promise<Sidecars & { run(filter: RunningFilter): void }> {
  let body = "";
  let answers = 0;
  await addAddress(ADDRESS);
  const server = http.createServer((_, response) => {
    answers++;
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(PORT, ADDRESS, resolve));
  for (let at = 0; at < count; at += AT_ONCE) {
    const pods = Array.from({ length: Math.min(AT_ONCE, count - at) }, (_, index) =>
      crawlerPod(`crawler-many-${at + index}`),
    );
    await Promise.all(
      pods.map(async (pod) => {
        await kube.apply(pod);
        await kube.setStatus(pod, runningStatus(ADDRESS));
      }),
    );
  }
  return {
    run: (filter) => {
      body = exposition(filter);
    },
    answers: () => answers,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function exposition({ release, digest, configHash }: RunningFilter): string {
  const info = { release, digest, config_hash: configHash, encoding: contract.ENCODING_FULL };
  const labels = Object.entries(info).map(([name, value]) => `${name}="${value}"`);
  const envoy = Array.from(
    { length: ENVOY_LINES },
    (_, index) =>
      `envoy_cluster_upstream_rq_total{cluster_name="outbound|80||service-${index}.crawl.svc.cluster.local"} ${index}`,
  );
  const ours = Array.from(
    { length: OUR_LINES },
    (_, index) =>
      `${contract.SENT_BYTES}{proxy_vendor="acme",proxy_pool="none",destination_host="shop-${index}.example",protocol="connect"} ${index}`,
  );
  return [...envoy, `${contract.INFO}{${labels.join(",")}} 1`, `${contract.CONFIG_ERRORS}{} 0`, ...ours, ""].join("\n");
}
