// SPDX-License-Identifier: Apache-2.0
/**
 * Byte counters of others that Prometheus may have: Istio's TCP metrics with our tags, and Envoy's own of the clusters that lead to
 * vendors' gateways. A table; which one is used, and how its labels become vendors.
 */
import { LABEL_VENDOR, VALUE_UNKNOWN } from "../../filter/core/contract.ts";
import { hostOf } from "../objects/declared-gateways.ts";
import type { Labels } from "../prometheus/answer.ts";
import type { Prometheus } from "../prometheus/client.ts";
import type { VendorsFile } from "../vendors/model.ts";
import type { Oracle, OracleRow } from "./books.ts";
import { type ByteField, type Counter, growth, keyOf, keysOf, keyText, podOf } from "./figures.ts";
import { FILTER_HOLD_SECONDS, latePodsOf, type Measured, readCounter, type Window } from "./measure.ts";
import { nowOrLast, once, type Scope, selector } from "./promql.ts";

export interface CounterOracle {
  name: string;
  metrics: Record<ByteField, string>;
  matchers: string[];
  /** The label that tells the vendor. */
  label: string;
  /** Seconds until what went over a socket is in the counter. */
  holdSeconds: number;
  /** Vendor of a value of the label; undefined for what is none. */
  vendor: (value: string) => string | undefined;
  /** Vendors that have ways past these counters. */
  isBlindTo: ReadonlySet<string>;
}

/** Istio writes its TCP metrics every 5 seconds. */
const ISTIO_HOLD_SECONDS = 5;

/** In order of preference. Envoy's clusters are vendors only to one who has vendors.yaml. */
export function counterOracles(file: VendorsFile | undefined): CounterOracle[] {
  // In the view of Istio the response is what is sent: https://istio.io/latest/docs/reference/config/metrics/
  const istio: CounterOracle = {
    name: "Istio's own TCP byte counters",
    metrics: { sentBytes: "istio_tcp_received_bytes_total", receivedBytes: "istio_tcp_sent_bytes_total" },
    matchers: ['reporter="source"', `${LABEL_VENDOR}!~"|${VALUE_UNKNOWN}"`],
    label: LABEL_VENDOR,
    holdSeconds: ISTIO_HOLD_SECONDS + FILTER_HOLD_SECONDS,
    vendor: (value) => value,
    isBlindTo: new Set(file?.vendors.filter(({ gateways }) => gateways.some(isHttp)).map(({ name }) => name)),
  };
  if (file === undefined) return [istio];
  const clusters = clustersOf(file);
  const envoy: CounterOracle = {
    name: "Envoy's own byte counters of the gateways' clusters",
    metrics: {
      sentBytes: "envoy_cluster_upstream_cx_tx_bytes_total",
      receivedBytes: "envoy_cluster_upstream_cx_rx_bytes_total",
    },
    matchers: ['cluster_name=~"outbound[|].*"'],
    label: "cluster_name",
    holdSeconds: FILTER_HOLD_SECONDS,
    vendor: (cluster) => clusters.get(gatewayOf(cluster)),
    isBlindTo: new Set(
      file.vendors.filter(({ gateways, cidrs }) => cidrs.length > 0 || gateways.some(isHttp)).map(({ name }) => name),
    ),
  };
  return [istio, envoy];
}

/** The first oracle that Prometheus has counters of; undefined without any. */
export async function presentOracle(
  prometheus: Prometheus,
  oracles: readonly CounterOracle[],
  scope: Scope,
): Promise<CounterOracle | undefined> {
  for (const oracle of oracles) {
    const found = await prometheus.query(`count by (${oracle.label}) (${metricOf(oracle, "sentBytes", scope)})`);
    if (found.some(({ labels }) => oracle.vendor(labels[oracle.label] ?? "") !== undefined)) return oracle;
  }
  return undefined;
}

/** What the oracle counted within the window, per pod and vendor. */
export async function readOracle(
  prometheus: Prometheus,
  oracle: CounterOracle,
  { scope, window, measured }: { scope: Scope; window: Window; measured: Pick<Measured, "resetPods" | "youngPods"> },
): Promise<Oracle> {
  const labels = ["namespace", "pod", oracle.label];
  const key = ({ namespace = "", pod = "", [oracle.label]: value = "" }: Labels) => {
    const vendor = oracle.vendor(value);
    const isKnown = vendor !== undefined && pod !== "" && !oracle.isBlindTo.has(vendor);
    return isKnown ? keyText({ namespace, pod, vendor }) : undefined;
  };
  const read = (field: ByteField) =>
    readCounter(prometheus, { metric: metricOf(oracle, field, scope), labels, key, window, scope, isShared: true });
  const [sent, received] = await Promise.all([read("sentBytes"), read("receivedBytes")]);
  const { resetPods, youngPods } = measured;
  const begun = [sent, received].flatMap((counter) => [
    ...latePodsOf(counter),
    // An Envoy that is older than the metering in it.
    ...[...counter.start]
      .filter(([text, value]) => value > 0 && youngPods.has(podOf(text)))
      .map(([text]) => podOf(text)),
  ]);
  const rows = keysOf(sent.end, received.end).map((text) =>
    rowOf(text, { sent, received, hasReset: resetPods.has(podOf(text)) }),
  );
  const seconds = Math.ceil(window.end - window.start);
  return {
    name: oracle.name,
    rows,
    vendors: [...new Set(rows.map(({ vendor }) => vendor))],
    begunPods: new Set(begun),
    promql: (["sentBytes", "receivedBytes"] as const).map((field) =>
      once((by) => nowOrLast(metricOf(oracle, field, scope), by, { scope, seconds }), labels),
    ),
  };
}

interface Both {
  sent: Counter;
  received: Counter;
  hasReset: boolean;
}

function rowOf(text: string, { sent, received, hasReset }: Both): OracleRow {
  return { ...keyOf(text), sentBytes: growth(sent, text, hasReset), receivedBytes: growth(received, text, hasReset) };
}

function metricOf({ metrics, matchers }: CounterOracle, field: ByteField, scope: Scope): string {
  return selector(metrics[field], scope, matchers);
}

/** Vendor by gateway, `host:port`. */
function clustersOf({ vendors }: VendorsFile): Map<string, string> {
  const entries = vendors.flatMap(({ name, gateways }) =>
    gateways.flatMap((gateway) =>
      gateway.ports.map((port): [string, string] => [`${hostOf(name, gateway)}:${port}`, name]),
    ),
  );
  return new Map(entries);
}

/** `host:port` of Istio's `outbound|port|subset|host`. */
function gatewayOf(cluster: string): string {
  const [, port = "", , host = ""] = cluster.split("|");
  return `${host.replace(/;$/, "")}:${port}`;
}

function isHttp({ mode }: { mode: string }): boolean {
  return mode === "http";
}
