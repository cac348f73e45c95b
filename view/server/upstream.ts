// SPDX-License-Identifier: Apache-2.0
/**
 * What the page may ask Prometheus: four questions with the parameters they have, within limits. Pure but for the asking.
 * How Prometheus is reached is the caller's business.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/
 */

/** Some way to a Prometheus. */
export interface Upstream {
  /** For people; without credentials. */
  address: string;
  /**
   * The body of a GET below the API, `/api/v1/...`; Prometheus' own refusals are bodies too.
   *
   * @throws when there is no answer; an Error with code E_TOO_LARGE when it has more bytes, of which the rest is then not read
   */
  get(path: string, maxBytes: number): Promise<string>;
}

/** Of one answer: this program and the browser hold it whole. A page of dashboards has answers of kilobytes. */
export const ANSWER_BYTES = 64 * 1_048_576;
const QUERY_CHARACTERS = 20_000;
const SHORT_CHARACTERS = 100;
const RANGE_POINTS = 11_000;

interface Question {
  path: RegExp;
  /** Longest value in characters, by parameter. */
  parameters: Readonly<Record<string, number>>;
}

const TIMES = { start: SHORT_CHARACTERS, end: SHORT_CHARACTERS };
const QUESTIONS: readonly Question[] = [
  { path: /^\/api\/v1\/query$/, parameters: { query: QUERY_CHARACTERS, time: SHORT_CHARACTERS } },
  { path: /^\/api\/v1\/query_range$/, parameters: { query: QUERY_CHARACTERS, step: SHORT_CHARACTERS, ...TIMES } },
  {
    path: /^\/api\/v1\/label\/[A-Za-z_][A-Za-z0-9_]{0,99}\/values$/,
    parameters: { "match[]": QUERY_CHARACTERS, ...TIMES },
  },
  { path: /^\/api\/v1\/series$/, parameters: { "match[]": QUERY_CHARACTERS, ...TIMES } },
];

export type Asked = { path: string } | { mistake: string };

/** Whether there is such a question. */
export function isQuestion(path: string): boolean {
  return QUESTIONS.some((question) => question.path.test(path));
}

/** The question as Prometheus gets it, or what is wrong with it. */
export function questionOf(path: string, given: URLSearchParams): Asked {
  const question = QUESTIONS.find((candidate) => candidate.path.test(path));
  if (question === undefined) return { mistake: "no such question" };
  for (const [name, value] of given) {
    const longest = question.parameters[name];
    if (longest === undefined) return { mistake: `there is no parameter "${name}" here` };
    if (value.length > longest)
      return { mistake: `${name} has ${value.length} characters (expected at most ${longest})` };
  }
  const [start, end, step] = ["start", "end", "step"].map((name) => Number(given.get(name)));
  if (given.has("step") && start !== undefined && end !== undefined && step !== undefined) {
    const points = (end - start) / step;
    if (!(points >= 0 && points <= RANGE_POINTS)) {
      return { mistake: `start, end and step make ${points} points (expected 0 to ${RANGE_POINTS})` };
    }
  }
  return { path: `${path}?${given}` };
}

/** An error in the form in which Prometheus answers its own. */
export function errorBody(errorType: string, error: string): string {
  return JSON.stringify({ status: "error", errorType, error });
}
