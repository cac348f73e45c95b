// SPDX-License-Identifier: Apache-2.0
/**
 * What `proxymeter top` asks Prometheus, and the rows that its answers make: rates of late and counts so far by vendor, pod or
 * destination. Pure; asking, drawing and repeating are done elsewhere.
 */
import * as contract from "../../filter/core/contract.ts";

export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

export const GROUPINGS = ["vendor", "pod", "destination"] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface Row {
  name: string;
  /** Of late. */
  requestsPerSecond: number;
  sentBytesPerSecond: number;
  receivedBytesPerSecond: number;
  /** Share of the requests of late with the outcome `ok`, 0 to 1; null where no request had an outcome. */
  okShare: number | null;
  /** Counted by the pods that run now, since they started. */
  requests: number;
  sentBytes: number;
  receivedBytes: number;
  /** Open now; null where it is not known by that name. */
  connections: number | null;
}

export const SORT_KEYS = [
  ...["requestsPerSecond", "sentBytesPerSecond", "receivedBytesPerSecond", "okShare"],
  ...["requests", "sentBytes", "receivedBytes", "connections", "name"],
] as const;
export type SortKey = keyof Row;

export interface TopScope {
  /** Scrape job. */
  job: string;
  /** PromQL duration over which rates are taken. */
  window: string;
  /** Only these where given, by exact name; all namespaces where there are none. */
  vendor?: string | undefined;
  namespaces?: readonly string[];
}

type Column = Exclude<keyof Row, "name" | "okShare"> | "all" | "ok";

interface Families {
  by: readonly string[];
  requests: string;
  sent: string;
  received: string;
}

const OF_VENDOR = {
  requests: contract.VENDOR_REQUESTS,
  sent: contract.VENDOR_SENT_BYTES,
  received: contract.VENDOR_RECEIVED_BYTES,
};
const FAMILIES: Readonly<Record<Grouping, Families>> = {
  vendor: { by: [contract.LABEL_VENDOR], ...OF_VENDOR },
  pod: { by: ["namespace", "pod"], ...OF_VENDOR },
  destination: {
    by: [contract.LABEL_DESTINATION],
    requests: contract.REQUESTS,
    sent: contract.SENT_BYTES,
    received: contract.RECEIVED_BYTES,
  },
};

/** The questions of one grouping, by what their answers are. */
export function questions(grouping: Grouping, scope: TopScope): Partial<Record<Column, string>> {
  const { by, requests, sent, received } = FAMILIES[grouping];
  const sum = (expression: string) => `sum by (${by.join(", ")}) (${expression})`;
  const total = (metric: string, more = "") => sum(selector(metric, scope, more));
  const rate = (metric: string, more = "") => sum(`rate(${selector(metric, scope, more)}[${scope.window}])`);
  return {
    requestsPerSecond: rate(requests),
    sentBytesPerSecond: rate(sent),
    receivedBytesPerSecond: rate(received),
    requests: total(requests),
    sentBytes: total(sent),
    receivedBytes: total(received),
    all: rate(contract.REQUESTS, `${contract.LABEL_OUTCOME}!=""`),
    ok: rate(contract.REQUESTS, `${contract.LABEL_OUTCOME}="${contract.OUTCOME_OK}"`),
    ...(grouping !== "destination" && { connections: total(contract.ACTIVE_CONNECTIONS) }),
  };
}

function selector(metric: string, { job, vendor, namespaces = [] }: TopScope, more: string): string {
  const equal = (label: string, value: string | undefined) =>
    value === undefined ? "" : `${label}=${JSON.stringify(value)}`;
  const matchers = [equal("job", job), equal(contract.LABEL_VENDOR, vendor), oneOf("namespace", namespaces), more];
  return `${metric}{${matchers.filter((matcher) => matcher !== "").join(", ")}}`;
}

/** Names are taken literally: the expression quotes what means something in it, the string quotes the expression. */
function oneOf(label: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  return `${label}=~${JSON.stringify(names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"))}`;
}

/** Rows of one grouping; what had no request yet is left out. */
export function rowsOf(grouping: Grouping, answers: Partial<Record<Column, readonly Sample[]>>): Row[] {
  const { by } = FAMILIES[grouping];
  const nameOf = ({ labels }: Sample) => by.map((label) => labels[label] ?? "").join("/");
  const columns = new Map(
    Object.entries(answers).map(([column, samples]) => [
      column,
      new Map(samples.map((sample) => [nameOf(sample), sample.value])),
    ]),
  );
  const at = (column: Column, name: string) => columns.get(column)?.get(name);
  const names = [...(columns.get("requests")?.keys() ?? [])];
  const rows = names.map((name): Row => {
    const all = at("all", name) ?? 0;
    const number = (column: Column) => at(column, name) ?? 0;
    return {
      name,
      requestsPerSecond: number("requestsPerSecond"),
      sentBytesPerSecond: number("sentBytesPerSecond"),
      receivedBytesPerSecond: number("receivedBytesPerSecond"),
      okShare: all > 0 ? number("ok") / all : null,
      requests: number("requests"),
      sentBytes: number("sentBytes"),
      receivedBytes: number("receivedBytes"),
      connections: at("connections", name) ?? null,
    };
  });
  return rows.filter(({ requests, sentBytes, receivedBytes }) => requests + sentBytes + receivedBytes > 0);
}

/** The first so many: numbers from the largest down, names and shares of success from the smallest up, as the worst come first. */
export function topRows(rows: readonly Row[], key: SortKey, limit: number): Row[] {
  const isAscending = key === "name" || key === "okShare";
  const byKey = (a: Row, b: Row) => {
    if (key === "name") return a.name < b.name ? -1 : 1;
    const [x, y] = [a[key], b[key]];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return (isAscending ? x - y : y - x) || (a.name < b.name ? -1 : 1);
  };
  return [...rows].sort(byKey).slice(0, limit);
}
