// SPDX-License-Identifier: Apache-2.0
/**
 * Figures as validate reads them, from small tables: one pod or some, each vendor with what its counters were and are.
 */
import {
  type ByteField,
  type Counter,
  exactly,
  FIELDS,
  type Field,
  keyText,
} from "../../../../installer/validate/figures.ts";
import type { ByteSpans, Oracle } from "../../../../installer/validate/books.ts";
import type { Measured } from "../../../../installer/validate/measure.ts";

export interface Row {
  pod: string;
  vendor: string;
  /** Counters at the window's end; 0 at its start unless told. */
  totals: Record<Field, number>;
  start?: Record<Field, number>;
  /** A lag before the end; the same unless told. */
  before?: Record<Field, number>;
  /** Their splits; the same unless told. */
  splits?: Partial<Record<Field, number>>;
  splitsBefore?: Partial<Record<Field, number>>;
}

export const NOTHING = { requests: 0, sentBytes: 0, receivedBytes: 0 };
export const ACME: Row = { pod: "p-0", vendor: "acme", totals: { requests: 10, sentBytes: 1000, receivedBytes: 5000 } };
export const GLOBEX: Row = {
  pod: "p-0",
  vendor: "globex",
  totals: { requests: 4, sentBytes: 400, receivedBytes: 900 },
};

export function measuredOf(rows: readonly Row[], changes: Partial<Measured> = {}): Measured {
  return {
    window: { start: 1000, end: 1300, lagSeconds: 16 },
    totals: counters(rows, ({ totals, before = totals, start = NOTHING }) => ({ start, before, end: totals })),
    splits: counters(rows, ({ totals, before = totals, start = NOTHING, splits, splitsBefore = splits }) => {
      return { start, before: { ...before, ...splitsBefore }, end: { ...totals, ...splits } };
    }),
    unreachable: counters([], () => ({ start: NOTHING, before: NOTHING, end: NOTHING })).requests,
    destinations: rows.map(({ vendor, totals }) => ({
      ...{ vendor, destination: "shop-01.example", protocol: "connect", requests: totals.requests },
    })),
    resetPods: new Set(),
    youngPods: new Set(),
    latePods: new Set(),
    doubledPods: [],
    encodings: { full: 1 },
    ...changes,
  };
}

interface Ends {
  start: Record<Field, number>;
  before: Record<Field, number>;
  end: Record<Field, number>;
}

function counters(rows: readonly Row[], ends: (row: Row) => Ends): Record<Field, Counter> {
  const reading = (field: Field, end: keyof Ends) =>
    new Map(
      rows.map((row) => [keyText({ namespace: "crawl", pod: row.pod, vendor: row.vendor }), ends(row)[end][field]]),
    );
  const counter = (field: Field): Counter => ({
    ...{ startBefore: reading(field, "start"), start: reading(field, "start") },
    ...{ endBefore: reading(field, "before"), end: reading(field, "end"), past: new Map() },
  });
  return Object.fromEntries(FIELDS.map((field) => [field, counter(field)])) as Record<Field, Counter>;
}

/** An oracle that counted exactly what the rows have. */
export function oracleOf(rows: readonly Row[], changes: Partial<Oracle> = {}): Oracle {
  return {
    name: "a witness",
    rows: rows.map(({ pod, vendor, totals, start = NOTHING }) => {
      const counted = (field: ByteField) => exactly(totals[field] - start[field]);
      const spans: ByteSpans = { sentBytes: counted("sentBytes"), receivedBytes: counted("receivedBytes") };
      return { namespace: "crawl", pod, vendor, ...spans };
    }),
    vendors: [...new Set(rows.map(({ vendor }) => vendor))],
    promql: [],
    ...changes,
  };
}
