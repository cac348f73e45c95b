// SPDX-License-Identifier: Apache-2.0
/**
 * Figures by namespace, pod and vendor, what a counter may truly have been while counts were on their way, and sums of both. Pure.
 */

/** Requests, or bytes from pod to vendor, or from vendor to pod. */
export const FIELDS = ["requests", "sentBytes", "receivedBytes"] as const;
export type Field = (typeof FIELDS)[number];
export const BYTE_FIELDS = ["sentBytes", "receivedBytes"] as const;
export type ByteField = (typeof BYTE_FIELDS)[number];

export interface Key {
  namespace: string;
  pod: string;
  vendor: string;
}

/** One value for each key, such as a counter's at one moment. */
export type Reading = ReadonlyMap<string, number>;

/** A figure that is not finished: what was counted surely by then, and at most by now. Equal where nothing moved. */
export interface Span {
  low: number;
  high: number;
}

/**
 * A counter at both ends of a window, each end read twice: as it was a lag before, and as it was. What had been counted when it was
 * first seen, though long before, belongs to both readings of the start.
 */
export interface Counter {
  startBefore: Reading;
  start: Reading;
  endBefore: Reading;
  end: Reading;
  /** The part of the start's readings that was seen later than that. */
  past: Reading;
}

const SEPARATOR = "\0";

export function keyText({ namespace, pod, vendor }: Key): string {
  return [namespace, pod, vendor].join(SEPARATOR);
}

export function keyOf(text: string): Key {
  const [namespace = "", pod = "", vendor = ""] = text.split(SEPARATOR);
  return { namespace, pod, vendor };
}

/** `pod namespace/name`, without the vendor. */
export function podOf(text: string): string {
  const { namespace, pod } = keyOf(text);
  return `${namespace}/${pod}`;
}

export function exactly(value: number): Span {
  return { low: value, high: value };
}

export function isExact({ low, high }: Span): boolean {
  return low === high;
}

/**
 * By how much a counter grew within the window. One that began anew in it is counted from its new start: what it had counted
 * before is not known to the end, so the growth is at least this.
 */
export function growth(counter: Counter, key: string, hasReset: boolean): Span {
  const at = (reading: Reading) => reading.get(key) ?? 0;
  const { start, startBefore, end, endBefore } = counter;
  if (hasReset || at(end) < at(start)) return spanOf(Math.min(at(endBefore), at(end)), at(end));
  return spanOf(Math.min(at(endBefore), at(end)) - at(start), at(end) - Math.min(at(startBefore), at(start)));
}

/** The counter's last two values. */
export function standing({ endBefore, end }: Counter, key: string): Span {
  const last = end.get(key) ?? 0;
  return spanOf(Math.min(endBefore.get(key) ?? 0, last), last);
}

export function keysOf(...readings: readonly Reading[]): string[] {
  return [...new Set(readings.flatMap((reading) => [...reading.keys()]))].sort();
}

export function total(spans: Iterable<Span>): Span {
  const sum = { low: 0, high: 0 };
  for (const { low, high } of spans) {
    sum.low += low;
    sum.high += high;
  }
  return sum;
}

/** What can be said of two figures that should be one. */
export type Agreement = "equal" | "in motion" | "apart";

export function agreement(a: Span, b: Span): Agreement {
  if (a.low > b.high || b.low > a.high) return "apart";
  return isExact(a) && isExact(b) ? "equal" : "in motion";
}

/** Largest difference that two agreeing figures may have, as a share of the second. */
export function uncertainty(a: Span, b: Span): number {
  const width = Math.max(a.high, b.high) - Math.min(a.low, b.low);
  return width === 0 ? 0 : width / Math.max(b.high, 1);
}

/** Both ends where they differ, with thousands apart. */
export function spanText(span: Span): string {
  return isExact(span) ? numberText(span.high) : `${numberText(span.low)}..${numberText(span.high)}`;
}

export function numberText(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

function spanOf(low: number, high: number): Span {
  return { low: Math.max(Math.min(low, high), 0), high: Math.max(high, 0) };
}
