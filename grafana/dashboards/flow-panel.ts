// SPDX-License-Identifier: Apache-2.0
/**
 * The flow from pods through vendors to destinations as a node graph: the links and nodes of grafana/flow.ts, in the
 * fields by which Grafana's panel knows them. `proxymeter graph` exports the same.
 *
 * @see https://grafana.com/docs/grafana/latest/panels-visualizations/visualizations/node-graph/#data-api
 */
import type { DataTransformerConfig } from "@grafana/grafana-foundation-sdk/dashboard";
import {
  EdgeOptionsBuilder,
  NodeOptionsBuilder,
  PanelBuilder as NodeGraph,
} from "@grafana/grafana-foundation-sdk/nodegraph";
import { PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import {
  FLOW_STEPS,
  type FlowScope,
  linksQuery,
  MEASURES,
  type Measure,
  nodesQuery,
  SHORTEST_FLOW_STEP,
} from "../flow.ts";
import { DESTINATION_REQUESTS_RATE, NAMESPACE_REQUESTS_RATE, POD_REQUESTS_RATE } from "../recorded.ts";
import { described, type PanelBuilder, query, type Spec } from "./panels.ts";
import { matchersOf } from "./selectors.ts";

type Frame = "links" | "nodes";

/** Which field of Grafana's a measure becomes. */
const FIELDS: Readonly<Record<Measure, string>> = {
  bytes: "mainstat",
  requests: "secondarystat",
  faults: "detail__faults",
};
/** Links on each side: more can't be read. */
const TOP = 40;

const SCOPE: FlowScope = {
  window: "$__range",
  seconds: "$__range_s",
  step: "$__interval",
  stepSeconds: "$__interval_ms / 1000",
  matchers: {
    sender: matchersOf(POD_REQUESTS_RATE),
    destination: matchersOf(DESTINATION_REQUESTS_RATE),
    vendor: matchersOf(NAMESPACE_REQUESTS_RATE),
  },
  sender: "pod",
  top: TOP,
};

export function flowPanel(spec: Omit<Spec, "queries" | "unit" | "limits">): PanelBuilder {
  const panel = described(new NodeGraph(), { ...spec, unit: "decbytes" })
    .nodes(new NodeOptionsBuilder().mainStatUnit("decbytes").secondaryStatUnit("short"))
    .edges(new EdgeOptionsBuilder().mainStatUnit("decbytes").secondaryStatUnit("short"))
    .maxDataPoints(FLOW_STEPS)
    .interval(`${SHORTEST_FLOW_STEP}s`)
    .transformations([oneTable("links"), oneTable("nodes"), named()]);
  for (const measure of MEASURES) panel.withTarget(target("links", measure, linksQuery(measure, SCOPE)));
  for (const measure of MEASURES) panel.withTarget(target("nodes", measure, nodesQuery(measure, SCOPE)));
  return panel;
}

function target(frame: Frame, measure: Measure, expr: string) {
  return query({ expr, legend: "" }, 0).refId(`${frame}-${measure}`).instant().format(PromQueryFormat.Table);
}

/** The answers about links, or about nodes, as one table. */
function oneTable(frame: Frame): DataTransformerConfig {
  return { id: "merge", filter: { id: "byRefId", options: `/^${frame}-/` }, options: {} };
}

/** Columns under the names by which the panel knows them; of both tables, as merged tables have no refId. */
function named(): DataTransformerConfig {
  const columns = (["links", "nodes"] as const).flatMap((frame) =>
    MEASURES.map((measure) => [`Value #${frame}-${measure}`, FIELDS[measure]]),
  );
  return {
    id: "organize",
    options: { excludeByName: { Time: true }, indexByName: {}, renameByName: Object.fromEntries(columns) },
  };
}
