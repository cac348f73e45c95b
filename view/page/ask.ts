// SPDX-License-Identifier: Apache-2.0
/**
 * Asks this page's own server, and through it Prometheus. A question that is under way already is not asked twice.
 */
import type { Answer } from "../model/frames.ts";
import { type PanelQuery, questionOf } from "../model/queries.ts";
import type { VariableQuery } from "../model/variables.ts";

export interface Site {
  prometheus: string;
  scrapeIntervalSeconds: number;
  /** What the page starts with instead of the dashboards' own time. */
  from?: string;
  dashboards: { uid: string; title: string }[];
}

interface Envelope<T> {
  status: "success" | "error";
  data?: T;
  error?: string;
}

const TIMEOUT_MS = 60_000;
const underWay = new Map<string, Promise<unknown>>();

export async function readSite(): Promise<Site> {
  return JSON.parse(await get("/site.json")) as Site;
}

export function readDashboardText(uid: string): Promise<string> {
  return get(`/dashboards/${encodeURIComponent(uid)}.json`);
}

/** @throws Error with Prometheus' own words */
export function askPanel(query: PanelQuery): Promise<Answer> {
  const { path, parameters } = questionOf(query);
  return ask<Answer>(path, parameters);
}

/** Values of a variable's question; none are known for those with fixed values. */
export async function askValues(query: VariableQuery, range: { from: number; to: number }): Promise<string[]> {
  if (query.kind === "fixed") return query.values;
  const times = { start: String(range.from / 1000), end: String(range.to / 1000) };
  if (query.kind === "labelValues") {
    const matches: Record<string, string> = query.selector === "" ? {} : { "match[]": query.selector };
    return ask<string[]>(`/api/v1/label/${query.label}/values`, { ...matches, ...times });
  }
  const answer = await ask<Answer>("/api/v1/query", { query: query.expression, time: times.end });
  return answer.resultType === "vector"
    ? answer.result.map(({ metric, value }) => `${JSON.stringify(metric)} ${value[1]}`)
    : [];
}

function ask<T>(path: string, parameters: Record<string, string>): Promise<T> {
  const body = new URLSearchParams(parameters);
  const key = `${path}?${body}`;
  const asked =
    (underWay.get(key) as Promise<T> | undefined) ?? post<T>(path, body).finally(() => underWay.delete(key));
  underWay.set(key, asked);
  return asked;
}

async function post<T>(path: string, body: URLSearchParams): Promise<T> {
  // A label's values can only be asked for with GET.
  const isPost = !path.endsWith("/values");
  const address = isPost ? path : `${path}?${body}`;
  const response = await fetch(address, {
    ...(isPost && { method: "POST", body }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { status, data, error } = (await response.json()) as Envelope<T>;
  if (status !== "success" || data === undefined)
    throw new Error(error ?? `this page's server answered ${response.status}`);
  return data;
}

async function get(path: string): Promise<string> {
  const response = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`this page's server answered ${response.status} for ${path}`);
  return response.text();
}
