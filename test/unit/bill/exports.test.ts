// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about vendors' exports: the JSON of the public APIs as their documentation shows it, CSV and JSON rows with mapped columns,
 * windows and zones, and what is refused.
 */
import { describe, expect, it } from "vitest";
import type { ReadOptions } from "../../../bill/reconcile/model.ts";
import { readExport } from "../../../bill/reconcile/read.ts";

const OCTOBER = { from: Date.parse("2026-10-01T00:00:00Z"), to: Date.parse("2026-11-01T00:00:00Z") };

function read(value: unknown, options: Partial<ReadOptions> = {}) {
  const { rows, unit, format, notes } = readExport(typeof value === "string" ? value : JSON.stringify(value), {
    zone: "UTC",
    ...options,
  });
  const written = rows.map(({ from, to, amount, requests }) =>
    [new Date(from).toISOString().slice(0, 16), (to - from) / 3_600_000, amount.toFixed(), requests ?? "-"].join(" "),
  );
  return { rows: written, unit, format, notes };
}

describe("the JSON of public usage APIs", () => {
  it.each<[string, unknown, string[], string]>([
    [
      "brightdata-bw",
      {
        c_1: {
          customer_id: "c_1",
          from: "2026-10-01T00:00:00.000Z",
          to: "2026-10-03T00:00:00.000Z",
          data: {
            static: {
              bw_sum: [0, 745],
              bw_dn: [0, 525],
              bw_up: [0, 220],
              http_direct_req: [0, 1],
              https_direct_req: [0, 2],
            },
            resi: { bw_sum: [5, 6] },
          },
        },
        last_value_ts: "2026-10-02T19:18:51.546Z",
      },
      ["2026-10-01T00:00 24 0 0", "2026-10-02T00:00 24 745 3", "2026-10-01T00:00 24 5 0", "2026-10-02T00:00 24 6 0"],
      "B",
    ],
    ["brightdata-cost", { c_1: { custom: { bw: 36557298, cost: 0.27 } } }, ["2026-10-01T00:00 744 36557298 -"], "B"],
    [
      "webshare-stats",
      [
        {
          timestamp: "2026-10-01T17:00:00-07:00",
          is_projected: false,
          bandwidth_total: 5000,
          requests_total: 5,
          requests_failed: 1,
        },
        {
          timestamp: "2026-10-01T21:00:00-07:00",
          is_projected: true,
          bandwidth_total: 9000,
          requests_total: 9,
          requests_failed: 1,
        },
      ],
      ["2026-10-02T00:00 1 5000 5"],
      "B",
    ],
    [
      "webshare-aggregate",
      { bandwidth_projected: 100000, bandwidth_total: 5000, requests_total: 5 },
      ["2026-10-01T00:00 744 5000 5"],
      "B",
    ],
    [
      "oxylabs-stats",
      {
        meta: { group_by: null },
        data: { sources: [{ request_traffic: "6629", response_traffic: "17850", title: "universal" }] },
      },
      ["2026-10-01T00:00 744 24479 -"],
      "B",
    ],
    [
      "evomi-usage",
      {
        success: true,
        data: {
          bandwidth: {
            products: [
              {
                name: "Residential",
                code: "rpc",
                totalBandwidth: 3.5,
                stats: {
                  "2026-10-26 00:00": { default: 1, extra: 0.26, total: 1.26 },
                  "2026-10-27 00:00": { total: 2.24 },
                },
              },
            ],
          },
        },
        meta: { granularity: "day" },
      },
      ["2026-10-26T00:00 24 1.26 -", "2026-10-27T00:00 24 2.24 -"],
      "MB",
    ],
    [
      "zyte-stats",
      {
        limit: 500,
        after: "",
        results: [
          { time_gte: "2026-10-17T15:30:00+00:00", clean: 175, failed: 16, traffic: 3554065 },
          { time_gte: "2026-10-17T15:35:00+00:00", clean: 1, failed: 0, traffic: 7 },
        ],
      },
      ["2026-10-17T15:30 0.08333333333333333 3554065 191", "2026-10-17T15:35 0.08333333333333333 7 1"],
      "B",
    ],
  ])("%s", (format, value, rows, unit) => {
    expect(read(value, { period: OCTOBER })).toEqual({ rows, unit, format, notes: [] });
  });

  it("without times needs to be told the period", () => {
    expect(() => read({ bandwidth_total: 5000 })).toThrow(
      expect.objectContaining({ code: "E_USAGE", hint: expect.stringContaining("--from") }),
    );
  });
});

