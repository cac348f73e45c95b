// SPDX-License-Identifier: Apache-2.0
/**
 * The decision whether the books balance: metered bytes against an oracle that counted them elsewhere. Pure. Without an oracle,
 * or where it cannot tell, there is no PASS.
 */
import type { Verdict } from "./checks.ts";
import {
  agreement,
  BYTE_FIELDS,
  type ByteField,
  growth,
  isExact,
  keyOf,
  keysOf,
  podOf,
  type Span,
  spanText,
  total,
  uncertainty,
} from "./figures.ts";
import type { Measured } from "./measure.ts";

export type ByteSpans = Record<ByteField, Span>;

export interface Oracle {
  /** `loadgen's ledger`, `Envoy's counters of the gateways' clusters`. */
  name: string;
  /** What it counted within the window. `pod` is empty where it only knows vendors, `namespace` where it only knows names. */
  rows: OracleRow[];
  /** Vendors that it could speak for at all; it says nothing of others, and that is no zero. */
  vendors: readonly string[];
  /** How long it had been counting, where it begins with its own load. */
  seconds?: number;
  /** `namespace/name` of pods of which it, or the metering, began to count within the window, so that both may have begun apart. */
  begunPods?: ReadonlySet<string>;
  /** Connections whose bytes it has not written down yet. */
  openConnections?: number;
  promql: string[];
}

export interface OracleRow extends ByteSpans {
  namespace: string;
  pod: string;
  vendor: string;
}

/** The share of a vendor's bytes that may be on their way for the books to be told balanced all the same. */
const TOLERATED_SHARE = 0.01;
const SHOWN_ROWS = 10;
const TITLE = "they balance: metered bytes equal those that an oracle counted";
const NO_ORACLE =
  "no oracle: Prometheus has neither istio_tcp_*_bytes_total with our tags nor envoy_cluster_upstream_cx_*_bytes_total of the vendors' clusters, and no ledger was given";

interface Row {
  name: string;
  vendor: string;
  field: ByteField;
  metered: Span;
  counted: Span;
  hasReset: boolean;
  /** Whether the sides may have begun to count at different moments. */
  hasBegun: boolean;
}

/** PASS only where every row agrees, to the byte or within what is still on its way. */
export function booksVerdict(measured: Measured, oracle: Oracle | undefined, vendors: readonly string[]): Verdict {
  if (oracle === undefined) return verdict("SKIP", undefined, [], [NO_ORACLE]);
  const rows = pairRows(measured, oracle);
  const apart = rows.filter(({ metered, counted }) => agreement(metered, counted) === "apart");
  const unclear = apart.filter((row) => isUnclear(row, oracle));
  const wrong = apart.filter((row) => !unclear.includes(row));
  const evidence = sums(rows).map(
    ({ vendor, field, metered, counted }) =>
      `${vendor}: ${field}: ${spanText(metered)} metered, ${spanText(counted)} counted`,
  );
  if (wrong.length > 0) return verdict("FAIL", oracle, evidence, lines(wrong));
  const doubts = [
    ...coverage(measured, oracle, vendors),
    ...(rows.every(({ counted }) => counted.high === 0) ? ["the oracle counted no byte within the window"] : []),
    ...unclear.map((row) => `${line(row)}: ${reason(row, oracle)}`),
    ...inMotion(rows),
  ];
  if (doubts.length > 0) return verdict("SKIP", oracle, evidence, doubts);
  const isToTheByte = rows.every(({ metered, counted }) => isExact(metered) && isExact(counted));
  const share = Math.max(...sums(rows).map(({ metered, counted }) => uncertainty(metered, counted)));
  const how = isToTheByte
    ? "to the byte"
    : `with at most ${(share * 100).toFixed(2)} % of a vendor's bytes on their way`;
  const pairs = `${rows.length / BYTE_FIELDS.length} pairs of pod and vendor agree ${how}`;
  return verdict("PASS", oracle, [...evidence, pairs, ...outside(measured, oracle, vendors)], []);
}

/** One row for each pair that either side knows, and each direction. */
function pairRows(measured: Measured, oracle: Oracle): Row[] {
  const byPod = oracle.rows.every(({ pod }) => pod !== "");
  const rows = new Map(oracle.rows.map((row) => [rowName(row, byPod), row]));
  const keys = new Map<string, string[]>();
  for (const key of keysOf(measured.totals.sentBytes.end)) {
    const { namespace, pod, vendor } = keyOf(key);
    const names =
      oracle.rows.length > 0 && byPod ? [rowName({ namespace, pod, vendor }, true), `${pod}: ${vendor}`] : [vendor];
    const name = names.find((one) => rows.has(one)) ?? names[0] ?? vendor;
    const isSpokenFor = rows.has(name) || (oracle.vendors.includes(vendor) && hasRowsOf(oracle, namespace, pod));
    if (isSpokenFor) keys.set(name, [...(keys.get(name) ?? []), key]);
  }
  return [...new Set([...rows.keys(), ...keys.keys()])].sort().flatMap((name) =>
    BYTE_FIELDS.map((field): Row => {
      const own = keys.get(name) ?? [];
      const grown = own.map((key) => growth(measured.totals[field], key, measured.resetPods.has(podOf(key))));
      return {
        ...{ name, field, metered: total(grown), counted: rows.get(name)?.[field] ?? { low: 0, high: 0 } },
        vendor: rows.get(name)?.vendor ?? keyOf(own[0] ?? "").vendor,
        hasReset: own.some((key) => measured.resetPods.has(podOf(key))),
        hasBegun: own.some((key) => measured.latePods.has(podOf(key)) || oracle.begunPods?.has(podOf(key))),
      };
    }),
  );
}

