// SPDX-License-Identifier: Apache-2.0
/**
 * The flow from senders through vendors to destinations as questions to Prometheus: what the flow panel draws and what
 * `proxymeter graph` exports, by the same PromQL. Putting the answers together is graph.ts.
 */
import { LABEL_DESTINATION, LABEL_VENDOR } from "../filter/core/contract.ts";
import * as recorded from "./recorded.ts";

/** What is looked at. */
export interface FlowScope {
  /** Range that ends when the question is asked, and how it is stepped through: `3600s` and `60s`, or Grafana's words. */
  window: string;
  /** Of the range, without the unit. */
  seconds: string;
  step: string;
  stepSeconds: string;
  /** Matchers of the series that are looked at. */
  matchers: Readonly<Record<Level, string>>;
  /** Who sends: single pods, or the workloads that own them. */
  sender: Sender;
  /** At most so many links on each side, those with the most bytes. */
  top: number;
}

export const SENDERS = ["pod", "workload"] as const;
export type Sender = (typeof SENDERS)[number];
export const MEASURES = ["requests", "bytes", "faults"] as const;
export type Measure = (typeof MEASURES)[number];
/** Links from senders to vendors, links from vendors to destinations, and the vendors themselves. */
export type Level = "sender" | "destination" | "vendor";
type Linked = Exclude<Level, "vendor">;

/**
 * So many steps of faults at most, whatever the range: each looks at every pod that had some, and up to 100 minutes each is
 * covered by a rate over five minutes.
 */
export const FLOW_STEPS = 20;
/** Seconds. */
export const SHORTEST_FLOW_STEP = 15;

/** Kinds of nodes; an id is the kind and the name: `pod/crawl/crawler-1`, `vendor/acme`, `destination/shop.example`. */
export const VENDOR_KIND = "vendor";
export const DESTINATION_KIND = "destination";

/** A growth over five minutes, and the rate of the same. */
type Pair = readonly [growth: string, rate: string];

const COUNTED: Readonly<Record<Level, Readonly<Record<Exclude<Measure, "faults">, readonly Pair[]>>>> = {
  // Rates of pods, as those of namespaces are written at other moments: senders add up to their vendors.
  vendor: {
    requests: [[recorded.NAMESPACE_REQUESTS_INCREASE, recorded.POD_REQUESTS_RATE]],
    bytes: [
      [recorded.NAMESPACE_SENT_INCREASE, recorded.POD_SENT_RATE],
      [recorded.NAMESPACE_RECEIVED_INCREASE, recorded.POD_RECEIVED_RATE],
    ],
  },
  sender: {
    requests: [[recorded.POD_REQUESTS_INCREASE, recorded.POD_REQUESTS_RATE]],
    bytes: [
      [recorded.POD_SENT_INCREASE, recorded.POD_SENT_RATE],
      [recorded.POD_RECEIVED_INCREASE, recorded.POD_RECEIVED_RATE],
    ],
  },
  destination: {
    requests: [[recorded.DESTINATION_REQUESTS_INCREASE, recorded.DESTINATION_REQUESTS_RATE]],
    bytes: [
      [recorded.DESTINATION_SENT_INCREASE, recorded.DESTINATION_SENT_RATE],
      [recorded.DESTINATION_RECEIVED_INCREASE, recorded.DESTINATION_RECEIVED_RATE],
    ],
  },
};
/** Only where there were some: few series, which have no growths. */
const FAULTS: Readonly<Record<Level, string>> = {
  vendor: recorded.NAMESPACE_FAULTS_RATE,
  sender: recorded.POD_FAULTS_RATE,
  destination: recorded.DESTINATION_FAULTS_RATE,
};
/** What ranks the links. Pods are many, so they have one series for it. */
const RANKED: Readonly<Record<Linked, readonly Pair[]>> = {
  sender: [[recorded.POD_WEIGHT_INCREASE, recorded.POD_WEIGHT_RATE]],
  destination: [...COUNTED.destination.requests, ...COUNTED.destination.bytes],
};
/** Seconds that a growth is of. */
const GROWTH_SECONDS = 300;

/** Links with `id`, `source` and `target`: ids of nodes. */
export function linksQuery(measure: Measure, scope: FlowScope): string {
  const [sender, vendor, destination] = [idOf(scope.sender), idOf(VENDOR_KIND), idOf(DESTINATION_KIND)];
  const toVendor = link(shown("sender", measure, scope), sender, vendor);
  return `${toVendor} or ${link(shown("destination", measure, scope), vendor, destination)}`;
}

