// SPDX-License-Identifier: Apache-2.0
/**
 * The decisions about A, B, C and D: from figures to PASS or FAIL with evidence. Pure; the figures come from measure.ts, the
 * books are in books.ts, the load's doubling is in scale.ts.
 */
import { PROTOCOL_TLS, VALUE_OTHER, VALUE_UNKNOWN } from "../../filter/core/contract.ts";
import {
  agreement,
  type ByteField,
  type Counter,
  type Field,
  growth,
  keyOf,
  keysOf,
  numberText,
  podOf,
  type Span,
  spanText,
  standing,
  total,
} from "./figures.ts";
import type { Measured } from "./measure.ts";

export type State = "PASS" | "FAIL" | "SKIP";

export interface Verdict {
  id: "A" | "B" | "C" | "D" | "books" | "scale";
  title: string;
  state: State;
  /** What the figures were held against. */
  oracle: string;
  /** Facts, one a line. */
  evidence: string[];
  /** What made it FAIL or SKIP. */
  problems: string[];
  /** Expressions that show the same. */
  promql: string[];
}

export interface Question {
  measured: Measured;
  /** Vendors that must have traffic; empty: whichever have some. */
  vendors: readonly string[];
  promql: Record<Field, string[]> & { destinations: string[] };
}

const SHOWN_ROWS = 5;
/** Values that name nobody. */
const NAMELESS: readonly string[] = [VALUE_UNKNOWN, VALUE_OTHER, ""];
const OWN_TOTALS = "the vendor totals of the same pods, which are counted apart from their splits";

/** A, B, C and D, in this order. */
export function verdicts(question: Question): Verdict[] {
  return [
    requests(question),
    destinations(question),
    bytes(question, "C", "sentBytes"),
    bytes(question, "D", "receivedBytes"),
  ];
}

/** Vendors that must be seen: those asked for, else all with any traffic in the window. */
export function vendorsInQuestion({ measured, vendors }: Pick<Question, "measured" | "vendors">): string[] {
  if (vendors.length > 0) return [...vendors];
  const names = keysOf(measured.totals.requests.end).map((key) => keyOf(key).vendor);
  return [...new Set(names)].filter((vendor) => !NAMELESS.includes(vendor) && hasTraffic(measured, vendor));
}

/** Growth of a vendor total within the window, of all pods or of one. */
export function grownBy(measured: Measured, field: Field, vendor: string, pod?: string) {
  const counter = measured.totals[field];
  const own = keysOf(counter.end).filter(
    (key) => keyOf(key).vendor === vendor && (pod === undefined || podOf(key) === pod),
  );
  return total(own.map((key) => growth(counter, key, measured.resetPods.has(podOf(key)))));
}

function hasTraffic(measured: Measured, vendor: string): boolean {
  return (["requests", "sentBytes", "receivedBytes"] as const).some(
    (field) => grownBy(measured, field, vendor).high > 0,
  );
}

function requests(question: Question): Verdict {
  const { measured, promql } = question;
  const vendors = vendorsInQuestion(question);
  const evidence = vendors.map((vendor) => `${vendor}: ${spanText(grownBy(measured, "requests", vendor))} requests`);
  const idle = vendors.filter((vendor) => grownBy(measured, "requests", vendor).high === 0);
  const problems = idle.map((vendor) => {
    const isOpen = hasTraffic(measured, vendor);
    return `${vendor}: no request${isOpen ? ", though bytes flowed: its tunnels were opened before the window, take a longer one" : ""}`;
  });
  const unsure = vendors.filter((vendor) => isUnsure(grownBy(measured, "requests", vendor)));
  const split = splits(measured, "requests");
  return verdict({
    ...{ id: "A", title: "requests are counted per vendor", oracle: OWN_TOTALS, promql: promql.requests },
    evidence: [...evidence, split.evidence],
    problems: [...unfit(question, vendors), ...problems, ...split.problems],
    doubts: unsure.map((vendor) => doubt(`${vendor}: ${spanText(grownBy(measured, "requests", vendor))} requests`)),
  });
}

/** Whether all of it may have been counted before the window began. */
function isUnsure({ low, high }: Span): boolean {
  return low === 0 && high > 0;
}

function doubt(figure: string): string {
  return `${figure}: whether any belongs to the window cannot be told; take a longer --window`;
}

function destinations(question: Question): Verdict {
  const { measured, promql } = question;
  const vendors = vendorsInQuestion(question);
  const evidence: string[] = [];
  const problems: string[] = [];
  for (const vendor of vendors) {
    const rows = measured.destinations.filter((row) => row.vendor === vendor);
    const named = byDestination(rows.filter(({ destination }) => !NAMELESS.includes(destination)));
    const top = [...named].sort(([, a], [, b]) => b - a).slice(0, SHOWN_ROWS);
    const nameless = rows
      .filter(({ destination }) => NAMELESS.includes(destination))
      .reduce((sum, row) => sum + row.requests, 0);
    const isOpaque = rows.length > 0 && rows.every(({ protocol }) => protocol === PROTOCOL_TLS);
    const shown = top.map(([host, count]) => `${host} ${numberText(count)}`).join(", ");
    const rest = named.size > top.length ? ` and ${named.size - top.length} more` : "";
    const without = nameless > 0 ? `; ${numberText(nameless)} requests without a name` : "";
    const opaque = isOpaque ? "; all of it TLS to the gateway itself, whose destinations nobody outside can read" : "";
    evidence.push(`${vendor}: ${named.size} destinations${shown && `: ${shown}`}${rest}${without}${opaque}`);
    if (named.size === 0 && !isOpaque) problems.push(`${vendor}: no request has a destination by name`);
  }
  const hasNames = measured.destinations.some(
    ({ vendor, destination }) => vendors.includes(vendor) && !NAMELESS.includes(destination),
  );
  if (vendors.length > 0 && !hasNames && problems.length === 0)
    problems.push("no vendor has a destination that can be read");
  return verdict({
    ...{
      id: "B",
      title: "destinations are known per vendor",
      oracle: OWN_TOTALS,
      evidence,
      promql: promql.destinations,
    },
    problems: [...unfit(question, vendors), ...problems, ...splits(measured, "requests").problems],
  });
}

