// SPDX-License-Identifier: Apache-2.0
/**
 * Variables of a dashboard: which values each can take, what is chosen, and how queries, titles and links carry them.
 * Prometheus' way of writing several values is an alternation with everything else escaped. Asks nobody.
 */
import type { GrafanaVariable } from "./grafana.ts";

/** Stands for every value. */
export const ALL = "$__all";

/** Chosen values by variable; one for those that take one. */
export type Choices = Readonly<Record<string, readonly string[]>>;

/** What a `query` variable asks Prometheus for. */
export type VariableQuery =
  | { kind: "labelValues"; label: string; selector: string }
  | { kind: "query"; expression: string }
  | { kind: "fixed"; values: string[] };

/** Built-in values, such as `__interval`; and the chosen ones with their definitions. */
export interface Scope {
  variables: readonly GrafanaVariable[];
  choices: Choices;
  /** Every value that a variable can take, where it is known: what All means if there is no `allValue`. */
  options: Readonly<Record<string, readonly string[]>>;
  builtIn: Readonly<Record<string, string>>;
}

const REFERENCE = /\$\{(\w+)(?:\.[\w.]+)?(?::(\w+))?\}|\[\[(\w+)(?::(\w+))?\]\]|\$(\w+)/g;

/** Whether people choose it: the data source is given here, and hidden ones are not shown. */
export function isShown({ type, hide }: GrafanaVariable): boolean {
  return hide !== 2 && type !== "datasource" && type !== "constant" && type !== "adhoc";
}

export function variableQuery(variable: GrafanaVariable): VariableQuery {
  const { type, query } = variable;
  const text = (typeof query === "string" ? query : (query?.query ?? variable.definition ?? "")).trim();
  if (type !== "query") return { kind: "fixed", values: fixedValues(variable, text) };
  const labelOnly = /^label_values\(\s*(\w+)\s*\)$/.exec(text);
  if (labelOnly) return { kind: "labelValues", label: labelOnly[1] ?? "", selector: "" };
  const labelOf = /^label_values\(([\s\S]+),\s*(\w+)\s*\)$/.exec(text);
  if (labelOf) return { kind: "labelValues", label: labelOf[2] ?? "", selector: (labelOf[1] ?? "").trim() };
  return { kind: "query", expression: /^query_result\(([\s\S]+)\)$/.exec(text)?.[1] ?? text };
}

function fixedValues({ options = [], type }: GrafanaVariable, text: string): string[] {
  const listed = options.flatMap(({ value }) => value ?? []).filter((value) => value !== ALL);
  if (listed.length > 0) return listed;
  if (type === "custom" || type === "interval")
    return text
      .split(",")
      .map((value) => value.trim())
      .filter(Boolean);
  return text === "" ? [] : [text];
}

/** Values after the variable's own filter and order. A group named `value`, or the first group, is the value. */
export function optionsOf(variable: GrafanaVariable, values: readonly string[]): string[] {
  const kept = values.flatMap((value) => filtered(value, variable.regex ?? ""));
  return ordered([...new Set(kept)], variable.sort ?? 0);
}

function filtered(value: string, regex: string): string[] {
  if (regex === "") return [value];
  const written = /^\/([\s\S]*)\/([gimsuy]*)$/.exec(regex);
  const found = new RegExp(written?.[1] ?? regex, (written?.[2] ?? "").replace("g", "")).exec(value);
  return found === null ? [] : [found.groups?.value ?? found[1] ?? found[0]];
}

function ordered(values: string[], sort: number): string[] {
  if (sort === 0) return values;
  const isNumeric = sort === 3 || sort === 4;
  values.sort((a, b) => (isNumeric ? number(a) - number(b) : a.localeCompare(b, "en", { sensitivity: "base" })));
  return sort % 2 === 0 ? values.reverse() : values;
}

function number(text: string): number {
  return Number(/\d+(\.\d+)?/.exec(text)?.[0] ?? Number.NaN);
}

/** What is chosen before anybody chose: what the dashboard says, else all, else the first. */
export function usualChoice(variable: GrafanaVariable, options: readonly string[]): string[] {
  const said = [variable.current?.value ?? []].flat().filter((value) => value === ALL || options.includes(value));
  if (said.length > 0) return said;
  if (variable.includeAll) return [ALL];
  return options.slice(0, 1);
}

/** A text with its variables filled in. A name that nobody knows stays as it is. */
export function interpolate(text: string, scope: Scope, format: "promql" | "text" = "promql"): string {
  return text.replace(REFERENCE, (whole, braced, bracedFormat, bracketed, bracketedFormat, plain) => {
    const name: string = braced ?? bracketed ?? plain;
    const asked: string | undefined = bracedFormat ?? bracketedFormat;
    return chosenText(name, asked ?? format, scope) ?? whole;
  });
}

function chosenText(name: string, format: string, scope: Scope): string | undefined {
  if (Object.hasOwn(scope.builtIn, name)) return scope.builtIn[name];
  const variable = scope.variables.find((candidate) => candidate.name === name);
  if (variable === undefined) return undefined;
  const chosen = scope.choices[name] ?? usualChoice(variable, scope.options[name] ?? []);
  const isAll = chosen.includes(ALL);
  if (isAll && variable.allValue) return variable.allValue;
  if (isAll && format === "text") return "All";
  const values = isAll ? (scope.options[name] ?? []) : chosen;
  return written(values, format, variable.multi === true || variable.includeAll === true);
}

function written(values: readonly string[], format: string, isList: boolean): string {
  if (format === "text") return values.join(" + ");
  if (format === "raw" || format === "csv") return values.join(",");
  if (format === "pipe") return values.join("|");
  if (format === "queryparam") return values.map(encodeURIComponent).join(",");
  if (format === "regex") return alternation(values.map(escapeRegex));
  // A list is meant for =~, a single value for =; within PromQL's quotes a backslash is written twice.
  if (isList) return alternation(values.map((value) => inQuotes(escapeRegex(value))));
  return inQuotes(values[0] ?? "");
}

function alternation(values: readonly string[]): string {
  return values.length === 1 ? (values[0] ?? "") : `(${values.join("|")})`;
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$*+?.()|[\]{}]/g, "\\$&");
}

function inQuotes(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/"/g, '\\"');
}
