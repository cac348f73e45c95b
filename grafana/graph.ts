// SPDX-License-Identifier: Apache-2.0
/**
 * The flow as a graph: senders, vendors and destinations as nodes, what went between them as links, with requests,
 * bytes and faults over a time range. From the questions of flow.ts, which the flow panel asks too.
 */
import { LABEL_VENDOR } from "../filter/core/contract.ts";
import {
  type DESTINATION_KIND,
  FLOW_STEPS,
  type FlowScope,
  linksQuery,
  MEASURES,
  type Measure,
  nodesQuery,
  SHORTEST_FLOW_STEP,
  type Sender,
  type VENDOR_KIND,
} from "./flow.ts";

/** Seconds of the epoch. */
export interface GraphRange {
  from: number;
  to: number;
}

export interface GraphOptions {
  range: GraphRange;
  sender: Sender;
  /** Links on each side. */
  top: number;
  /** None for all. */
  namespaces: readonly string[];
  vendors: readonly string[];
}

/** Over the range. Whole numbers but for faults, and for senders that are too young for a growth. */
export type Figures = Record<Measure, number>;

export interface GraphNode extends Figures {
  /** `vendor/acme`; what it begins with is the kind. */
  id: string;
  kind: Sender | typeof VENDOR_KIND | typeof DESTINATION_KIND;
  name: string;
}

export interface GraphLink extends Figures {
  /** Ids of nodes. */
  source: string;
  target: string;
}

export interface Graph {
  /** RFC 3339. */
  from: string;
  to: string;
  nodes: GraphNode[];
  links: GraphLink[];
}

/** Samples of an instant vector at a time in seconds of the epoch. */
export type Ask = (promql: string, time: number) => Promise<{ labels: Record<string, string>; value: number }[]>;

/** Rates are over five minutes: a step that is longer would leave some of the range out. */
const LONGEST_STEP = 300;

export async function readGraph(options: GraphOptions, ask: Ask): Promise<Graph> {
  const { range } = options;
  const scope = scopeOf(options);
  const nodes = await rowsOf((measure) => nodesQuery(measure, scope), range.to, ask);
  const links = await rowsOf((measure) => linksQuery(measure, scope), range.to, ask);
  return {
    from: timeText(range.from),
    to: timeText(range.to),
    nodes: nodes.map(({ labels, figures }) => ({
      id: labels.id ?? "",
      kind: (labels.subtitle ?? "") as GraphNode["kind"],
      name: labels.title ?? "",
      ...figures,
    })),
    links: links.map(({ labels, figures }) => ({
      source: labels.source ?? "",
      target: labels.target ?? "",
      ...figures,
    })),
  };
}

export function scopeOf({ range, sender, top, namespaces, vendors }: GraphOptions): FlowScope {
  const seconds = Math.ceil(range.to - range.from);
  const step = Math.min(LONGEST_STEP, Math.max(SHORTEST_FLOW_STEP, Math.ceil(seconds / FLOW_STEPS)));
  const ofVendors = oneOf(LABEL_VENDOR, vendors);
  const ofBoth = [oneOf("namespace", namespaces), ofVendors].filter((part) => part !== "").join(", ");
  return {
    window: `${seconds}s`,
    seconds: String(seconds),
    step: `${step}s`,
    stepSeconds: String(step),
    matchers: { sender: ofBoth, vendor: ofBoth, destination: ofVendors },
    ...{ sender, top },
  };
}

/** Names are taken literally: the expression quotes what means something in it, the string quotes the expression. */
function oneOf(label: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const expression = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  return `${label}=~${JSON.stringify(expression)}`;
}

interface Row {
  labels: Record<string, string>;
  figures: Figures;
}

/** One row for each id, biggest first; measures that say nothing of it are 0. */
async function rowsOf(query: (measure: Measure) => string, time: number, ask: Ask): Promise<Row[]> {
  const rows = new Map<string, Row>();
  for (const measure of MEASURES) {
    for (const { labels, value } of await ask(query(measure), time)) {
      const row = rows.get(labels.id ?? "") ?? { labels, figures: { requests: 0, bytes: 0, faults: 0 } };
      row.figures[measure] = value;
      rows.set(labels.id ?? "", row);
    }
  }
  return [...rows.values()].sort(
    (a, b) => b.figures.bytes - a.figures.bytes || (a.labels.id ?? "").localeCompare(b.labels.id ?? ""),
  );
}

function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.000Z$/, "Z");
}
