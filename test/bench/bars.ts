// SPDX-License-Identifier: Apache-2.0
/**
 * Every figure that the bench prints: what it is, against what it is held, and its bars. How it is taken is in `measures/`.
 */

export type Unit = "us" | "ms" | "bytes" | "MiB" | "x" | "per s" | "GiB/s" | "ns";

export interface Bar {
  measure: string;
  /** What it is held against, measured in the same run; "" for nothing. */
  peer: string;
  /** Of both figures. */
  unit: Unit;
  /** Unit of what is judged: theirs over ours, their difference, or ours alone. */
  judged: Unit;
  /** Whether the bars are upper or lower bounds. */
  sense?: "at most" | "at least";
  /** Bars that fail the run, and that do not. */
  must?: number;
  aim?: number;
}

const REQUEST = "Envoy CPU added by an HTTP request: requests, sent, received by vendor and host";
const FULL = "Envoy CPU added by an HTTP request, everything counted";
const CONNECT = "latency added to a CONNECT";
const REQUEST_LATENCY = "latency added to an HTTP request";
const WITHOUT = "Envoy without the filter";
const DIRECT = "no Envoy";

export const BARS = {
  "request-cpu/native": bar(REQUEST, "native stats access logger", "us", "x", "at most", 2.5, 1.2),
  "request-cpu/sdk": bar(REQUEST, "filter on the public SDK", "us", "x", "at most", 0.35, 0.15),
  "request-cpu/empty": bar(REQUEST, "empty module (the floor)", "us", "x"),
  "request-cpu/full": bar(FULL, "native stats access logger", "us", "x"),
  "request-cpu/carried": bar("HTTP requests a second of one worker, everything counted", WITHOUT, "per s", "x"),
  "connect-latency/p50": bar(`${CONNECT}, p50`, WITHOUT, "ms", "ms"),
  "connect-latency/p95": bar(`${CONNECT}, p95`, WITHOUT, "ms", "ms", "at most", 1, 0.1),
  "connect-latency/p99": bar(`${CONNECT}, p99`, WITHOUT, "ms", "ms"),
  "connect-latency/p50-direct": bar(`${CONNECT}, p50`, DIRECT, "ms", "ms"),
  "connect-latency/p95-direct": bar(`${CONNECT}, p95`, DIRECT, "ms", "ms", "at most", 10),
  "connect-latency/p99-direct": bar(`${CONNECT}, p99`, DIRECT, "ms", "ms"),
  "request-latency/p50": bar(`${REQUEST_LATENCY}, p50`, WITHOUT, "ms", "ms"),
  "request-latency/p95": bar(`${REQUEST_LATENCY}, p95`, WITHOUT, "ms", "ms", "at most", 1, 0.1),
  "request-latency/p99": bar(`${REQUEST_LATENCY}, p99`, WITHOUT, "ms", "ms"),
  "request-latency/p50-direct": bar(`${REQUEST_LATENCY}, p50`, DIRECT, "ms", "ms"),
  "request-latency/p95-direct": bar(`${REQUEST_LATENCY}, p95`, DIRECT, "ms", "ms", "at most", 10),
  "request-latency/p99-direct": bar(`${REQUEST_LATENCY}, p99`, DIRECT, "ms", "ms"),
  "throughput/sent": bar("bulk tunnel, 64 KiB writes, sent", WITHOUT, "GiB/s", "x", "at least", 0.95, 0.99),
  "throughput/received": bar("bulk tunnel, 64 KiB writes, received", WITHOUT, "GiB/s", "x", "at least", 0.95, 0.99),
  "tunnels/rate": bar("new tunnels a second, 1 KB each way", WITHOUT, "per s", "x", "at least", 0.9, 0.97),
  "tunnels/carried": bar("new tunnels a second of one worker, by its CPU", WITHOUT, "per s", "x"),
  "ledger/tunnel": bar(
    "Envoy CPU for a tunnel, with a ledger line for each",
    "the filter without a ledger",
    "us",
    "us",
  ),
  "ledger/request": bar(
    "Envoy CPU for an HTTP request, with a ledger line for each",
    "the filter without a ledger",
    "us",
    "us",
  ),
  "memory/one": bar("private memory, concurrency 1", "Envoy without Wasm", "MiB", "MiB", "at most", 8, 5),
  "memory/two": bar("private memory, concurrency 2", "Envoy without Wasm", "MiB", "MiB", "at most", 12, 7),
  "memory/tunnels": bar("resident memory with 1,000 idle tunnels", "Envoy without Wasm", "MiB", "MiB", "at most", 110),
  "lookup/module": bar(
    "vendor look-up, 10,000 prefixes, 1,000,000 addresses",
    "10 prefixes",
    "ns",
    "x",
    "at most",
    1.2,
    1.05,
  ),
  "lookup/memory": bar("growth of Wasm memory over 10,000 gateways", "", "bytes", "bytes", "at most", 0, 0),
  "lookup/envoy": bar(
    "Envoy CPU of a tunnel, 10,000 prefixes and gateways",
    "10 prefixes",
    "us",
    "x",
    "at most",
    1.2,
    1.05,
  ),
  "scrape/time": bar("/stats/prometheus with every destination slot used", "", "ms", "ms", "at most", 100, 20),
  "scrape/size": bar("size of that page", "", "bytes", "bytes"),
  "module/size": bar("size of the module", "", "bytes", "bytes", "at most", 65_536, 24_576),
  "module/ready": bar("from load to the first request counted", WITHOUT, "ms", "ms", "at most", 100),
  "growth/requests": bar("growth of Wasm memory over 1,000,000 requests", "", "bytes", "bytes", "at most", 0, 0),
  "growth/tunnels": bar("growth of Wasm memory over 100,000 tunnels", "", "bytes", "bytes", "at most", 0, 0),
} as const satisfies Record<string, Bar>;

export type BarId = keyof typeof BARS;

function bar(
  measure: string,
  peer: string,
  unit: Unit,
  judged: Unit,
  sense?: "at most" | "at least",
  must?: number,
  aim?: number,
): Bar {
  return {
    measure,
    peer,
    unit,
    judged,
    ...(sense && { sense }),
    ...(must !== undefined && { must }),
    ...(aim !== undefined && { aim }),
  };
}
