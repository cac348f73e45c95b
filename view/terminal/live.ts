// SPDX-License-Identifier: Apache-2.0
/**
 * Looks at Prometheus once, or again and again on a terminal until it is told to end. A question that fails is shown and asked again.
 */
import { setTimeout as delay } from "node:timers/promises";
import { createLogUpdate } from "log-update";
import { type Section, topText } from "./screen.ts";
import {
  type Grouping,
  questions,
  type Row,
  rowsOf,
  type Sample,
  type SortKey,
  type TopScope,
  topRows,
} from "./top.ts";

export interface Asked {
  /** For people; without credentials. */
  address: string;
  query(promql: string): Promise<readonly Sample[]>;
}

export interface TopOptions {
  groupings: readonly Grouping[];
  scope: TopScope;
  sort: SortKey;
  /** Rows of each grouping. */
  limit: number;
}

/** All rows by grouping, as they are now; sorted and cut. */
export async function lookOnce(prometheus: Asked, options: TopOptions): Promise<Section[]> {
  return Promise.all(options.groupings.map((grouping) => section(prometheus, grouping, options)));
}

async function section({ query }: Asked, grouping: Grouping, { scope, sort, limit }: TopOptions): Promise<Section> {
  const asked = Object.entries(questions(grouping, scope)).map(async ([column, expression]) => [
    column,
    await query(expression),
  ]);
  const rows: Row[] = rowsOf(grouping, Object.fromEntries(await Promise.all(asked)));
  return { grouping, rows: topRows(rows, sort, limit), count: rows.length };
}

export interface LiveOptions extends TopOptions {
  intervalMs: number;
  /** Ends it. */
  signal: AbortSignal;
}

/** Draws until the signal. The first look must succeed. */
export async function lookLive(prometheus: Asked, options: LiveOptions, terminal: NodeJS.WriteStream): Promise<void> {
  const draw = createLogUpdate(terminal);
  let text = topText(await lookOnce(prometheus, options));
  let problem = "";
  while (!options.signal.aborted) {
    const head = `proxymeter top: ${prometheus.address}, rates over ${options.scope.window}, Ctrl-C ends${problem}`;
    draw(`${head}\n\n${text}`);
    await delay(options.intervalMs, undefined, { signal: options.signal }).catch(() => {});
    if (options.signal.aborted) break;
    try {
      text = topText(await lookOnce(prometheus, options));
      problem = "";
    } catch (error) {
      problem = `\n${error instanceof Error ? error.message : error}; the figures are those of before`;
    }
  }
  draw.done();
}
