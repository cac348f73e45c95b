// SPDX-License-Identifier: Apache-2.0
/**
 * Facts about periods: what people may write, and days and months of zones whose clocks change.
 */
import { describe, expect, it } from "vitest";
import { daysOf, isZone, momentOf, momentText, startOfMonth, startOfNext } from "../../../bill/time/period.ts";

const at = (text: string) => Date.parse(text);

describe("momentOf", () => {
  it.each([
    ["2026-11", "UTC", "2026-11-01T00:00:00Z"],
    ["2026-11", "America/New_York", "2026-11-01T04:00:00Z"],
    ["2026-11-05", "Europe/Berlin", "2026-11-04T23:00:00Z"],
    ["2026-07-05", "Europe/Berlin", "2026-07-04T22:00:00Z"],
    ["2026-11-05T06:30", "Europe/Berlin", "2026-11-05T05:30:00Z"],
    ["2026-11-05 06:30:01", "UTC", "2026-11-05T06:30:01Z"],
    ["2026-11-05T06:30:00Z", "Europe/Berlin", "2026-11-05T06:30:00Z"],
    ["2026-11-05T06:30:00+05:30", "Europe/Berlin", "2026-11-05T01:00:00Z"],
    ["2026-11-05 06:30:00+02", "UTC", "2026-11-05T04:30:00Z"],
    ["2026-11-05T06:30[Asia/Tokyo]", "UTC", "2026-11-04T21:30:00Z"],
    // The clock has no 02:30 on this day: the moment is the one an hour on.
    ["2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30:00Z"],
    // In Santiago this day begins at 01:00.
    ["2026-09-06", "America/Santiago", "2026-09-06T04:00:00Z"],
  ])("reads %s in %s", (text, zone, want) => {
    expect(momentOf(text, zone, "--from")).toBe(at(want));
  });

  it.each(["", "yesterday", "2026-13", "2026-02-30", "01.11.2026", "2026-11-05T25:00"])(
    "refuses %j and says what it takes",
    (text) => {
      expect(() => momentOf(text, "UTC", "--from")).toThrow(
        expect.objectContaining({
          code: "E_TIME",
          exitCode: 2,
          message: expect.stringMatching(/^cannot use --from: found ".*", expected a day/),
        }),
      );
    },
  );
});

describe("daysOf", () => {
  const hours = (from: string, to: string, zone: string) =>
    daysOf({ from: at(from), to: at(to) }, zone).map((day) => `${day.date} ${(day.to - day.from) / 3_600_000}`);

  it("has 23 hours when clocks go forward and 25 when they go back", () => {
    expect(hours("2026-03-27T23:00:00Z", "2026-03-30T22:00:00Z", "Europe/Berlin")).toEqual([
      "2026-03-28 24",
      "2026-03-29 23",
      "2026-03-30 24",
    ]);
    expect(hours("2026-10-31T04:00:00Z", "2026-11-02T05:00:00Z", "America/New_York")).toEqual([
      "2026-10-31 24",
      "2026-11-01 25",
    ]);
  });

  it("cuts the first and the last day at the period's ends", () => {
    expect(hours("2026-11-01T18:00:00Z", "2026-11-03T06:00:00Z", "UTC")).toEqual([
      "2026-11-01 6",
      "2026-11-02 24",
      "2026-11-03 6",
    ]);
  });

  it("covers a year of any zone without a gap and without an overlap", () => {
    for (const zone of [
      "UTC",
      "Europe/Berlin",
      "America/Santiago",
      "Asia/Kathmandu",
      "Australia/Lord_Howe",
      "Pacific/Apia",
    ]) {
      const period = { from: at("2026-01-01T07:13:00Z"), to: at("2027-01-01T07:13:00Z") };
      const days = daysOf(period, zone);
      expect(days.length).toBeGreaterThanOrEqual(365);
      expect([days[0]?.from, days.at(-1)?.to]).toEqual([period.from, period.to]);
      days.slice(1).forEach((day, index) => {
        expect(day.from).toBe(days[index]?.to);
      });
      expect(new Set(days.map(({ date }) => date)).size).toBe(days.length);
    }
  });

  it("refuses a zone that does not exist", () => {
    expect(() => daysOf({ from: 0, to: 1 }, "Europe/Atlantis")).toThrow(expect.objectContaining({ code: "E_ZONE" }));
    expect([isZone("Europe/Atlantis"), isZone("Asia/Tokyo")]).toEqual([false, true]);
  });
});

describe("months", () => {
  it("begin and end where the zone's calendar does", () => {
    const zone = "America/New_York";
    const moment = at("2026-12-01T03:00:00Z");
    expect(momentText(moment, zone)).toBe("2026-11-30T22:00-05:00");
    expect(momentText(startOfMonth(moment, zone), zone)).toBe("2026-11-01T00:00-04:00");
    expect(momentText(startOfNext(moment, "month", zone), zone)).toBe("2026-12-01T00:00-05:00");
    expect(momentText(startOfNext(moment, "day", zone), zone)).toBe("2026-12-01T00:00-05:00");
  });
});
