// SPDX-License-Identifier: Apache-2.0
/**
 * What an error of the schema says to people: what was found, what is expected, and what was probably meant.
 * What is expected comes from the schema's titles, so that editors and errors say the same.
 */
import type { ErrorObject } from "ajv/dist/2020.js";
import { type Mistake, type Path, quoted } from "./mistake.ts";
import { VENDORS_SCHEMA } from "./schema.ts";
import { wordList } from "./schema-values.ts";
import { suggestion } from "./suggestion.ts";

interface TitledSchema {
  $ref?: string;
  title?: string;
  pattern?: string;
  enum?: readonly string[];
  properties?: Record<string, TitledSchema>;
}

const SECRET = /pass|secret|token|credential|api_?key/i;

export function shapeMistake(error: ErrorObject, path: Path): Mistake {
  const schema = error.parentSchema as TitledSchema;
  if (error.keyword === "additionalProperties") return unknownMember(error, schema, path);
  if (error.keyword === "required") {
    const member = String(error.params.missingProperty);
    const title = titleOf(schema.properties?.[member]);
    return { path: [...path, member], text: `found nothing, expected ${title} (there is no default)` };
  }
  const afterthought = didYouMean(error, schema) || inQuotes(error, schema);
  return { path, text: `found ${foundText(error.data, path)}, expected ${schema.title}${afterthought}` };
}

function unknownMember({ params }: ErrorObject, { properties = {} }: TitledSchema, path: Path): Mistake {
  const member = String(params.additionalProperty);
  const known = Object.keys(properties);
  const meant = suggestion(member, known);
  const expected = meant === undefined ? `expected ${wordList(known)}` : `did you mean ${quoted(meant)}?`;
  const isSecret = meant === undefined && SECRET.test(member);
  const text = isSecret
    ? "found what looks like a credential, expected none: this file holds no secrets"
    : `found an unknown member, ${expected}`;
  return { path: [...path, member], text, isAtName: true };
}

function didYouMean({ data }: ErrorObject, schema: TitledSchema): string {
  // Of one word there is nothing to choose.
  if (schema.enum === undefined || schema.enum.length < 2 || typeof data !== "string") return "";
  const meant = suggestion(data, schema.enum);
  return meant === undefined ? "" : ` (did you mean ${quoted(meant)}?)`;
}

/** YAML reads some names as numbers or truth values. */
function inQuotes({ data }: ErrorObject, { pattern }: TitledSchema): string {
  const isPlain = typeof data === "number" || typeof data === "boolean";
  return isPlain && pattern !== undefined && new RegExp(pattern, "u").test(String(data)) ? " (put it in quotes)" : "";
}

function titleOf(schema: TitledSchema | undefined): string {
  const name = schema?.$ref?.split("/").at(-1);
  const definitions: Record<string, TitledSchema> = VENDORS_SCHEMA.$defs;
  return schema?.title ?? definitions[name ?? ""]?.title ?? "a value";
}

/** A value in few words. People paste whole usernames into the pattern, so its values are never shown. */
export function foundText(value: unknown, path: Path): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 1 ? "a list of one" : `a list of ${value.length}`;
  if (typeof value === "object") return Object.keys(value).length > 0 ? "an object" : "an empty object";
  if (path.includes("username")) return typeof value === "string" ? "another text (not shown)" : `a ${typeof value}`;
  return typeof value === "string" ? quoted(value) : String(value);
}
