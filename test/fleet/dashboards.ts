// SPDX-License-Identifier: Apache-2.0
/**
 * The dashboards' queries with the recorded series and without them: a row for each query, which goes into the file of figures.
 */
import { type PanelQuery, panelQueries, recordedExpressions, withoutRecorded } from "./panels.ts";
import {
  type DashboardFigures,
  dashboardsOf,
  type QueryFigures,
  RANGE_S,
  type Row,
  summaryOf,
  type Timed,
  timeQuery,
} from "./queries.ts";
import { QUERY_TIMEOUT_MS, ruleFiles, type Store } from "./store.ts";

const REPEATS = 5;
const RAW_TIMEOUT_S = 10;
const SAME = "reads no recorded series";
const NOT_ASKED = "not asked";

export interface QueryRow extends PanelQuery, Timed {
  /** Or why there is no such figure. */
  secondsWithoutRules: number | string;
}

export interface DashboardRow extends DashboardFigures {
  /** Of the queries that were asked without recorded series; what was given up counts with the time that it was given. */
  secondsWithoutRules: number;
  askedWithoutRules: number;
}

export interface AllQueries {
  queries: QueryRow[];
  dashboards: DashboardRow[];
  withRules: QueryFigures;
  withoutRules: QueryFigures;
}

export interface Asking {
  /** At most so many different queries are asked without recorded series, evenly chosen: they take most of a run. */
  raw: number;
  say: (line: string) => void;
}

export async function askDashboards(store: Store, { raw, say }: Asking): Promise<AllQueries> {
  const all = panelQueries(RANGE_S);
  say(`asking the ${all.length} queries of the dashboards`);
  const rows: Row[] = [];
  for (const query of all) {
    rows.push([query, await timeQuery(store, query, { repeats: REPEATS, timeoutSeconds: QUERY_TIMEOUT_MS / 1000 })]);
  }
  const without = await askRaw(store, all, { raw, say });
  const rawRows = all.flatMap((query): Row[] => {
    const timed = without.get(query);
    return timed === undefined || timed === SAME ? [] : [[query, timed]];
  });
  return {
    queries: rows.map(([query, timed]) => ({ ...query, ...timed, secondsWithoutRules: told(without.get(query)) })),
    dashboards: dashboardsOf(rows).map((one) => ({ ...one, ...rawOf(one.dashboard, rawRows) })),
    withRules: summaryOf(rows),
    withoutRules: summaryOf(rawRows),
  };
}

/** Queries that are the same text are asked once. */
async function askRaw(store: Store, all: readonly PanelQuery[], { raw, say }: Asking) {
  const recorded = recordedExpressions(ruleFiles());
  const rawOf = new Map(all.map((query) => [query, withoutRecorded(query.expr, recorded)]));
  const keyOf = (query: PanelQuery) => `${query.isRange} ${query.stepSeconds} ${rawOf.get(query)}`;
  const different = [...new Map(all.map((query) => [keyOf(query), query])).values()].filter(
    (query) => rawOf.get(query) !== query.expr,
  );
  const every = Math.max(1, Math.ceil(different.length / Math.max(1, raw)));
  const chosen = raw === 0 ? [] : different.filter((_, at) => at % every === 0);
  say(`asking ${chosen.length} of them without recorded series, for at most ${RAW_TIMEOUT_S} s each`);
  const timed = new Map<string, Timed>();
  for (const query of chosen) {
    const asked = { ...query, expr: rawOf.get(query) ?? query.expr };
    timed.set(keyOf(query), await timeQuery(store, asked, { repeats: 1, timeoutSeconds: RAW_TIMEOUT_S }));
  }
  return new Map(
    all.map((query) => [query, rawOf.get(query) === query.expr ? SAME : timed.get(keyOf(query))] as const),
  );
}

function told(timed: Timed | typeof SAME | undefined): number | string {
  if (timed === undefined) return NOT_ASKED;
  if (timed === SAME) return SAME;
  if (timed.error === undefined) return timed.seconds;
  return timed.error.includes("timed out") ? `gave up after ${RAW_TIMEOUT_S} s` : `failed: ${timed.error}`;
}

function rawOf(dashboard: string, rows: readonly Row[]) {
  const own = rows.filter(([query]) => query.dashboard === dashboard);
  return { askedWithoutRules: own.length, secondsWithoutRules: own.reduce((sum, [, { seconds }]) => sum + seconds, 0) };
}
