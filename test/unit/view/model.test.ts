// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about reading dashboards: times and intervals, variables in queries, answers as frames, numbers with units.
 */
import { describe, expect, it } from "vitest";
import { durationMs, readDashboard } from "../../../view/model/dashboard.ts";
import { displayName, framesOf } from "../../../view/model/frames.ts";
import type { GrafanaVariable } from "../../../view/model/grafana.ts";
import { type PanelQuery, panelQueries } from "../../../view/model/queries.ts";
import { intervalsOf, parseTime, promDuration } from "../../../view/model/time.ts";
import { formatNumber } from "../../../view/model/units.ts";
import { interpolate, optionsOf, usualChoice, variableQuery } from "../../../view/model/variables.ts";

const NOW = Date.UTC(2030, 0, 31, 12, 34, 56);
const vendor: GrafanaVariable = { name: "vendor", type: "query", multi: true, includeAll: true, allValue: ".*" };
const host: GrafanaVariable = { name: "host", type: "query", multi: true };

describe("parseTime", () => {
  it.each([
    ["now", NOW],
    ["now-5m", NOW - 300_000],
    ["now-2d/d", Date.UTC(2030, 0, 29)],
    ["1893456000000", Date.UTC(2030, 0, 1)],
    ["2030-01-31T00:00:00Z", Date.UTC(2030, 0, 31)],
    ["tomorrow", undefined],
    ["now-", undefined],
  ])("reads %s", (text, want) => {
    expect(parseTime(text, NOW)).toBe(want);
  });

  it("takes the end of a unit where an end is asked for", () => {
    expect(parseTime("now/d", NOW, true)).toBe(Date.UTC(2030, 1, 1) - 1);
  });
});

describe("intervalsOf", () => {
  const range = { from: NOW - 3_600_000, to: NOW };
  it.each([
    [{ maxPoints: 600, leastStep: "", scrapeMs: 1000 }, 5000, 6000],
    [{ maxPoints: 600, leastStep: "", scrapeMs: 30_000 }, 30_000, 120_000],
    [{ maxPoints: 600, leastStep: "1m", scrapeMs: 15_000 }, 60_000, 75_000],
    [{ maxPoints: 10, leastStep: "", scrapeMs: 15_000 }, 300_000, 315_000],
  ])("of an hour with %o has a step of %i ms and a rate over %i ms", (rules, stepMs, rateMs) => {
    expect(intervalsOf({ range, ...rules })).toEqual({ stepMs, rateMs, rangeMs: 3_600_000 });
  });

  it.each([
    [90_000, "90s"],
    [300_000, "5m"],
    [86_400_000, "1d"],
    [1500, "1500ms"],
  ])("%i ms is written %s", (ms, text) => {
    expect(promDuration(ms)).toBe(text);
    expect(durationMs(text)).toBe(ms);
  });
});

describe("interpolate", () => {
  const scope = (choices: Record<string, string[]>) => ({
    variables: [vendor, host],
    choices,
    options: { vendor: ["acme", "globex"], host: ["a.example", "b.example"] },
    builtIn: { __range: "3600s" },
  });
  const query = 'sum(rate(x{v=~"$vendor", h=~"$host"}[$__range]))';

  it.each([
    [{ vendor: ["$__all"], host: ["$__all"] }, 'v=~".*", h=~"(a\\\\.example|b\\\\.example)"'],
    [{ vendor: ["acme"], host: ["a.example"] }, 'v=~"acme", h=~"a\\\\.example"'],
    [{ vendor: ["acme", "globex"], host: ["b.example"] }, 'v=~"(acme|globex)", h=~"b\\\\.example"'],
    [{ vendor: ['a"} or up{b="'], host: ["x"] }, 'v=~"a\\"\\\\} or up\\\\{b=\\"", h=~"x"'],
  ])("of %o fills in %s", (choices, want) => {
    expect(interpolate(query, scope(choices))).toBe(`sum(rate(x{${want}}[3600s]))`);
  });

  it("leaves names alone that nobody knows, and writes titles for people", () => {
    expect(interpolate("$nobody $vendor", scope({ vendor: ["acme", "globex"] }), "text")).toBe("$nobody acme + globex");
  });

  it.each([
    ["label_values(proxy_vendor)", { kind: "labelValues", label: "proxy_vendor", selector: "" }],
    ['label_values(up{a=~"$b", c="d"}, pod)', { kind: "labelValues", label: "pod", selector: 'up{a=~"$b", c="d"}' }],
    ["query_result(topk(3, up))", { kind: "query", expression: "topk(3, up)" }],
  ])("a variable asks by %s", (text, want) => {
    expect(variableQuery({ ...vendor, query: { query: text } })).toEqual(want);
  });

  it("filters, orders and starts with all values, or the first", () => {
    const values = ["b-2", "a-10", "a-9", "c"];
    expect(optionsOf({ ...vendor, regex: "/^a-(\\d+)$/", sort: 3 }, values)).toEqual(["9", "10"]);
    expect(usualChoice(vendor, values)).toEqual(["$__all"]);
    expect(usualChoice({ name: "x", type: "query" }, values)).toEqual(["b-2"]);
    expect(usualChoice({ ...host, current: { value: ["a-9", "gone"] } }, values)).toEqual(["a-9"]);
  });
});

