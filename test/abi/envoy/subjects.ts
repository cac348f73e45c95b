// SPDX-License-Identifier: Apache-2.0
/**
 * The filters that hazards are run against, side by side: our own, and one on the base classes; and how each shows what it has
 * counted on a TCP connection.
 */
import { ROOT_NETWORK, VENDOR_RECEIVED_BYTES, VENDOR_SENT_BYTES } from "../../../filter/core/contract.ts";
import type { Sample } from "../../envoy/driver/exposition.ts";
import { FILTER, sampleFilter } from "../files.ts";
import type { WasmPlugin } from "./config.ts";

/** Cluster that every subject knows for a vendor's. */
export const CLUSTER = "outbound|8080||gw.acme.example";

export interface Subject {
  title: string;
  /** The plugin with a configuration that is another one for every number. */
  plugin(round: number): WasmPlugin;
  /** Names of the counters of sent and received bytes. */
  metrics: [sent: string, received: string];
}

export const SUBJECTS: readonly Subject[] = [
  {
    title: "the filter",
    plugin: (round) => ({
      kind: "network",
      module: FILTER,
      rootId: ROOT_NETWORK,
      configuration: filterConfiguration(round),
    }),
    metrics: [VENDOR_SENT_BYTES, VENDOR_RECEIVED_BYTES],
  },
  {
    title: "a filter on the base classes",
    plugin: (round) => ({
      kind: "network",
      module: sampleFilter("tcp"),
      rootId: "sample_tcp",
      configuration: `round ${round}`,
    }),
    metrics: ["sample_tcp_sent_bytes_total", "sample_tcp_received_bytes_total"],
  },
];

/** Configuration of our own plugins. */
export function filterConfiguration(round: number): string {
  const vendors = [{ name: "acme", gateways: [{ host: "gw.acme.example", port: 8080 }] }];
  return JSON.stringify({ release: "0.1.0", config_hash: `round-${round}`, vendors });
}

/** What the subject has counted: sent, received. */
export function countedBytes({ metrics }: Subject, samples: readonly Sample[]): number[] {
  return metrics.map((metric) => sumOf(samples, metric));
}

/** Sum of a family's samples. */
export function sumOf(samples: readonly Sample[], metric: string): number {
  return samples.filter(({ name }) => name === metric).reduce((sum, { value }) => sum + value, 0);
}
