// SPDX-License-Identifier: Apache-2.0
/**
 * Live traffic to gateways that nobody declared, from a Prometheus: which workloads send it, and how much.
 * The gateways themselves are in no metric, so this ends in notes for the user and in no candidate.
 */
import * as contract from "../../../filter/core/contract.ts";
import type { Labels } from "../../prometheus/answer.ts";
import type { Prometheus } from "../../prometheus/client.ts";

const MOST_ROWS = 20;

/** The matcher of wanted namespaces in a label, with a comma before it, or nothing. */
type Only = (label: string) => string;

/** Both by workload over a day; the first where Proxymeter runs already, the second where only Istio does. */
const PROXIED = [contract.PROTOCOL_CONNECT, contract.PROTOCOL_SOCKS4, contract.PROTOCOL_SOCKS5].join("|");
const QUERIES = [
  {
    query: (only: Only) =>
      `topk(${MOST_ROWS}, sum by (namespace, pod) (increase(${contract.SENT_BYTES}{${contract.LABEL_VENDOR}="${contract.VALUE_UNKNOWN}",${contract.LABEL_PROTOCOL}=~"${PROXIED}"${only("namespace")}}[1d]))) > 0`,
    text: ({ namespace, pod }: Labels, bytes: string) =>
      `pod ${namespace}/${pod} sent ${bytes} in a day through proxies that no vendor has: find out which, and add their gateways`,
  },
  {
    // Istio counts from the server's view: what the pod receives is "sent".
    query: (only: Only) =>
      `topk(${MOST_ROWS}, sum by (source_workload_namespace, source_workload) (increase(istio_tcp_sent_bytes_total{reporter="source",destination_service_name="PassthroughCluster"${only("source_workload_namespace")}}[1d]))) > 0`,
    text: ({ source_workload_namespace: namespace, source_workload: workload }: Labels, bytes: string) =>
      `workload ${namespace}/${workload} received ${bytes} in a day from places that the mesh does not know: add the gateways among them`,
  },
];

/**
 * Sentences for the user.
 *
 * @param namespaces  only what these send; all where empty
 * @throws            what the query throws
 */
export async function undeclaredTraffic(
  prometheus: Pick<Prometheus, "query">,
  namespaces: readonly string[] = [],
): Promise<string[]> {
  // Taken literally: the expression quotes what means something in it, the string quotes the expression.
  const names = namespaces.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const only = (label: string) => (namespaces.length === 0 ? "" : `,${label}=~${JSON.stringify(names)}`);
  const notes: string[] = [];
  for (const { query, text } of QUERIES) {
    for (const { labels, value } of await prometheus.query(query(only))) notes.push(text(labels, bytesText(value)));
  }
  return notes;
}

function bytesText(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