const DIRECTIONS: Record<ByteField, string> = { sentBytes: "sent", receivedBytes: "received" };

function bytes(question: Question, id: "C" | "D", field: ByteField): Verdict {
  const { measured, promql } = question;
  const direction = DIRECTIONS[field];
  const vendors = vendorsInQuestion(question);
  const keys = keysOf(measured.totals[field].end).filter((key) => vendors.includes(keyOf(key).vendor));
  const figure = (key: string, of: Field) => growth(measured.totals[of], key, measured.resetPods.has(podOf(key)));
  const active = keys.filter((key) => figure(key, field).high > 0);
  const largest = [...active].sort((a, b) => figure(b, field).high - figure(a, field).high).slice(0, SHOWN_ROWS);
  const grown = vendors.map((vendor) => ({ vendor, span: grownBy(measured, field, vendor) }));
  const silent = grown.filter(({ span }) => span.high === 0);
  const unsure = grown.filter(({ span }) => isUnsure(span));
  // By what the counters are, not by what they grew: a request may be counted just after the window began, its bytes just before.
  const is = (counter: Counter, key: string) => counter.end.get(key) ?? 0;
  const { totals, unreachable } = measured;
  const mute = keys.filter((key) => is(totals[field], key) === 0 && is(totals.requests, key) > is(unreachable, key));
  const split = splits(measured, field);
  return verdict({
    ...{ id, title: `${direction} bytes are counted per vendor and pod`, oracle: OWN_TOTALS, promql: promql[field] },
    evidence: [
      ...vendors.map((vendor) => `${vendor}: ${spanText(grownBy(measured, field, vendor))} bytes ${direction}`),
      ...largest.map(
        (key) => `${podOf(key)}: ${keyOf(key).vendor}: ${spanText(figure(key, field))} bytes ${direction}`,
      ),
      ...(active.length > largest.length ? [`and ${active.length - largest.length} more pairs of pod and vendor`] : []),
      split.evidence,
    ],
    problems: [
      ...unfit(question, vendors),
      ...silent.map(({ vendor }) => `${vendor}: no byte ${direction}`),
      ...mute.map((key) => `${podOf(key)}: ${keyOf(key).vendor}: answered requests, but no byte ${direction}`),
      ...split.problems,
    ],
    doubts: unsure.map(({ vendor, span }) => doubt(`${vendor}: ${spanText(span)} bytes ${direction}`)),
  });
}

/** What makes every figure worthless. */
function unfit({ measured }: Question, vendors: readonly string[]): string[] {
  const pods = keysOf(measured.totals.requests.end);
  return [
    ...(pods.length === 0 ? ["no pod has the filter's series in Prometheus; `proxymeter check` finds out why"] : []),
    ...(pods.length > 0 && vendors.length === 0 ? ["no vendor had traffic in the window"] : []),
    ...measured.doubledPods.map((pod) => `${pod} is scraped by more than one job, which doubles every sum`),
  ];
}

/** Whether the splits of a figure add up to its totals, for each pod and vendor, with the counters as they stand at the end. */
function splits(measured: Measured, field: Field): { evidence: string; problems: string[] } {
  const [whole, part] = [measured.totals[field], measured.splits[field]];
  const keys = keysOf(whole.end, part.end);
  const rows = keys.map((key) => ({ key, whole: standing(whole, key), part: standing(part, key) }));
  const judged = rows.map((row) => ({
    ...row,
    found: row.whole.high === row.part.high ? "equal" : agreement(row.part, row.whole),
  }));
  const count = (found: string) => judged.filter((row) => row.found === found).length;
  const moving = count("in motion") > 0 ? `; ${count("in motion")} were counting, and agree within one scrape` : "";
  return {
    evidence: `splits add up to the total in ${count("equal")} of ${rows.length} pairs of pod and vendor${moving}`,
    problems: judged
      .filter(({ found }) => found === "apart")
      .map(
        ({ key, ...row }) =>
          `${podOf(key)}: ${keyOf(key).vendor}: splits add up to ${spanText(row.part)} (expected ${spanText(row.whole)})`,
      ),
  };
}

function byDestination(rows: Measured["destinations"]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { destination, requests: count } of rows) counts.set(destination, (counts.get(destination) ?? 0) + count);
  return counts;
}

/** @param doubts  what keeps it from passing without being wrong */
function verdict({ doubts = [], ...parts }: Omit<Verdict, "state"> & { doubts?: readonly string[] }): Verdict {
  const state = parts.problems.length > 0 ? "FAIL" : doubts.length > 0 ? "SKIP" : "PASS";
  return { ...parts, state, problems: [...parts.problems, ...doubts] };
}
