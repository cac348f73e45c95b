// SPDX-License-Identifier: Apache-2.0
/**
 * Checks a value against the schema: every mistake of shape, and what is left when what has a mistake is taken out, so that
 * rules between members can still be checked. Words of single mistakes are in `messages.ts`.
 */
import { Ajv2020 } from "ajv/dist/2020.js";
import { fullFormats } from "ajv-formats/dist/formats.js";
import { shapeMistake } from "./messages.ts";
import type { Mistake, Path } from "./mistake.ts";
import { VENDORS_SCHEMA } from "./schema.ts";
import type { Sound, Written } from "./written.ts";

const ajv = new Ajv2020({
  allErrors: true,
  verbose: true,
  formats: { date: fullFormats.date },
  allowUnionTypes: true,
});
// The rules report everything that is there twice, rather than the first pair; and the library's comparison throws on objects
// with a member called valueOf.
ajv.removeKeyword("uniqueItems").addKeyword("uniqueItems");
const validate = ajv.compile<Written>(VENDORS_SCHEMA);

/** Paths as JSON. */
type PathSet = ReadonlySet<string>;

export interface Shape {
  mistakes: Mistake[];
  /** What has no mistake of shape. */
  sound: Sound<Written>;
}

export function checkShape(value: unknown): Shape {
  if (validate(value)) return { mistakes: [], sound: value as Sound<Written> };
  const bad = new Set<string>();
  const unknown = new Set<string>();
  const mistakes = new Map<string, Mistake>();
  for (const error of validate.errors ?? []) {
    const path = pathOf(value, error.instancePath);
    const mistake = shapeMistake(error, path);
    // The value of a text that is no number is also too small and not whole: one mistake is enough.
    const key = JSON.stringify(mistake.path);
    if (!mistakes.has(key)) mistakes.set(key, mistake);
    if (error.keyword === "additionalProperties") unknown.add(key);
    // An object that lacks a member is usable without.
    else if (error.keyword !== "required") bad.add(JSON.stringify(path));
  }
  return { mistakes: [...mistakes.values()], sound: (without(value, [], { bad, unknown }) ?? {}) as Sound<Written> };
}

function pathOf(root: unknown, pointer: string): Path {
  const path: (string | number)[] = [];
  let value = root;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    path.push(Array.isArray(value) ? Number(name) : name);
    value = (value as Record<string, unknown> | undefined)?.[name];
  }
  return path;
}

/** The value with undefined for what is bad, and without members that are unknown. */
function without(value: unknown, path: Path, { bad, unknown }: { bad: PathSet; unknown: PathSet }): unknown {
  if (bad.has(JSON.stringify(path))) return undefined;
  const inner = (item: unknown, step: string | number) => without(item, [...path, step], { bad, unknown });
  if (Array.isArray(value)) return value.map(inner);
  if (typeof value !== "object" || value === null) return value;
  const known = Object.entries(value).filter(([name]) => !unknown.has(JSON.stringify([...path, name])));
  return Object.fromEntries(known.map(([name, item]) => [name, inner(item, name)]));
}
