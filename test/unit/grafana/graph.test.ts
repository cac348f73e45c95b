// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about the graph: which questions it asks, how answers become nodes and links, and that hostile names stay names.
 */
import { describe, expect, it } from "vitest";
import { linksQuery, nodesQuery } from "../../../grafana/flow.ts";
import { type Ask, type GraphOptions, readGraph, scopeOf } from "../../../grafana/graph.ts";
import { graphDot, graphTable } from "../../../grafana/graph-text.ts";
import { rangeOf } from "../../../grafana/moments.ts";
import { questionsOf, readDashboards } from "../../grafana/checked-in.ts";

const OPTIONS: GraphOptions = {
  range: { from: 1_000_000, to: 1_003_600 },
  sender: "pod",
  top: 40,
  namespaces: [],
  vendors: [],
};

const NODES = [
  { id: "pod/crawl/crawler-0", title: "crawler-0", subtitle: "pod" },
  { id: "vendor/acme", title: "acme", subtitle: "vendor" },
  { id: "destination/shop.example", title: "shop.example", subtitle: "destination" },
];
const LINKS = [
  { id: "a", source: "pod/crawl/crawler-0", target: "vendor/acme" },
  { id: "b", source: "vendor/acme", target: "destination/shop.example" },
];

/** Answers with a value for each measure, by what its question sums up. */
const ask: Ask = async (promql) => {
  const isLinks = promql.startsWith("sum by (id, source, target)");
  const rows = isLinks ? LINKS : NODES;
  const isFaults = promql.includes("vendor_faults");
  const value = isFaults ? 1 : /^[^[]*bytes/.test(promql) ? 5000 : 20;
  return rows.map((labels, index) => ({ labels, value: value - index }));
};

describe("the graph", () => {
  it("has nodes and links with requests, bytes and faults, the biggest first", async () => {
    const graph = await readGraph(OPTIONS, ask);
    expect(graph).toEqual({
      from: "1970-01-12T13:46:40Z",
      to: "1970-01-12T14:46:40Z",
      nodes: [
        { id: "pod/crawl/crawler-0", kind: "pod", name: "crawler-0", requests: 20, bytes: 5000, faults: 1 },
        { id: "vendor/acme", kind: "vendor", name: "acme", requests: 19, bytes: 4999, faults: 0 },
        {
          id: "destination/shop.example",
          kind: "destination",
          name: "shop.example",
          requests: 18,
          bytes: 4998,
          faults: -1,
        },
      ],
      links: [
        { source: "pod/crawl/crawler-0", target: "vendor/acme", requests: 20, bytes: 5000, faults: 1 },
        { source: "vendor/acme", target: "destination/shop.example", requests: 19, bytes: 4999, faults: 0 },
      ],
    });
  });

  it.each([
    [60, "15s"],
    [3600, "180s"],
    [100 * 60, "300s"],
    [30 * 86_400, "300s"],
  ])("steps through %i seconds so that no part is left out", (seconds, step) => {
    const range = { from: 0, to: seconds };
    expect(scopeOf({ ...OPTIONS, range })).toMatchObject({ window: `${seconds}s`, step });
  });

  it("asks for the chosen vendors and namespaces by their names, whatever these are", () => {
    const scope = scopeOf({ ...OPTIONS, vendors: ["acme", 'a"}.*'], namespaces: ["crawl"] });
    expect(scope.matchers).toEqual({
      sender: String.raw`namespace=~"crawl", proxy_vendor=~"acme|a\"\\}\\.\\*"`,
      vendor: String.raw`namespace=~"crawl", proxy_vendor=~"acme|a\"\\}\\.\\*"`,
      destination: String.raw`proxy_vendor=~"acme|a\"\\}\\.\\*"`,
    });
  });

  it("is what the flow panel draws: the same questions but for Grafana's words", () => {
    const panel = readDashboards()
      .flatMap(questionsOf)
      .filter(({ panel: { type } }) => type === "nodeGraph");
    const drawn = new Map(panel.map(({ target: { refId, expr } }) => [refId, expr]));
    const asGrafana = {
      ...scopeOf(OPTIONS),
      ...{ window: "$__range", seconds: "$__range_s", step: "$__interval", stepSeconds: "$__interval_ms / 1000" },
      matchers: {
        sender: 'cluster=~"$cluster", namespace=~"$namespace", proxy_vendor=~"$vendor"',
        vendor: 'cluster=~"$cluster", namespace=~"$namespace", proxy_vendor=~"$vendor"',
        destination: 'cluster=~"$cluster", proxy_vendor=~"$vendor", destination_host=~"$destination"',
      },
    };
    for (const measure of ["requests", "bytes", "faults"] as const) {
      expect(drawn.get(`links-${measure}`)).toBe(linksQuery(measure, asGrafana));
      expect(drawn.get(`nodes-${measure}`)).toBe(nodesQuery(measure, asGrafana));
    }
    expect(drawn.size).toBe(6);
  });
});

describe("a graph as text", () => {
  it("is a row for each link", async () => {
    const text = graphTable(await readGraph(OPTIONS, ask));
    expect(text).toContain("1970-01-12T13:46:40Z to 1970-01-12T14:46:40Z");
    expect(text).toMatch(/pod\/crawl\/crawler-0 +vendor\/acme +20 +5\.0 kB +1/);
  });

  it("says that there was nothing", () => {
    const empty = { from: "2026-11-01T00:00:00Z", to: "2026-11-01T01:00:00Z", nodes: [], links: [] };
    expect(graphTable(empty)).toBe("nothing went through any vendor from 2026-11-01T00:00:00Z to 2026-11-01T01:00:00Z");
  });

  it("is DOT that names stay inside of", async () => {
    const hostile = 'x"]; evil [label="\\';
    const graph = await readGraph(OPTIONS, async (promql) =>
      promql.startsWith("sum by (id, source, target)")
        ? [{ labels: { id: "l", source: hostile, target: `${hostile}\u001b[31m` }, value: 1 }]
        : [{ labels: { id: hostile, title: hostile, subtitle: "pod" }, value: 1 }],
    );
    const dot = graphDot(graph);
    const bare = dot.replace(/"(?:[^"\\]|\\.)*"/g, "S");
    expect(bare).toBe(
      "digraph proxymeter {\n  label=S;\n  rankdir=LR;\n  S [label=S, shape=box];\n  S -> S [label=S, penwidth=8.0, color=S];\n}",
    );
    expect(dot).not.toContain("\u001b");
    expect(graphTable(graph)).not.toContain("\u001b");
  });
});

describe("a range of time", () => {
  const NOW = Date.parse("2026-11-02T00:00:00Z") / 1000;

  it.each([
    ["1h", "now", NOW - 3600, NOW],
    ["7d", "30m", NOW - 7 * 86_400, NOW - 1800],
    ["2026-11-01T06:00:00+02:00", "2026-11-01T06:00:00Z", NOW - 20 * 3600, NOW - 18 * 3600],
  ])("%s to %s", (from, to, start, end) => {
    expect(rangeOf(from, to, NOW)).toEqual({ from: start, to: end });
  });

  it.each([
    ["2026-11-01T06:00", "now", 'cannot use --from "2026-11-01T06:00" (expected a time with its zone'],
    ["1h", "soon", 'cannot use --to "soon"'],
    ["5m", "6m", "expected a beginning before the end"],
    ["2026-13-01T06:00:00Z", "now", "cannot use --from"],
  ])("%s to %s is a mistake of the user's", (from, to, message) => {
    expect(() => rangeOf(from, to, NOW)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(message) }),
    );
  });
});