/** Nodes with `id`, `title` and `subtitle`, the kind. A vendor's figures are its whole traffic, shown as links or not. */
export function nodesQuery(measure: Measure, scope: FlowScope): string {
  const { sender } = scope;
  const ofLinks = (level: Linked, labels: string[]) => sumBy(labels, shown(level, measure, scope));
  const [total, some] = [totals("vendor", measure, scope), totals("vendor", "bytes", scope)];
  // A link's vendor must be a node, also where only the other side of it is narrowed.
  const vendors = `((${total} or ${some} * 0) and ${some} > 0 or ${ofLinks("destination", [LABEL_VENDOR])})`;
  return [
    node(ofLinks("sender", ["namespace", sender]), sender, sender),
    node(vendors, VENDOR_KIND, LABEL_VENDOR),
    node(ofLinks("destination", [LABEL_DESTINATION]), DESTINATION_KIND, LABEL_DESTINATION),
  ].join(" or ");
}

/** The biggest links of one side, the same for all measures; 0 where a measure has nothing. */
function shown(level: Linked, measure: Measure, scope: FlowScope): string {
  const biggest = `topk(${scope.top}, ${rank(level, scope)} > 0)`;
  const figures = totals(level, measure, scope);
  const all = measure === "faults" ? `(${figures} or ${biggest} * 0)` : figures;
  return `(${all} and ${biggest})`;
}

/** Requests are ranked with the bytes, as a vendor that refuses every connection has requests and no bytes. */
function rank(level: Linked, scope: FlowScope): string {
  return `(${RANKED[level].map((pair) => grown(pair, level, scope)).join(" + ")})`;
}

function totals(level: Level, measure: Measure, scope: FlowScope): string {
  if (measure === "faults") return faults(level, scope);
  return `(${COUNTED[level][measure].map((pair) => grown(pair, level, scope)).join(" + ")})`;
}

/** Growths that were written in the range; before the first of a series, what its rate makes of five minutes or the range. */
function grown([growth, rate]: Pair, level: Level, scope: FlowScope): string {
  const { window, seconds, matchers } = scope;
  const now = `${rate}{${matchers[level]}}`;
  const perSecond = level === "vendor" ? sumBy(["cluster", "namespace", LABEL_VENDOR], now) : now;
  const young = `${perSecond} * scalar(clamp_max(vector(${seconds}), ${GROWTH_SECONDS}))`;
  return sumBy(labelsOf(level, scope), `sum_over_time(${growth}{${matchers[level]}}[${window}]) or ${young}`);
}

/** Rates added up over the range, each standing for one step. */
function faults(level: Level, scope: FlowScope): string {
  const { window, step, stepSeconds, matchers } = scope;
  const added = `sum_over_time(${FAULTS[level]}{${matchers[level]}}[${window}:${step}])`;
  return `${sumBy(labelsOf(level, scope), added)} * ${stepSeconds}`;
}

function labelsOf(level: Level, { sender }: FlowScope): string[] {
  if (level === "vendor") return [LABEL_VENDOR];
  return level === "sender" ? ["namespace", sender, LABEL_VENDOR] : [LABEL_VENDOR, LABEL_DESTINATION];
}

interface Id {
  kind: string;
  labels: readonly string[];
}

function idOf(kind: string): Id {
  if (kind === VENDOR_KIND) return { kind, labels: [LABEL_VENDOR] };
  return kind === DESTINATION_KIND ? { kind, labels: [LABEL_DESTINATION] } : { kind, labels: ["namespace", kind] };
}

function link(expression: string, from: Id, to: Id): string {
  const ends = withId(withId(expression, "source", from), "target", to);
  return sumBy(["id", "source", "target"], `label_join(${ends}, "id", " > ", "source", "target")`);
}

function node(expression: string, kind: string, title: string): string {
  const titled = `label_replace(${withId(expression, "id", idOf(kind))}, "title", "$1", "${title}", "(.*)")`;
  return sumBy(["id", "title", "subtitle"], `label_replace(${titled}, "subtitle", "${kind}", "", "")`);
}

function withId(expression: string, label: string, { kind, labels }: Id): string {
  const joined = `label_join(${expression}, "${label}", "/", ${labels.map((name) => `"${name}"`).join(", ")})`;
  return `label_replace(${joined}, "${label}", "${kind}/$1", "${label}", "(.*)")`;
}

function sumBy(labels: readonly string[], expression: string): string {
  return `sum by (${labels.join(", ")}) (${expression})`;
}
