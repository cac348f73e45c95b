// SPDX-License-Identifier: Apache-2.0
/**
 * Several frames as one: by equal values in one column, or by equal values in all columns that are no numbers.
 */
import { type Cell, displayName, type Field, type Frame } from "./frames.ts";

/** Fields named `Value` of several queries are told apart by the query's letter, as in Grafana's tables. */
export function withLetters(frames: readonly Frame[]): Frame[] {
  if (new Set(frames.map(({ refId }) => refId)).size < 2) return [...frames];
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) =>
      field.name === "Value" && field.legend === undefined ? { ...field, name: `Value #${frame.refId}` } : field,
    ),
  }));
}

/** Rows whose texts and times are equal become one; a number that only one of them has fills the other's gap. */
export function merge(frames: readonly Frame[]): Frame[] {
  const lettered = withLetters(frames);
  if (lettered.length < 2) return lettered;
  const columns = firstOfEach(lettered);
  const keys = columns.filter(({ type }) => type !== "number").map(({ name }) => name);
  const rows = new Map<string, Map<string, Cell>>();
  for (const frame of lettered) {
    for (const row of rowsOf(frame)) {
      const key = JSON.stringify(keys.map((name) => row.get(name) ?? null));
      rows.set(key, new Map([...(rows.get(key) ?? []), ...row]));
    }
  }
  const fields = columns.map((column) => ({
    ...column,
    values: [...rows.values()].map((row) => row.get(column.name) ?? null),
  }));
  return [{ refId: `merge-${lettered.map(({ refId }) => refId).join("-")}`, fields }];
}

function firstOfEach(frames: readonly Frame[]): Field[] {
  const found = new Map<string, Field>();
  for (const field of frames.flatMap(({ fields }) => fields)) if (!found.has(field.name)) found.set(field.name, field);
  return [...found.values()];
}

function rowsOf({ fields }: Frame): Map<string, Cell>[] {
  const length = fields[0]?.values.length ?? 0;
  return Array.from({ length }, (_, row) => new Map(fields.map((field) => [field.name, field.values[row] ?? null])));
}

/** One row for each value of the column; with `isOuter` also those that some frames do not have. */
export function joinByField(frames: readonly Frame[], by: string, isOuter: boolean): Frame[] {
  const lettered = withLetters(frames);
  const keyed = lettered.flatMap((frame) => {
    const key = frame.fields.find((field) => displayName(field, frame) === by || field.name === by);
    return key === undefined ? [] : [{ frame, key, rows: new Map(key.values.map((value, row) => [value, row])) }];
  });
  const first = keyed[0];
  if (first === undefined) return lettered;
  const all = [...new Set(keyed.flatMap(({ key }) => key.values))];
  const kept = isOuter ? all : all.filter((value) => keyed.every(({ rows }) => rows.has(value)));
  const others = keyed.flatMap(({ frame, key, rows }) =>
    frame.fields
      .filter((field) => field !== key)
      .map((field) => ({ ...field, values: kept.map((value) => field.values[rows.get(value) ?? -1] ?? null) })),
  );
  const ordered = [{ ...first.key, values: kept }, ...others];
  return [{ refId: first.frame.refId, fields: numbered(ordered) }];
}

/** Columns that several frames have are told apart: `namespace 1`, `namespace 2`. */
function numbered(fields: readonly Field[]): Field[] {
  const count = (name: string) => fields.filter((field) => field.name === name && field.legend === undefined).length;
  const seen = new Map<string, number>();
  return fields.map((field) => {
    if (field.legend !== undefined || count(field.name) < 2) return field;
    seen.set(field.name, (seen.get(field.name) ?? 0) + 1);
    return { ...field, name: `${field.name} ${seen.get(field.name)}` };
  });
}