describe("panelQueries", () => {
  const scope = {
    variables: [],
    choices: {},
    options: {},
    range: { from: NOW - 60_500, to: NOW },
    scrapeMs: 1000,
    maxPoints: 60,
  };

  it("asks over whole steps, so that the same time is asked again", () => {
    const [query] = panelQueries(
      { id: 1, type: "timeseries", interval: "10s", targets: [{ refId: "A", expr: "x[$__rate_interval]" }] },
      scope,
    );
    expect(query).toMatchObject({ expression: "x[11s]", stepMs: 10_000, isInstant: false });
    expect([query?.startMs, query?.endMs].map((ms) => Number(ms) % 10_000)).toEqual([0, 0]);
  });

  it("asks once at the end where a target is instant, and nothing for hidden ones", () => {
    const targets = [
      { refId: "A", expr: "a", instant: true },
      { refId: "B", expr: "b", hide: true },
    ];
    const queries = panelQueries({ id: 1, type: "stat", targets }, scope);
    expect(queries.map(({ refId, isInstant, endMs }) => [refId, isInstant, endMs])).toEqual([["A", true, NOW]]);
  });
});

describe("framesOf", () => {
  const query: PanelQuery = {
    ...{ refId: "A", expression: "x", legend: "", format: "time_series", isInstant: false },
    ...{ startMs: 0, endMs: 3000, stepMs: 1000 },
  };
  const matrix = (series: [Record<string, string>, [number, string][]][]) => ({
    resultType: "matrix" as const,
    result: series.map(([metric, values]) => ({ metric, values })),
  });

  it("leaves a gap where a step has no sample, and takes NaN for none", () => {
    const [frame] = framesOf(
      query,
      matrix([
        [
          { vendor: "acme" },
          [
            [0, "1"],
            [2, "NaN"],
            [3, "+Inf"],
          ],
        ],
      ]),
    );
    expect(frame?.fields.map(({ values }) => values)).toEqual([
      [0, 1000, 2000, 3000],
      [1, null, null, Infinity],
    ]);
  });

  it.each([
    ["{{vendor}} in {{ pool }}", "acme in p1"],
    ["", '{vendor="acme", pool="p1"}'],
    ["{{missing}}!", "!"],
  ])("names a series by the legend %j", (legend, want) => {
    const answer = matrix([
      [{ vendor: "acme", pool: "p1", job: "j" }, [[0, "1"]]],
      [{ vendor: "globex", pool: "p2", job: "j" }, [[0, "1"]]],
    ]);
    const field = framesOf({ ...query, legend }, answer)[0]?.fields[1];
    expect(field && displayName(field)).toBe(want);
  });

  it("takes cumulative buckets apart, the lowest first", () => {
    const answer = matrix([
      [{ le: "+Inf" }, [[0, "7"]]],
      [{ le: "10" }, [[0, "5"]]],
      [{ le: "1" }, [[0, "2"]]],
    ]);
    const frames = framesOf({ ...query, format: "heatmap", legend: "{{le}}", endMs: 0 }, answer);
    expect(frames.map(({ name, fields }) => [name, fields[1]?.values])).toEqual([
      ["1", [2]],
      ["10", [3]],
      ["+Inf", [2]],
    ]);
  });
});

describe("formatNumber", () => {
  it.each([
    [0, "Bps", "0 B/s"],
    [1234, "Bps", "1.23 kB/s"],
    [999, "decbytes", "999 B"],
    [1_500_000, "decbytes", "1.5 MB"],
    [1536, "bytes", "1.5 KiB"],
    [0.12345, "percentunit", "12.3%"],
    [57.345, "reqps", "57.3 req/s"],
    [0.5, "ms", "500 µs"],
    [1500, "ms", "1.5 s"],
    [5400, "s", "1.5 hour"],
    [12_345, "short", "12.3 K"],
    [12_345, "none", "12345"],
    [-2500, "currencyUSD", "-$2.5 K"],
    [12, "suffix: pods", "12 pods"],
    [Number.POSITIVE_INFINITY, "short", "∞"],
  ])("writes %d in %s as %s", (value, unit, want) => {
    expect(formatNumber(value, unit)).toBe(want);
  });

  it("has as many decimals as are asked for", () => {
    expect(formatNumber(0.98765, "percentunit", 2)).toBe("98.77%");
  });
});

describe("readDashboard", () => {
  it("puts panels into their rows in reading order, those of collapsed rows too", () => {
    const at = (id: number, x: number, y: number) => ({ id, type: "stat", gridPos: { x, y, w: 6, h: 4 } });
    const panels = [
      at(2, 6, 0),
      at(1, 0, 0),
      { id: 9, type: "row", title: "More", gridPos: { x: 0, y: 4, w: 24, h: 1 } },
      at(3, 0, 5),
      {
        id: 10,
        type: "row",
        title: "Closed",
        collapsed: true,
        gridPos: { x: 0, y: 9, w: 24, h: 1 },
        panels: [at(4, 0, 10)],
      },
    ];
    const { rows, refreshMs } = readDashboard(JSON.stringify({ uid: "u", title: "t", refresh: "5s", panels }));
    expect(rows.map(({ title, panels: inside }) => [title, inside.map(({ id }) => id)])).toEqual([
      ["", [1, 2]],
      ["More", [3]],
      ["Closed", [4]],
    ]);
    expect(refreshMs).toBe(5000);
  });

  it("refuses what is no dashboard", () => {
    expect(() => readDashboard("{}")).toThrow(/no panels/);
  });
});
