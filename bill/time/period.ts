// SPDX-License-Identifier: Apache-2.0
/**
 * Periods of time: what people write as a beginning or an end, in the zone it was meant in, and the calendar days and months of a
 * zone, whatever its clocks do. Instants are milliseconds of the epoch; a period has its beginning and not its end.
 */
import { Temporal } from "temporal-polyfill";
import { BillFailure } from "../failure.ts";

export interface Period {
  /** Milliseconds of the epoch. */
  from: number;
  to: number;
}

/** A calendar day of a zone, or the part of it that is in a period. */
export interface Day extends Period {
  /** `YYYY-MM-DD`. */
  date: string;
}

const FORMS =
  "a day (2026-11-01), a month (2026-11), or a time with or without its zone (2026-11-01T06:00, 2026-11-01T06:00:00Z)";

/**
 * The moment that a text means: a month or day is its first moment in the zone; a time without a zone of its own is the zone's.
 *
 * @param option  what the text was given for, for the error
 * @throws BillFailure E_TIME, exit status 2
 */
export function momentOf(text: string, zone: string, option: string): number {
  try {
    if (/^\d{4}-\d\d$/.test(text)) return startOfDay(Temporal.PlainDate.from(`${text}-01`), zone);
    if (/^\d{4}-\d\d-\d\d$/.test(text)) return startOfDay(Temporal.PlainDate.from(text), zone);
    if (/\[/.test(text)) return Temporal.ZonedDateTime.from(text).epochMilliseconds;
    if (/(?:Z|[T ].*[+-]\d\d(?::?\d\d)?)$/i.test(text))
      return Temporal.Instant.from(text.replace(" ", "T")).epochMilliseconds;
    return Temporal.PlainDateTime.from(text.replace(" ", "T")).toZonedDateTime(zone).epochMilliseconds;
  } catch (cause) {
    const message = `cannot use ${option}: found ${JSON.stringify(text)}, expected ${FORMS}`;
    throw new BillFailure(
      "E_TIME",
      message,
      "times without a zone are in the vendor's zone, UTC unless vendors.yaml says otherwise",
      {
        exitCode: 2,
        cause,
      },
    );
  }
}

/**
 * The days of a zone that a period touches, cut at the period's ends. A day has 23 to 25 hours where clocks change.
 *
 * @throws BillFailure E_ZONE, exit status 2
 */
export function daysOf({ from, to }: Period, zone: string): Day[] {
  const days: Day[] = [];
  let start = from;
  while (start < to) {
    const date = dateAt(start, zone);
    const end = Math.min(startOfDay(date.add({ days: 1 }), zone), to);
    days.push({ date: date.toString(), from: start, to: end });
    start = end;
  }
  return days;
}

/** The first moment of the calendar month that a moment is in. */
export function startOfMonth(moment: number, zone: string): number {
  return startOfDay(dateAt(moment, zone).with({ day: 1 }), zone);
}

/** The first moment of the next day, or of the next month. */
export function startOfNext(moment: number, unit: "day" | "month", zone: string): number {
  const date = dateAt(moment, zone);
  return startOfDay(unit === "day" ? date.add({ days: 1 }) : date.with({ day: 1 }).add({ months: 1 }), zone);
}

/** `2026-11-01T00:00+01:00`: to the minute, or as fine as the moment is. */
export function momentText(moment: number, zone: string): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(zone);
  const smallestUnit = moment % 60_000 === 0 ? "minute" : moment % 1000 === 0 ? "second" : "millisecond";
  return zoned.toString({ smallestUnit, timeZoneName: "never" });
}

export function isZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

function dateAt(moment: number, zone: string): Temporal.PlainDate {
  try {
    return Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(zone).toPlainDate();
  } catch (cause) {
    const message = `cannot use the zone ${JSON.stringify(zone)}: expected a name of the IANA database such as "Europe/Berlin"`;
    throw new BillFailure("E_ZONE", message, 'use "UTC" where the vendor does not say', { exitCode: 2, cause });
  }
}

function startOfDay(date: Temporal.PlainDate, zone: string): number {
  return date.toZonedDateTime(zone).epochMilliseconds;
}
