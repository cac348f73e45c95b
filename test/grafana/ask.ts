// SPDX-License-Identifier: Apache-2.0
/**
 * Asks Prometheus what a panel asks, as Grafana would: once, or over a range at the panel's step.
 */
import { request } from "undici";
import type { Question } from "./checked-in.ts";
import { interpolate } from "./interpolation.ts";

export interface Look {
  /** Seconds of the epoch. */
  end: number;
  rangeSeconds: number;
  chosen?: Readonly<Record<string, string>>;
}

export interface Answer {
  /** Series that came; -1 where the query failed. */
  count: number;
  error?: string;
  /** Labels of the series. */
  labels: Record<string, string>[];
  milliseconds: number;
}

const SCRAPE_SECONDS = 15;
/** Points of a panel that is wide open. */
const POINTS = 400;

export async function ask(url: string, { panel, target }: Question, look: Look): Promise<Answer> {
  const points = Math.min(panel.maxDataPoints ?? POINTS, POINTS);
  const stepSeconds = Math.max(SCRAPE_SECONDS, Math.ceil(look.rangeSeconds / points));
  const query = interpolate(target.expr, { ...look, stepSeconds, scrapeSeconds: SCRAPE_SECONDS });
  const range = { start: String(look.end - look.rangeSeconds), end: String(look.end), step: String(stepSeconds) };
  const [path, times] = target.instant ? ["query", { time: String(look.end) }] : ["query_range", range];
  const started = performance.now();
  const { body } = await request(`${url}/api/v1/${path}`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ query, ...times }).toString(),
  });
  const answer = (await body.json()) as {
    error?: string;
    data?: { result: { metric: Record<string, string> }[] };
  };
  const milliseconds = performance.now() - started;
  if (answer.data === undefined) return { count: -1, error: answer.error ?? "no data", labels: [], milliseconds };
  const labels = answer.data.result.map(({ metric }) => metric);
  return { count: labels.length, labels, milliseconds };
}

/** Samples of an instant vector. */
export async function askAt(url: string, query: string, time: number) {
  const { body } = await request(`${url}/api/v1/query?${new URLSearchParams({ query, time: String(time) })}`);
  const answer = (await body.json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}
