// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about vendors' exports: the JSON of the public APIs as their documentation shows it, CSV and JSON rows with mapped columns,
 * windows and zones, and what is refused.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FORMATS } from "../../../bill/reconcile/formats.ts";
import type { ReadOptions } from "../../../bill/reconcile/model.ts";
import { readExport } from "../../../bill/reconcile/read.ts";
import { coveredBy } from "../../../bill/reconcile/reconcile.ts";
import { windowsOf } from "../../../bill/reconcile/windows.ts";
import { ZERO } from "../../../bill/money/decimal.ts";

const OCTOBER = { from: Date.parse("2026-10-01T00:00:00Z"), to: Date.parse("2026-11-01T00:00:00Z") };

const FILES = join(import.meta.dirname, "usage-apis");
/** In hours, as windows are written below. */
const MILLISECOND = 1 / 3_600_000;

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
  it.each<[file: string, rows: string[], unit: string]>([
    [
      "brightdata-bw",
      ["2026-10-01T00:00 24 0 0", "2026-10-02T00:00 24 745 3", "2026-10-01T00:00 24 5 0", "2026-10-02T00:00 24 6 0"],
      "B",
    ],
    ["brightdata-cost", ["2026-10-01T00:00 744 36557298 -"], "B"],
    ["webshare-stats", ["2026-10-02T00:00 1 5000 5"], "B"],
    ["webshare-aggregate", ["2026-10-01T00:00 744 5000 5"], "B"],
    ["oxylabs-stats", ["2026-10-01T00:00 744 24479 -"], "B"],
    ["webshare-activity", [`2026-10-17T13:30 ${MILLISECOND} 1234 1`, `2026-10-17T13:40 ${MILLISECOND} 0 1`], "B"],
    ["oxylabs-client-stats", ["2026-10-01T00:00 744 92.45 -"], "GB"],
    ["oxylabs-sub-user-stats", ["2026-10-25T00:00 24 120.73 -", "2026-10-26T00:00 24 21.95 -"], "GB"],
    ["oxylabs-target-stats", ["2026-10-24T00:00 24 1.5 20", "2026-10-24T00:00 24 0.25 3"], "GB"],
    ["decodo-traffic", ["2026-10-26T00:00 24 222 3", "2026-10-27T00:00 24 111 2"], "B"],
    ["decodo-traffic-by-target", ["2026-10-01T00:00 744 222 3"], "B"],
    ["evomi-usage", ["2026-10-26T00:00 24 1.26 -", "2026-10-27T00:00 24 2.24 -"], "MB"],
    [
      "zyte-stats",
      ["2026-10-17T15:30 0.08333333333333333 3554065 191", "2026-10-17T15:35 0.08333333333333333 7 1"],
      "B",
    ],
  ])("%s", (file, rows, unit) => {
    const format = FORMATS.find(({ name }) => file.startsWith(name))?.name;
    expect(read(readFileSync(join(FILES, `${file}.json`), "utf8"), { period: OCTOBER })).toEqual({
      ...{ rows, unit, format, notes: [] },
    });
  });

  it("have a file each, written after what the vendor's documentation shows", () => {
    const files = readdirSync(FILES).map((file) => file.replace(/\.json$/, ""));
    expect(FORMATS.map(({ name }) => name).filter((name) => !files.includes(name))).toEqual([]);
  });

  it("in the gigabytes of the vendor is as rounded as it is written", () => {
    const { rows } = readExport('{"traffic": 92.45, "date_from": "2026-10-01", "date_to": "2026-10-31"}', {
      zone: "UTC",
    });
    expect(rows[0]?.tolerance.toFixed()).toBe("0.005");
  });

  it.each([
    ["1 of 3 pages", { metadata: { total_pages: 3 }, data: [{ key: "2026-10-26", rx_tx_bytes: 222 }] }],
    [
      "a page with one before it",
      {
        ...{ next: null, previous: "https://proxy.example/?ending_before=9" },
        results: [{ timestamp: "2026-10-17T13:40:00Z", handshake_duration: 0.2, bytes: 0 }],
      },
    ],
    [
      "a page with a next one",
      {
        next: "https://proxy.example/?starting_after=1",
        results: [{ timestamp: "2026-10-17T13:40:00Z", handshake_duration: 0.2, bytes: 0 }],
      },
    ],
  ])("that is %s is refused: a part would pass for the whole", (found, value) => {
    expect(() => read(value, { period: OCTOBER })).toThrow(
      expect.objectContaining({ code: "E_USAGE", exitCode: 2, message: expect.stringContaining(`found ${found}`) }),
    );
  });

  it.each([
    [[{ timestamp: "yesterday", bandwidth_total: 1 }]],
    [{ results: [{ timestamp: "yesterday", handshake_duration: 1, bytes: 1 }] }],
    [{ traffic: 1, date_from: "2026-10-01", date_to: "soon" }],
    [{ traffic: 1, date_from: "2026-10-01", date_to: "2026-13-45" }],
  ])("with times that are none is refused: %j", (value) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ code: "E_TIME", exitCode: 2 }));
  });

  it("by days of UTC has whole ones where the vendor bills by another zone", () => {
    const value = { c_1: { from: "2026-10-01T00:00:00.000Z", data: { resi: { bw_sum: [5, 6] } } } };
    expect(read(value, { zone: "America/New_York" }).rows).toEqual([
      "2026-10-01T00:00 24 5 0",
      "2026-10-02T00:00 24 6 0",
    ]);
  });

  it.each([
    ["Asia/Tokyo", "08:00"],
    ["America/New_York", "21:00"],
  ])("has its windows by the clock of %s alone where its times name no zone", (zone, begin) => {
    const hour = [{ timestamp: "2026-10-01T17:00:00", bandwidth_total: 1 }];
    const moment = { results: [{ timestamp: "2026-10-01T17:00:00", handshake_duration: 1, bytes: 1 }] };
    expect(read(hour, { zone }).rows).toEqual([`2026-10-01T${begin} 1 1 -`]);
    expect(read(moment, { zone }).rows).toEqual([`2026-10-01T${begin} ${MILLISECOND} 1 1`]);
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

describe("an export of more rows than a call can have arguments", () => {
  const times = Array.from({ length: 140_000 }, (_, index) => OCTOBER.from + index * 300_000);

  it("has windows of the distance between them", () => {
    const stamps = times.map((time) => ({ time: new Date(time).toISOString() }));
    const windows = windowsOf(stamps, { zone: "UTC" });
    expect(windows).toHaveLength(times.length);
    expect(windows[0]).toEqual({ from: OCTOBER.from, to: OCTOBER.from + 300_000 });
  });

  it("covers all of them", () => {
    const rows = times.map((from) => ({ from, to: from + 300_000, amount: ZERO, tolerance: ZERO }));
    expect(coveredBy({ rows, unit: "B", format: "json", notes: [] })).toEqual({
      from: OCTOBER.from,
      to: OCTOBER.from + times.length * 300_000,
    });
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
