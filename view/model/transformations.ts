// SPDX-License-Identifier: Apache-2.0
/**
 * Transformations of frames, in the order in which a panel lists them. One that is not known here is named in an error, because
 * a panel that leaves one out shows something else than it says. Joins are in join.ts.
 *
 * @see https://grafana.com/docs/grafana/latest/panels-visualizations/query-transform-data/transform-data/
 */
import { type Cell, displayName, type Field, type Frame, field as newField } from "./frames.ts";
import type { GrafanaTransformation } from "./grafana.ts";
import { joinByField, merge } from "./join.ts";
import { calculationTitle, reduced } from "./reduce.ts";

type Options = Record<string, unknown>;
type Transformation = (frames: readonly Frame[], options: Options) => Frame[];

const TRANSFORMATIONS: Readonly<Record<string, Transformation>> = {
  merge: (frames) => merge(frames),
  joinByField: (frames, options) => joinByField(frames, String(options.byField ?? "Time"), options.mode !== "inner"),
  seriesToColumns: (frames, options) => joinByField(frames, String(options.byField ?? "Time"), true),
  labelsToFields: (frames) => frames.map(labelsToFields),
  reduce: reduceRows,
  organize: (frames, options) => frames.map((frame) => organized(frame, options)),
  sortBy: (frames, options) => frames.map((frame) => sorted(frame, options)),
  limit: (frames, options) =>
    frames.map((frame) => rowsOf(frame, rowNumbers(frame).slice(0, Number(options.limitField ?? 10)))),
  filterFieldsByName: (frames, options) => frames.map((frame) => filteredFields(frame, options)),
  filterByRefId: (frames, options) => frames.filter(({ refId }) => refIdPattern(String(options.include)).test(refId)),
  renameByRegex: (frames, options) => frames.map((frame) => renamedByRegex(frame, options)),
  calculateField: (frames, options) => frames.map((frame) => withCalculated(frame, options)),
  convertFieldType: (frames, options) => frames.map((frame) => converted(frame, options)),
};

/** @throws Error that names a transformation nobody knows here */
export function transformed(frames: readonly Frame[], steps: readonly GrafanaTransformation[]): Frame[] {
  let now = [...frames];
  for (const { id, disabled, filter, options = {} } of steps) {
    if (disabled) continue;
    const transformation = TRANSFORMATIONS[id];
    if (transformation === undefined) throw new Error(`this page does not know the transformation "${id}"`);
    const pattern = filter?.id === "byRefId" ? refIdPattern(String(filter.options)) : /^/;
    const mine = now.filter(({ refId }) => pattern.test(refId));
    now = [...transformation(mine, options), ...now.filter((frame) => !mine.includes(frame))];
  }
  return now;
}

/** A query's letter, or an expression between slashes. */
function refIdPattern(text: string): RegExp {
  const written = /^\/([\s\S]*)\/(\w*)$/.exec(text);
  return written ? new RegExp(written[1] ?? "", written[2]) : new RegExp(`^(?:${text})$`);
}

function reduceRows(frames: readonly Frame[], options: Options): Frame[] {
  const names = (options.reducers as string[] | undefined) ?? ["lastNotNull"];
  const columns = frames.flatMap((frame) =>
    frame.fields.filter(({ type }) => type === "number").map((field) => ({ field, name: displayName(field, frame) })),
  );
  const labels = options.labelsToFields ? [...new Set(columns.flatMap(({ field }) => Object.keys(field.labels)))] : [];
  const fields = [
    ...(labels.length === 0
      ? [
          newField(
            "Field",
            "string",
            columns.map(({ name }) => name),
          ),
        ]
      : []),
    ...labels.map((label) =>
      newField(
        label,
        "string",
        columns.map(({ field }) => field.labels[label] ?? ""),
      ),
    ),
    ...names.map((name) =>
      newField(
        calculationTitle(name),
        "number",
        columns.map(({ field }) => reduced(field.values, name)),
      ),
    ),
  ];
  return [{ refId: frames[0]?.refId ?? "A", fields }];
}

/** A column for each label of the series, its value repeated in every row. */
function labelsToFields(frame: Frame): Frame {
  const labels = Object.assign({}, ...frame.fields.map((field) => field.labels)) as Record<string, string>;
  const length = rowNumbers(frame).length;
  const added = Object.entries(labels).map(([name, value]) =>
    newField(name, "string", Array<Cell>(length).fill(value)),
  );
  const own = frame.fields.map(({ legend: _, ...field }) => ({ ...field, labels: {} }));
  const times = own.filter(({ type }) => type === "time");
  return { refId: frame.refId, fields: [...times, ...added, ...own.filter(({ type }) => type !== "time")] };
}

function organized(frame: Frame, options: Options): Frame {
  const excluded = (options.excludeByName ?? {}) as Record<string, boolean>;
  const included = (options.includeByName ?? {}) as Record<string, boolean>;
  const order = (options.indexByName ?? {}) as Record<string, number>;
  const names = (options.renameByName ?? {}) as Record<string, string>;
  const hasIncluded = Object.values(included).some(Boolean);
  const fields = frame.fields
    .map((field, index) => ({ field, name: displayName(field, frame), index }))
    .filter(({ name }) => !excluded[name] && (!hasIncluded || included[name]))
    .sort((a, b) => (order[a.name] ?? a.index + 1000) - (order[b.name] ?? b.index + 1000));
  return { ...frame, fields: fields.map(({ field, name }) => (names[name] ? renamed(field, names[name]) : field)) };
}