describe("CSV", () => {
  it("has its columns guessed by their usual headings", () => {
    expect(read("Date,Traffic,Requests\n2026-10-01,1.5,10\n2026-10-02,2,20\n", { unit: "GB" })).toMatchObject({
      rows: ["2026-10-01T00:00 24 1.5 10", "2026-10-02T00:00 24 2 20"],
      format: "csv",
    });
  });

  it("has its columns named, amounts of several added up, and totals left out", () => {
    const text = "\uFEFFWhen;Up;Down;Cost\r\n2026-10;1,024;2;3.5\r\n;1024;2;3.5\r\n";
    const columns = { time: "When", bytes: ["Up", "Down"], cost: "Cost" };
    expect(read(text, { columns })).toMatchObject({
      rows: ["2026-10-01T00:00 744 1026 -"],
      notes: ["1 rows without a time, such as a total, were left out"],
    });
  });

  it("has hours in the vendor's zone where they name none, also when its clocks go back", () => {
    const hours = ["2026-10-25T01:00", "2026-10-25T02:00", "2026-10-25T03:00"].map((hour) => `${hour},1`);
    expect(read(["time,bytes", ...hours].join("\n"), { zone: "Europe/Berlin", step: "hour" }).rows).toEqual([
      "2026-10-24T23:00 1 1 -",
      "2026-10-25T00:00 1 1 -",
      "2026-10-25T02:00 1 1 -",
    ]);
  });

  it("has days where two windows are 23 hours apart because clocks go forward", () => {
    const text = "time,bytes\n2026-03-29 00:00,1\n2026-03-30 00:00,2\n";
    expect(read(text, { zone: "Europe/Berlin" }).rows).toEqual(["2026-03-28T23:00 23 1 -", "2026-03-29T22:00 24 2 -"]);
  });

  it("may say where windows end", () => {
    const columns = { time: "from", end: "to", bytes: ["bytes"] };
    expect(read("from,to,bytes\n2026-10-01T00:00,2026-10-01T06:00,7\n", { columns }).rows).toEqual([
      "2026-10-01T00:00 6 7 -",
    ]);
  });

  it.each([
    ["no columns that could be meant", "a,b\n1,2\n", {}, "cannot tell time and bytes"],
    [
      "a column that is not there",
      "date,bytes\n2026-10-01,2\n",
      { columns: { time: "date", bytes: ["gb"] } },
      'columns "date", "bytes" (expected gb)',
    ],
    ["what is no number", "date,bytes\n2026-10-01,12 GB\n", {}, 'found "12 GB" as an amount'],
    ["a comma for a point", "date;bytes\n2026-10-01;1,5\n", {}, 'found "1,5" as an amount'],
    ["one window of unknown length", "time,bytes\n2026-10-01T00:00,2\n", {}, "how long the windows"],
    ["nothing", "", {}, "neither JSON nor CSV"],
    ["JSON that is cut off", '{"a": [', {}, "cut off or damaged"],
    ["JSON of nobody", '{"usage": 5}', {}, "none of brightdata-bw"],
  ])("with %s is refused", (_title, text, options, want) => {
    expect(() => read(text, options)).toThrow(
      expect.objectContaining({ code: "E_USAGE", exitCode: 2, message: expect.stringContaining(want) }),
    );
  });
});

describe("rows of any JSON", () => {
  it("are found by a path and mapped like columns", () => {
    const value = {
      data: {
        list: [
          { date: "2026-10-26 00:00:00", flow: "11" },
          { date: "2026-10-27 00:00:00", flow: "22" },
        ],
      },
    };
    const options = { path: "data.list", columns: { time: "date", bytes: ["flow"] }, unit: "MB" as const };
    expect(read(value, options)).toMatchObject({
      rows: ["2026-10-26T00:00 24 11 -", "2026-10-27T00:00 24 22 -"],
      unit: "MB",
      format: "json",
    });
  });
});
