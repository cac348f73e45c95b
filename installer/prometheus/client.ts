// SPDX-License-Identifier: Apache-2.0
/**
 * Prometheus' HTTP API as the commands use it: expressions now, at a time and over a range, and what it scrapes and runs.
 * Only reads. Where it is and how it is reached is the fetcher's.
 */
import {
  type BuildInfo,
  dataOf,
  type Labels,
  type RuleGroup,
  type Sample,
  type ScrapeTarget,
  type Series,
  samplesOf,
  seriesOf,
} from "./answer.ts";
import type { Fetcher } from "./fetcher.ts";

/** Seconds of the epoch. */
export interface TimeRange {
  start: number;
  end: number;
}

export interface Prometheus {
  /** Where it is, without credentials. */
  readonly address: string;
  /**
   * Samples of an instant vector or scalar.
   *
   * @param time  seconds of the epoch; now unless told
   * @throws      ProxymeterError E_PROMQL, E_PROMETHEUS; KubeError
   */
  query(promql: string, time?: number): Promise<Sample[]>;
  /** The raw samples of a range selector such as `up[5m]`, as they were scraped. */
  raw(selector: string, time?: number): Promise<Series[]>;
  /** An expression evaluated every `step` seconds. */
  queryRange(promql: string, range: TimeRange & { step: number }): Promise<Series[]>;
  /** Active scrape targets. */
  targets(): Promise<ScrapeTarget[]>;
  rules(): Promise<RuleGroup[]>;
  /** The loaded configuration as YAML; Prometheus hides its secrets. */
  config(): Promise<string>;
  buildInfo(): Promise<BuildInfo>;
  /** Label sets of the series that any of the selectors matches. */
  series(selectors: readonly string[], range?: TimeRange): Promise<Labels[]>;
}

export function makePrometheus({ address, get }: Fetcher): Prometheus {
  const ask = async (path: string, asked: string, parameters: [string, string][] = []) => {
    const query = new URLSearchParams(parameters);
    return dataOf(await get(`/api/v1/${path}${query.size > 0 ? `?${query}` : ""}`), asked);
  };
  const evaluate = (promql: string, time: number | undefined) => {
    const at: [string, string][] = time === undefined ? [] : [["time", String(time)]];
    return ask("query", quoted(promql), [["query", promql], ...at]);
  };
  return {
    address,
    query: async (promql, time) => samplesOf(await evaluate(promql, time), quoted(promql)),
    raw: async (selector, time) => seriesOf(await evaluate(selector, time), quoted(selector)),
    async queryRange(promql, range) {
      const parameters = Object.entries(range).map(([name, value]): [string, string] => [name, String(value)]);
      return seriesOf(await ask("query_range", quoted(promql), [["query", promql], ...parameters]), quoted(promql));
    },
    async targets() {
      const data = await ask("targets", "its targets", [["state", "active"]]);
      return (data as { activeTargets: ScrapeTarget[] }).activeTargets;
    },
    rules: async () => ((await ask("rules", "its rules")) as { groups: RuleGroup[] }).groups,
    config: async () => ((await ask("status/config", "its configuration")) as { yaml: string }).yaml,
    buildInfo: async () => (await ask("status/buildinfo", "its version")) as BuildInfo,
    async series(selectors, range) {
      const times = Object.entries(range ?? {}).map(([name, value]): [string, string] => [name, String(value)]);
      const matches = selectors.map((selector): [string, string] => ["match[]", selector]);
      return (await ask("series", selectors.map(quoted).join(", "), [...matches, ...times])) as Labels[];
    },
  };
}

function quoted(promql: string): string {
  return `"${promql}"`;
}