function renamed(field: Field, displayed: string): Field {
  return { ...field, config: { ...field.config, displayName: displayed } };
}

function renamedByRegex(frame: Frame, { regex, renamePattern }: Options): Frame {
  const written = /^\/([\s\S]*)\/(\w*)$/.exec(String(regex));
  const pattern = new RegExp(written?.[1] ?? String(regex), written?.[2] ?? "");
  const fields = frame.fields.map((field) => {
    const name = displayName(field, frame);
    return pattern.test(name) ? renamed(field, name.replace(pattern, String(renamePattern ?? ""))) : field;
  });
  return { ...frame, fields };
}

function filteredFields(frame: Frame, options: Options): Frame {
  const include = options.include as { names?: string[]; pattern?: string } | undefined;
  const exclude = options.exclude as { names?: string[]; pattern?: string } | undefined;
  const hits = (rule: typeof include, name: string) =>
    (rule?.names?.includes(name) ?? false) ||
    (rule?.pattern ? new RegExp(rule.pattern.replace(/^\/|\/$/g, "")).test(name) : false);
  const fields = frame.fields.filter((field) => {
    const name = displayName(field, frame);
    return (include === undefined || hits(include, name)) && !(exclude !== undefined && hits(exclude, name));
  });
  return { ...frame, fields };
}

function sorted(frame: Frame, options: Options): Frame {
  const rules = (options.sort ?? []) as { field?: string; desc?: boolean }[];
  const by = rules[0];
  const column = frame.fields.find((field) => displayName(field, frame) === by?.field || field.name === by?.field);
  if (column === undefined) return frame;
  const rows = rowNumbers(frame).sort((a, b) => compared(column.values[a] ?? null, column.values[b] ?? null));
  return rowsOf(frame, by?.desc ? rows.reverse() : rows);
}

/** Nothing comes first, numbers by size, texts by the alphabet. */
export function compared(a: Cell, b: Cell): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return typeof a === "number" && typeof b === "number"
    ? a - b
    : String(a).localeCompare(String(b), "en", { numeric: true });
}

function rowNumbers({ fields }: Frame): number[] {
  return Array.from({ length: fields[0]?.values.length ?? 0 }, (_, index) => index);
}

function rowsOf(frame: Frame, rows: readonly number[]): Frame {
  return {
    ...frame,
    fields: frame.fields.map((field) => ({ ...field, values: rows.map((row) => field.values[row] ?? null) })),
  };
}

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
};

function withCalculated(frame: Frame, options: Options): Frame {
  const binary = (options.binary ?? {}) as { left?: unknown; operator?: string; right?: unknown };
  const alias = options.alias ? String(options.alias) : undefined;
  const column = options.mode === "reduceRow" ? rowReduction(frame, options) : binaryColumn(frame, binary);
  const added = { ...newField(alias ?? column.name, "number", column.values) };
  const kept = options.replaceFields ? frame.fields.filter(({ type }) => type === "time") : frame.fields;
  return { ...frame, fields: [...kept, added] };
}

function rowReduction(frame: Frame, options: Options): { name: string; values: Cell[] } {
  const { reducer = "sum", include } = (options.reduce ?? {}) as { reducer?: string; include?: string[] };
  const numbers = frame.fields.filter(
    (field) => field.type === "number" && (include?.includes(displayName(field, frame)) ?? true),
  );
  const values = rowNumbers(frame).map((row) =>
    reduced(
      numbers.map((field) => field.values[row] ?? null),
      reducer,
    ),
  );
  return { name: calculationTitle(reducer), values };
}

function binaryColumn(
  frame: Frame,
  { left, operator = "+", right }: { left?: unknown; operator?: string; right?: unknown },
) {
  const operand = (side: unknown) => {
    const given =
      typeof side === "object" && side !== null ? (side as { matcher?: { options?: unknown }; fixed?: string }) : {};
    const name = String(given.matcher?.options ?? given.fixed ?? side);
    const field = frame.fields.find((one) => displayName(one, frame) === name);
    return { name, at: (row: number) => (field ? (field.values[row] ?? null) : Number(name)) };
  };
  const [a, b] = [operand(left), operand(right)];
  const values = rowNumbers(frame).map((row) => {
    const [x, y] = [a.at(row), b.at(row)];
    const result =
      typeof x === "number" && typeof y === "number" ? (OPERATORS[operator]?.(x, y) ?? Number.NaN) : Number.NaN;
    return Number.isFinite(result) ? result : null;
  });
  return { name: `${a.name} ${operator} ${b.name}`, values };
}

function converted(frame: Frame, options: Options): Frame {
  const rules = (options.conversions ?? []) as { targetField?: string; destinationType?: string }[];
  const fields = frame.fields.map((field): Field => {
    const rule = rules.find(({ targetField }) => targetField === displayName(field, frame));
    if (rule?.destinationType === "number") return { ...field, type: "number", values: field.values.map(asNumber) };
    if (rule?.destinationType === "string")
      return { ...field, type: "string", values: field.values.map((value) => (value === null ? null : String(value))) };
    return field;
  });
  return { ...frame, fields };
}

function asNumber(value: Cell): Cell {
  const number = value === null || value === "" ? Number.NaN : Number(value);
  return Number.isNaN(number) ? null : number;
}
