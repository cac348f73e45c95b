// SPDX-License-Identifier: Apache-2.0
/**
 * Asks Prometheus for the value of an expression now.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
 */
import { request } from "undici";
import { DemoFailure } from "../failure.ts";

const ANSWER_DEADLINE_MS = 10_000;

export interface Sample {
  /** The metric's labels, its name among them as `__name__`. */
  labels: Record<string, string>;
  value: number;
}

export type Query = (expression: string) => Promise<Sample[]>;

interface Answer {
  status: string;
  error?: string;
  data?: { resultType: string; result: { metric: Record<string, string>; value: [number, string] }[] };
}

/**
 * Samples of an instant vector.
 *
 * @param url  `http://127.0.0.1:PORT`
 * @throws     DemoFailure E_QUERY when Prometheus can't be reached or refuses the expression
 */
export async function instantVector(url: string, expression: string): Promise<Sample[]> {
  const answer = await ask(`${url}/api/v1/query`, expression);
  if (answer.status !== "success" || answer.data?.resultType !== "vector") {
    throw queryFailure(expression, answer.error ?? `a ${answer.data?.resultType ?? "reply"} (expected a vector)`);
  }
  return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

async function ask(endpoint: string, expression: string): Promise<Answer> {
  try {
    const url = `${endpoint}?${new URLSearchParams({ query: expression })}`;
    const { body } = await request(url, { signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) });
    return (await body.json()) as Answer;
  } catch (error) {
    throw queryFailure(expression, String(error), error);
  }
}

function queryFailure(expression: string, found: string, cause?: unknown): DemoFailure {
  const hint = "if Prometheus has ended, something on this machine ended it; start again";
  return new DemoFailure("E_QUERY", `cannot ask Prometheus for "${expression}": ${found}`, hint, { cause });
}
