// SPDX-License-Identifier: Apache-2.0
/**
 * Raw samples of pods from before a window to its end, in pieces that Prometheus and this process can hold: a few pods at once, and,
 * where that was too much, fewer of them and shorter times. What samples mean is left to others.
 */
import type { Period } from "../../time/period.ts";
import type { RawSeries } from "./growth.ts";
import { LOOKBACK_MS, samplesOf, type Scope } from "./promql.ts";

/** Prometheus, as far as samples need it. Times are seconds of the epoch. */
interface RawSource {
  raw(selector: string, time?: number): Promise<RawSeries[]>;
}

/** Pods of which raw samples are asked at once: 48 hours of 80 series, scraped every 15 s, are 27 MB of JSON each. */
const PODS_AT_ONCE = 2;
/** Times are not halved below this: what is too much then is not the amount. */
const SHORTEST_MS = 6 * 3600 * 1000;

export interface RawRequest {
  metric: string;
  scope: Scope;
  window: Period;
  pods: readonly string[];
  /** Told how far it is. */
  say?: ((line: string) => void) | undefined;
}

/**
 * Batches of series, each with all series of its pods.
 *
 * @throws what asking Prometheus throws, unless it says that it was too much at once
 */
export async function* samplesInBatches(source: RawSource, request: RawRequest): AsyncGenerator<RawSeries[]> {
  const { metric, window, pods, say } = request;
  const span = { from: window.from - LOOKBACK_MS, to: window.to };
  for (let first = 0; first < pods.length; first += PODS_AT_ONCE) {
    say?.(`reading the samples of ${metric} of restarted pods (${first + 1} of ${pods.length})`);
    yield await readPiece(source, { ...request, window: span, pods: pods.slice(first, first + PODS_AT_ONCE) });
  }
}

async function readPiece(source: RawSource, piece: RawRequest): Promise<RawSeries[]> {
  const { metric, scope, window, pods } = piece;
  try {
    return await source.raw(samplesOf(metric, scope, window, pods), window.to / 1000);
  } catch (error) {
    const halves = isTooMuch(error) ? halvesOf(piece) : [];
    if (halves.length === 0) throw error;
    const read: RawSeries[] = [];
    for (const half of halves) read.push(...(await readPiece(source, half)));
    return joined(read);
  }
}

/** Fewer pods, else shorter times. */
function halvesOf(piece: RawRequest): RawRequest[] {
  const { pods, window } = piece;
  if (pods.length > 1) {
    const middle = Math.ceil(pods.length / 2);
    return [
      { ...piece, pods: pods.slice(0, middle) },
      { ...piece, pods: pods.slice(middle) },
    ];
  }
  const middle = Math.round((window.from + window.to) / 2);
  if (middle - window.from < SHORTEST_MS) return [];
  return [
    { ...piece, window: { from: window.from, to: middle } },
    { ...piece, window: { from: middle, to: window.to } },
  ];
}

/** Pieces are in order of time; a sample at the end of one may be in the next one again. */
function joined(pieces: readonly RawSeries[]): RawSeries[] {
  const series = new Map<string, RawSeries>();
  for (const piece of pieces) {
    const key = JSON.stringify(Object.entries(piece.labels).sort());
    const known = series.get(key);
    const end = known?.points.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY;
    const points = piece.points.filter(([time]) => time > end);
    series.set(key, known === undefined ? piece : { labels: known.labels, points: [...known.points, ...points] });
  }
  return [...series.values()];
}

/** Prometheus' own refusals and timeouts, and answers that this process cannot hold; not an end of the work, nor no connection. */
function isTooMuch(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause } = error as Error & { code?: unknown };
  if (error instanceof RangeError || error.name === "TimeoutError") return true;
  if (code === "E_PROMQL" || code === "E_TOO_LARGE" || code === "ERR_STRING_TOO_LONG") return true;
  return /\btimeout\b|\b504\b|too (many|long|large)|string longer/i.test(error.message) || isTooMuch(cause);
}
