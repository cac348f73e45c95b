// SPDX-License-Identifier: Apache-2.0
/**
 * Reads a vendor's usage export from its text: the JSON of a known API, or rows of JSON or CSV with mapped columns.
 */
import { parse } from "csv-parse/sync";
import { FORMATS, type Format } from "./formats.ts";
import { isMembers, listOf } from "./json.ts";
import type { Columns, ReadOptions, Reported, Unit } from "./model.ts";
import { rowsOf, usageFailure, type WrittenRow } from "./rows.ts";

/** Headings that exports commonly have, where --columns is not given. */
const USUAL: Readonly<Record<"time" | "bytes" | "requests" | "cost", RegExp>> = {
  time: /^(?:time|timestamp|date|day|hour|month|start|period)$/i,
  bytes: /^(?:bytes|traffic|bandwidth|usage|total_?bytes|traffic_bytes|bandwidth_total)$/i,
  requests: /^(?:requests|request_count|requests_total)$/i,
  cost: /^(?:cost|amount|price|charge)$/i,
};

/** @throws BillFailure E_USAGE, E_TIME, exit status 2 */
export function readExport(text: string, options: ReadOptions): Reported {
  const start = text.replace(/^\uFEFF/, "").trimStart();
  return /^[[{]/.test(start) ? fromJson(start, options) : fromCsv(start, options);
}

function fromJson(text: string, options: ReadOptions): Reported {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw usageFailure(`found JSON that is cut off or damaged (${(cause as Error).message})`, "export it again", cause);
  }
  if (options.columns === undefined) {
    for (const format of FORMATS) {
      const rows = format.rows(value);
      if (rows !== undefined) return fromFormat(format, rows, options);
    }
  }
  const list = listOf(at(value, options.path ?? "")).filter(isMembers);
  if (list.length === 0) {
    const names = FORMATS.map(({ name }) => name).join(", ");
    throw usageFailure(
      `found JSON that is none of ${names}`,
      "give --path to the list of rows and --columns time=NAME,bytes=NAME",
    );
  }
  return mapped(list, "json", options);
}

function fromFormat({ name, unit }: Format, rows: readonly WrittenRow[], options: ReadOptions): Reported {
  return {
    rows: exactBytes(rowsOf(rows, options), options.unit ?? unit),
    unit: options.unit ?? unit,
    format: name,
    notes: [],
  };
}

function at(value: unknown, path: string): unknown {
  const steps = path === "" ? [] : path.split(".");
  return steps.reduce<unknown>((inner, step) => {
    if (Array.isArray(inner)) return inner[Number(step)];
    return isMembers(inner) ? inner[step] : undefined;
  }, value);
}

function fromCsv(text: string, options: ReadOptions): Reported {
  const firstLine = text.slice(0, text.search(/\r?\n|$/));
  const delimiter = [";", "\t"].find((one) => firstLine.split(one).length > firstLine.split(",").length) ?? ",";
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { columns: true, delimiter, trim: true, skip_empty_lines: true, relax_column_count: true });
  } catch (cause) {
    throw usageFailure(`found CSV that cannot be read (${(cause as Error).message})`, "export it again", cause);
  }
  if (rows.length === 0) throw usageFailure("found neither JSON nor CSV with a heading and rows", "export it again");
  return mapped(rows, "csv", options);
}

function mapped(list: readonly Readonly<Record<string, unknown>>[], format: string, options: ReadOptions): Reported {
  const headings = Object.keys(list[0] ?? {});
  const columns = options.columns ?? guessed(headings);
  const missing = [columns.time, ...columns.bytes].filter((name) => !headings.includes(name));
  if (missing.length > 0) {
    const names = headings.map((name) => JSON.stringify(name)).join(", ");
    throw usageFailure(`found columns ${names} (expected ${missing.join(", ")})`, "see --columns");
  }
  const unit: Unit = options.unit ?? "B";
  const written = list
    .filter((row) => String(row[columns.time] ?? "") !== "")
    .map(
      (row): WrittenRow => ({
        time: String(row[columns.time]),
        ...(columns.end !== undefined && { end: String(row[columns.end]) }),
        amounts: columns.bytes.map((name) => row[name]),
        ...(columns.requests !== undefined && { requests: row[columns.requests] }),
        ...(columns.cost !== undefined && { cost: row[columns.cost] }),
      }),
    );
  const left = list.length - written.length;
  const notes = left === 0 ? [] : [`${left} rows without a time, such as a total, were left out`];
  return { rows: exactBytes(rowsOf(written, options), unit), unit, format, notes };
}

function guessed(headings: readonly string[]): Columns {
  const find = (name: keyof typeof USUAL) => headings.find((heading) => USUAL[name].test(heading));
  const [time, bytes, requests, cost] = [find("time"), find("bytes"), find("requests"), find("cost")];
  if (time === undefined || bytes === undefined) {
    const names = headings.map((name) => JSON.stringify(name)).join(", ");
    throw usageFailure(`found columns ${names}, and cannot tell time and bytes`, "give --columns time=NAME,bytes=NAME");
  }
  return { time, bytes: [bytes], ...(requests && { requests }), ...(cost && { cost }) };
}

/** Whole bytes are no rounding of anything. */
function exactBytes(rows: Reported["rows"], unit: Unit): Reported["rows"] {
  if (unit !== "B") return rows;
  return rows.map((row) => (row.tolerance.gte("0.5") ? { ...row, tolerance: row.tolerance.times(0) } : row));
}
