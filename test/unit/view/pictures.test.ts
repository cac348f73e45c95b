// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about what panels show: transformations, field configuration, and the picture of each panel type with its table.
 */
import { describe, expect, it } from "vitest";
import { configured, shown } from "../../../view/model/fields.ts";
import { type Cell, type Frame, field } from "../../../view/model/frames.ts";
import type { FieldConfig, GrafanaPanel } from "../../../view/model/grafana.ts";
import { drawn, isNothing } from "../../../view/model/pictures/draw.ts";
import { summary } from "../../../view/model/pictures/summary.ts";
import { asTable } from "../../../view/model/pictures/table.ts";
import { transformed } from "../../../view/model/transformations.ts";

function table(refId: string, columns: Record<string, Cell[]>): Frame {
  const fields = Object.entries(columns).map(([name, values]) =>
    field(name, name === "Time" ? "time" : typeof values[0] === "number" ? "number" : "string", values),
  );
  return { refId, fields };
}

function series(name: string, values: (number | null)[]): Frame {
  const times = values.map((_, index) => index * 1000);
  return {
    refId: "A",
    name,
    fields: [field("Time", "time", times), { ...field("Value", "number", values), legend: name }],
  };
}

function panel(type: string, more: Partial<GrafanaPanel> = {}): GrafanaPanel {
  return { id: 1, type, title: "P", ...more };
}

describe("transformed", () => {
  const requests = table("A", { Time: [5, 5], proxy_vendor: ["acme", "globex"], Value: [1, 2] });
  const bytes = table("B", { Time: [5, 5], proxy_vendor: ["globex", "initech"], Value: [20, 30] });
  const steps = [
    { id: "merge", options: {} },
    {
      id: "organize",
      options: {
        excludeByName: { Time: true },
        indexByName: { proxy_vendor: 0, "Value #B": 1, "Value #A": 2 },
        renameByName: { proxy_vendor: "Vendor", "Value #A": "Requests", "Value #B": "Bytes" },
      },
    },
  ];

  it("merges tables by their texts, and renames, orders and leaves out columns", () => {
    const picture = drawn(panel("table", { transformations: steps }), [requests, bytes]);
    const { columns, rows } = asTable(picture);
    expect(columns.map(({ name }) => name)).toEqual(["Vendor", "Bytes", "Requests"]);
    expect(rows.map((row) => row.map(({ value }) => value))).toEqual([
      ["acme", null, 1],
      ["globex", 20, 2],
      ["initech", 30, null],
    ]);
  });

  it("keeps to the frames that its filter names", () => {
    const merge = (pattern: string) => ({ id: "merge", filter: { id: "byRefId", options: pattern }, options: {} });
    const frames = ["links-a", "links-b", "nodes-a", "nodes-b"].map((refId) => table(refId, { id: ["x"], Value: [1] }));
    const got = transformed(frames, [merge("/^(merge-)?links-.*$/"), merge("/^(merge-)?nodes-.*$/")]);
    expect(got.map(({ fields }) => fields.map(({ name }) => name))).toEqual([
      ["id", "Value #nodes-a", "Value #nodes-b"],
      ["id", "Value #links-a", "Value #links-b"],
    ]);
  });

  it("joins by a column, sorts, limits and reduces", () => {
    const steps = [
      { id: "joinByField", options: { byField: "proxy_vendor", mode: "outer" } },
      { id: "sortBy", options: { sort: [{ field: "Value #B", desc: true }] } },
      { id: "limit", options: { limitField: 2 } },
      { id: "filterFieldsByName", options: { include: { names: ["proxy_vendor", "Value #B"] } } },
    ];
    const [frame] = transformed([requests, bytes], steps);
    expect(frame?.fields.map(({ values }) => values)).toEqual([
      ["initech", "globex"],
      [30, 20],
    ]);
    const [reduced] = transformed(
      [series("a", [1, 3]), series("b", [2, null])],
      [{ id: "reduce", options: { reducers: ["max", "mean"] } }],
    );
    expect(reduced?.fields.map(({ values }) => values)).toEqual([
      ["a", "b"],
      [3, 2],
      [2, 2],
    ]);
  });

  it("names a transformation that it does not know", () => {
    expect(() => transformed([], [{ id: "spatial" }])).toThrow('"spatial"');
  });
});

describe("field configuration", () => {
  const thresholds = {
    mode: "absolute",
    steps: [
      { value: null, color: "green" },
      { value: 0.9, color: "red" },
    ],
  };

  it("lets overrides win over defaults, by name, expression, type and query", () => {
    const overrides = [
      {
        matcher: { id: "byName", options: "a" },
        properties: [
          { id: "unit", value: "s" },
          { id: "custom.lineWidth", value: 3 },
        ],
      },
      { matcher: { id: "byRegexp", options: "/^b/" }, properties: [{ id: "unit", value: "Bps" }] },
      { matcher: { id: "byFrameRefID", options: "A" }, properties: [{ id: "decimals", value: 1 }] },
    ];
    const frames = configured([series("a", [1]), series("b1", [1]), series("c", [1])], {
      defaults: { unit: "short" },
      overrides,
    });
    const configs = frames.map(({ fields }) => fields[1]?.config);
    expect(configs.map((config) => [config?.unit, config?.decimals])).toEqual([
      ["s", 1],
      ["Bps", 1],
      ["short", 1],
    ]);
    expect(configs[0]?.custom).toEqual({ lineWidth: 3 });
  });

  it.each<[Cell, FieldConfig, { text: string; color?: string }]>([
    [0.95, { unit: "percentunit", thresholds }, { text: "95%", color: "red" }],
    [0.1, { unit: "percentunit", thresholds }, { text: "10%", color: "green" }],
    [
      1,
      { mappings: [{ type: "value", options: { "1": { text: "up", color: "blue" } } }] },
      { text: "up", color: "blue" },
    ],
    [7, { mappings: [{ type: "range", options: { from: 5, to: null, result: { text: "many" } } }] }, { text: "many" }],
    ["x-1", { mappings: [{ type: "regex", options: { pattern: "^x", result: { text: "ex" } } }] }, { text: "ex" }],
    [null, { noValue: "none yet" }, { text: "none yet" }],
  ])("shows %j with %o as %o", (value, config, want) => {
    expect(shown(value, { ...field("v", "number", [value]), config })).toEqual(want);
  });
});