function rowName({ namespace, pod, vendor }: Pick<OracleRow, "namespace" | "pod" | "vendor">, byPod: boolean): string {
  if (!byPod) return vendor;
  return `${namespace === "" ? pod : `${namespace}/${pod}`}: ${vendor}`;
}

function hasRowsOf(oracle: Oracle, namespace: string, pod: string): boolean {
  return oracle.rows.some((row) => row.pod === pod && (row.namespace === namespace || row.namespace === ""));
}

/** Differences that the oracle itself explains, as far as they go. */
function isUnclear({ metered, counted, hasReset, hasBegun }: Row, { openConnections = 0 }: Oracle): boolean {
  return hasReset || hasBegun || (openConnections > 0 && metered.low > counted.high);
}

function reason({ hasReset, hasBegun }: Row, { openConnections = 0 }: Oracle): string {
  if (hasReset) return "counters began anew within the window, so what was counted before is not known to the end";
  if (hasBegun)
    return "metering, or scraping, began within the window, for the two sides perhaps not at once; take a window that begins later";
  return `${openConnections} connections are open, whose bytes the ledger writes down when they end`;
}

/** Traffic that the oracle says nothing about. */
function coverage(measured: Measured, oracle: Oracle, vendors: readonly string[]): string[] {
  const { start, end } = measured.window;
  const missing = vendors.filter((vendor) => !oracle.vendors.includes(vendor));
  const isWhole = oracle.rows.every(({ namespace }) => namespace !== "");
  const pods = isWhole ? podsLeftOut(measured, oracle, vendors) : [];
  return [
    ...(missing.length > 0 ? [`the oracle says nothing of ${missing.join(", ")}`] : []),
    ...(pods.length > 0
      ? [`the oracle says nothing of ${pods.length} pods, such as ${pods[0]}; choose others by --pods`]
      : []),
    ...(oracle.seconds !== undefined && oracle.seconds > end - start
      ? [
          `the ledger counts for ${Math.ceil(oracle.seconds)} s, the window has ${Math.ceil(end - start)} s; take a longer --window`,
        ]
      : []),
  ];
}

/** A ledger knows the pods that its load ran in; that others carry traffic of the vendors too is no fault of either side. */
function outside(measured: Measured, oracle: Oracle, vendors: readonly string[]): string[] {
  const pods = podsLeftOut(measured, oracle, vendors);
  if (pods.length === 0) return [];
  return [`left out: ${pods.length} pods with traffic of which it says nothing, such as ${pods[0]}`];
}

/** Pods with traffic that an oracle by pod has no row of. */
function podsLeftOut(measured: Measured, oracle: Oracle, vendors: readonly string[]): string[] {
  if (oracle.rows.length === 0 || oracle.rows.some(({ pod }) => pod === "")) return [];
  const counter = measured.totals.sentBytes;
  const alone = keysOf(counter.end).filter((key) => {
    const { namespace, pod, vendor } = keyOf(key);
    return vendors.includes(vendor) && growth(counter, key, false).high > 0 && !hasRowsOf(oracle, namespace, pod);
  });
  return [...new Set(alone.map(podOf))];
}

/** Vendors of whose bytes too many are on their way to tell. */
function inMotion(rows: readonly Row[]): string[] {
  return sums(rows)
    .filter(({ metered, counted }) => uncertainty(metered, counted) > TOLERATED_SHARE)
    .map(({ vendor, field, metered, counted }) => {
      const share = (uncertainty(metered, counted) * 100).toFixed(1);
      return `${vendor}: ${field}: ${share} % are on their way (expected at most ${TOLERATED_SHARE * 100} %); stop the load for two scrapes, or take a longer --window`;
    });
}

function sums(rows: readonly Row[]): Row[] {
  const vendors = [...new Set(rows.map(({ vendor }) => vendor))].sort();
  return vendors.flatMap((vendor) =>
    BYTE_FIELDS.map((field): Row => {
      const own = rows.filter((row) => row.vendor === vendor && row.field === field);
      const sum = (side: "metered" | "counted") => total(own.map((row) => row[side]));
      return {
        ...{ name: vendor, vendor, field, metered: sum("metered"), counted: sum("counted") },
        hasReset: false,
        hasBegun: false,
      };
    }),
  );
}

function lines(rows: readonly Row[]): string[] {
  const more = rows.length > SHOWN_ROWS ? [`and ${rows.length - SHOWN_ROWS} more`] : [];
  return [...rows.slice(0, SHOWN_ROWS).map(line), ...more];
}

function line({ name, field, metered, counted }: Row): string {
  return `${name}: ${field}: ${spanText(metered)} metered (expected ${spanText(counted)})`;
}

function verdict(state: Verdict["state"], oracle: Oracle | undefined, evidence: string[], problems: string[]): Verdict {
  const { name = "none", promql = [] } = oracle ?? {};
  return { id: "books", title: TITLE, state, oracle: name, evidence, problems, promql };
}
