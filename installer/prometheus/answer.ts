// SPDX-License-Identifier: Apache-2.0
/**
 * What Prometheus' HTTP API answers, and how its JSON becomes that. Pure; how answers are fetched is in fetcher.ts.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/
 */
import { ProxymeterError } from "../errors.ts";

export type Labels = Record<string, string>;

/** One element of an instant vector; `labels` has the metric's name as `__name__` where the expression kept it. */
export interface Sample {
  labels: Labels;
  value: number;
}

/** One element of a matrix: values by time in seconds of the epoch. */
export interface Series {
  labels: Labels;
  points: [time: number, value: number][];
}

export interface ScrapeTarget {
  labels: Labels;
  discoveredLabels: Labels;
  scrapePool: string;
  scrapeUrl: string;
  health: "up" | "down" | "unknown";
  lastError: string;
  /** RFC 3339. */
  lastScrape: string;
  /** Seconds. */
  lastScrapeDuration: number;
  /** Prometheus durations such as `15s`; absent before 2.30. */
  scrapeInterval?: string;
  scrapeTimeout?: string;
}

export interface RuleGroup {
  name: string;
  file: string;
  rules: Rule[];
}

export interface Rule {
  type: "alerting" | "recording";
  name: string;
  query: string;
  health: "ok" | "err" | "unknown";
  lastError?: string;
  labels?: Labels;
}

export interface BuildInfo {
  version: string;
  [member: string]: string;
}

interface Envelope {
  status: "success" | "error";
  data?: unknown;
  errorType?: string;
  error?: string;
}

interface Result {
  resultType: "vector" | "matrix" | "scalar" | "string";
  result: unknown;
}

/** The `data` of an answer. @throws ProxymeterError E_PROMQL when the expression is refused, E_PROMETHEUS for anything else */
export function dataOf(text: string, asked: string): unknown {
  const { status, data, error = "no reason", errorType } = envelope(text, asked);
  if (status === "success") return data;
  if (errorType === "bad_data" || errorType === "execution") {
    throw new ProxymeterError(
      "E_PROMQL",
      `Prometheus refused ${asked}: ${error}`,
      "check labels and window of the query",
    );
  }
  throw refused(asked, `${errorType ?? "an error"}: ${error}`);
}

/** Samples of an instant vector; a scalar is one sample without labels. */
export function samplesOf(data: unknown, asked: string): Sample[] {
  const { resultType, result } = data as Result;
  if (resultType === "scalar") return [{ labels: {}, value: numberOf((result as [number, string])[1]) }];
  if (resultType !== "vector") throw refused(asked, `a ${resultType} (expected a vector)`);
  const rows = result as { metric: Labels; value: [number, string] }[];
  return rows.map(({ metric, value }) => ({ labels: metric, value: numberOf(value[1]) }));
}

/** Series of a matrix. */
export function seriesOf(data: unknown, asked: string): Series[] {
  const { resultType, result } = data as Result;
  if (resultType !== "matrix") throw refused(asked, `a ${resultType} (expected a matrix)`);
  const rows = result as { metric: Labels; values: [number, string][] }[];
  return rows.map(({ metric, values }) => ({
    labels: metric,
    points: values.map(([time, value]) => [time, numberOf(value)]),
  }));
}

/** Prometheus writes `+Inf` where JavaScript reads `Infinity`. */
function numberOf(text: string): number {
  return Number(text.replace(/Inf$/, "Infinity"));
}

function envelope(text: string, asked: string): Envelope {
  try {
    const answer = JSON.parse(text) as Envelope;
    if (answer.status === "success" || answer.status === "error") return answer;
  } catch {
    // Said below, with what came instead.
  }
  const start = JSON.stringify(text.slice(0, 60));
  throw refused(asked, `an answer that is not Prometheus' (it begins with ${start})`);
}

function refused(asked: string, found: string): ProxymeterError {
  const hint = "check that the address is Prometheus' own, with its path prefix if it has one";
  return new ProxymeterError("E_PROMETHEUS", `cannot ask Prometheus for ${asked}: ${found}`, hint);
}