describe("drawn", () => {
  it("draws time series with their stacking, limits and legend", () => {
    const fieldConfig = {
      defaults: {
        unit: "reqps",
        min: 0,
        custom: { stacking: { mode: "normal" }, thresholdsStyle: { mode: "dashed" }, fillOpacity: 10 },
        thresholds: {
          steps: [
            { value: null, color: "green" },
            { value: 5, color: "red" },
          ],
        },
      },
    };
    const picture = drawn(panel("timeseries", { fieldConfig }), [series("acme", [1, 2]), series("globex", [3, null])]);
    expect(picture).toMatchObject({ kind: "lines", isStacked: true, min: 0, limits: [{ value: 5, color: "red" }] });
    expect(summary(picture)).toBe("2 lines over time, last values: acme 2 req/s, globex 3 req/s");
    expect(asTable(picture).rows.map((row) => row.slice(1).map(({ value }) => value))).toEqual([
      [2, null],
      [1, 3],
    ]);
  });

  it("draws a stat by its calculation, with its course", () => {
    const options = { graphMode: "area", colorMode: "value", reduceOptions: { calcs: ["max"] } };
    const picture = drawn(panel("stat", { options }), [series("requests", [1, 9, 4])]);
    expect(picture).toMatchObject({ kind: "stats", isNameShown: false, items: [{ value: 9, text: "9" }] });
  });

  it("draws pies and bars from instant answers, the largest slice first", () => {
    const frames = [series("small", [1]), series("big", [3]), series("none", [0])];
    const pie = drawn(panel("piechart", { options: { pieType: "donut" } }), frames);
    expect(pie.kind === "pie" && pie.slices.map(({ name }) => name)).toEqual(["big", "small"]);
    const bars = drawn(panel("bargauge", { options: { orientation: "horizontal" } }), frames);
    expect(bars.kind === "bars" && bars.categories).toEqual(["small", "big", "none"]);
  });

  it("orders a table as the panel says, and gives columns their units", () => {
    const options = { sortBy: [{ displayName: "Value", desc: true }] };
    const frame = table("A", { vendor: ["a", "b", "c"], Value: [1, 30, 2] });
    const picture = drawn(panel("table", { options, fieldConfig: { defaults: { unit: "decbytes" } } }), [frame]);
    expect(asTable(picture).rows.map(([, value]) => value?.text)).toEqual(["30 B", "2 B", "1 B"]);
  });

  it("draws a node graph as a flow, without the edges that would close a circle", () => {
    const links = table("links", {
      id: ["1", "2", "3"],
      source: ["pod", "acme", "shop"],
      target: ["acme", "shop", "pod"],
      mainstat: [5, 4, 1],
    });
    const nodes = table("nodes", { id: ["pod", "acme"], title: ["crawler-0", "acme"], subtitle: ["pod", "vendor"] });
    const picture = drawn(panel("nodeGraph"), [links, nodes]);
    expect(picture.kind === "flow" && picture.links.map(({ from, to, value }) => [from, to, value])).toEqual([
      ["pod", "acme", 5],
      ["acme", "shop", 4],
    ]);
    expect(
      asTable(picture)
        .rows[0]?.map(({ text }) => text)
        .slice(0, 2),
    ).toEqual(["crawler-0", "acme"]);
  });

  it("counts series into rows where a heatmap is asked to calculate", () => {
    const picture = drawn(panel("heatmap", { options: { calculate: true } }), [
      series("a", [10, 11]),
      series("b", [10, 0]),
    ]);
    const { values = [] } = picture.kind === "heatmap" ? picture : {};
    expect(values.flat().reduce<number>((sum, count) => sum + (count ?? 0), 0)).toBe(4);
  });

  it.each(["timeseries", "stat", "table", "piechart", "bargauge", "heatmap", "nodeGraph"])(
    "says that a %s has no data",
    (type) => {
      expect(drawn(panel(type), [])).toEqual({ kind: "nothing", text: "No data in this time range." });
      expect(drawn(panel(type), [series("a", [null, null])]).kind).toBe("nothing");
    },
  );

  it("shows the panel's own text for nothing, and names a type that it does not know", () => {
    const fieldConfig = { defaults: { noValue: "no bans" } };
    expect(drawn(panel("timeseries", { fieldConfig }), [])).toEqual({ kind: "nothing", text: "no bans" });
    const stat = drawn(panel("stat", { fieldConfig }), []);
    expect(stat).toMatchObject({ kind: "stats", items: [{ text: "no bans" }] });
    expect([isNothing(stat), isNothing(drawn(panel("stat"), [series("a", [0])]))]).toEqual([true, false]);
    expect(() => drawn(panel("globe"), [])).toThrow('"globe"');
  });
});
