// SPDX-License-Identifier: Apache-2.0
/**
 * How long vendors take: percentiles of handshake, first byte and duration, and how they spread.
 */
import { LABEL_VENDOR } from "../../filter/core/contract.ts";
import * as series from "../recorded.ts";
import { heatmap } from "./heatmaps.ts";
import { HANDSHAKE } from "./limits.ts";
import { lines, type PanelBuilder, type Spec } from "./panels.ts";
import { quantile, recorded, sum } from "./selectors.ts";

const LEVELS = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;
const OK = 'result="ok"';

function percentiles(buckets: string, spec: Pick<Spec, "title" | "description"> & Partial<Spec>) {
  const queries = Object.entries(LEVELS).map(([name, level]) => ({
    expr: quantile(level, buckets, LABEL_VENDOR),
    legend: `{{${LABEL_VENDOR}}} ${name}`,
  }));
  return lines({ unit: "ms", width: 8, ...spec, queries });
}

function spread(buckets: string, title: string, description: string): PanelBuilder {
  return heatmap({
    title,
    description,
    unit: "ms",
    cellUnit: "reqps",
    isCumulative: true,
    width: 12,
    expr: sum(recorded(buckets, OK), "le"),
  });
}

export const latency = {
  title: "Latency",
  panels: [
    percentiles(series.HANDSHAKE_BUCKET_RATE, {
      title: "Handshake",
      description:
        "From a whole CONNECT or SOCKS request to the gateway's answer: the vendor's own share of the waiting.",
      limits: HANDSHAKE,
    }),
    percentiles(series.FIRST_BYTE_BUCKET_RATE, {
      title: "First byte",
      description: "From the request, or the opening of the tunnel, to the first byte from the destination.",
    }),
    percentiles(series.DURATION_BUCKET_RATE, {
      title: "Duration",
      description: "From the request to its end; of a tunnel, as long as it is open.",
    }),
    spread(
      series.FIRST_BYTE_BUCKET_RATE,
      "First byte, spread",
      "Requests per second by the time to their first byte, good requests only. Two bands are two kinds of exits.",
    ),
    spread(
      series.DURATION_BUCKET_RATE,
      "Duration, spread",
      "Requests per second by how long they took, good requests only.",
    ),
  ],
};
