// SPDX-License-Identifier: Apache-2.0
/**
 * From YAML text to plain values, each with its place in the text, and the mistakes of the text as YAML.
 * Bounds what aliases and nesting can make of a small file. Does not know what a vendors.yaml is.
 */
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLError,
} from "yaml";
import type { Mistake, Path, Position } from "./mistake.ts";

/** Values of a file with its aliases written out, and levels of nesting. */
const MOST_VALUES = 200_000;
const DEEPEST = 20;
const TOO_DEEP = `found more than ${DEEPEST} levels of nesting (an alias within itself?), expected fewer`;
const TOO_MANY = `found more than ${MOST_VALUES} values with aliases written out, expected fewer`;

export interface TextDocument {
  value: unknown;
  mistakes: Mistake[];
  /** False where the text is no YAML, so that `value` says nothing. */
  isReadable: boolean;
  positionOf(mistake: Mistake): Position;
}

interface Place {
  value: number;
  name?: number;
}

export function readDocument(text: string): TextDocument {
  const lines = new LineCounter();
  const places = new Map<string, Place>();
  const positionOf = (mistake: Mistake) => {
    const { line, col } = lines.linePos(mistake.offset ?? offsetOf(places, mistake));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const unreadable = (mistakes: Mistake[]) => ({ value: undefined, mistakes, isReadable: false, positionOf });
  let document: Document.Parsed;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      merge: false,
      schema: "core",
      logLevel: "error",
    });
  } catch (cause) {
    // The parser recurses, so nesting without end exhausts the stack before it is an error.
    const found = cause instanceof RangeError ? "nesting too deep to read" : "what the YAML parser gave up on";
    return unreadable([{ path: [], offset: 0, text: `found ${found}, expected one YAML document` }]);
  }
  const mistakes = [...document.errors, ...document.warnings].map(syntaxMistake);
  if (document.errors.some(({ code }) => code !== "DUPLICATE_KEY")) return unreadable(mistakes);
  try {
    return { value: plainValue(document.contents, places, mistakes), mistakes, isReadable: true, positionOf };
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    return unreadable([...mistakes, { path: [], text: error.message, offset: error.offset }]);
  }
}

const SYNTAX: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "found the same member twice, expected each member once",
  MULTIPLE_DOCS: 'found a second document, expected one (take out the "---")',
  TAB_AS_INDENT: "found a tab as indentation, expected spaces",
  TAG_RESOLVE_FAILED: "found a tag, expected a plain value (take out the word that begins with an exclamation mark)",
};

function syntaxMistake({ code, message, pos }: YAMLError): Mistake {
  // Some messages end with the text that was found, which may be a secret.
  const told = message.replace(/:? ?".*$/s, "");
  return {
    path: [],
    offset: pos[0],
    text: SYNTAX[code] ?? `found no valid YAML, expected YAML 1.2: ${lowerFirst(told)}`,
  };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Ends a conversion that would not end. */
class TooMuch extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Our own conversion rather than the library's, which makes cyclic values of cyclic aliases and forgets where values were. */
function plainValue(contents: unknown, places: Map<string, Place>, mistakes: Mistake[]): unknown {
  const anchors = new Map<string, Node>();
  let values = 0;

  const plain = (node: Node | null, path: Path, name?: number): unknown => {
    const offset = node?.range?.[0] ?? name ?? 0;
    places.set(JSON.stringify(path), { value: offset, ...(name !== undefined && { name }) });
    values++;
    if (path.length > DEEPEST) throw new TooMuch(TOO_DEEP, offset);
    if (values > MOST_VALUES) throw new TooMuch(TOO_MANY, offset);
    const content = contentOf(node, path, offset);
    if (isScalar(content)) return content.value;
    if (isSeq<Node>(content)) return content.items.map((item, index) => plain(item, [...path, index]));
    if (isMap<Node, Node>(content)) return membersOf(content.items, path);
    return null;
  };

  const contentOf = (node: Node | null, path: Path, offset: number): Node | null => {
    if (!isAlias(node)) {
      if (isCollection(node) || isScalar(node)) if (node.anchor) anchors.set(node.anchor, node);
      return node;
    }
    const content = anchors.get(node.source);
    if (content === undefined) mistakes.push({ path, offset, text: "found an alias without anchor, expected a value" });
    return content ?? null;
  };

  const membersOf = (pairs: readonly Pair<Node, Node | null>[], path: Path): object => {
    // Without a prototype, so that a member called __proto__ is a member.
    const members: Record<string, unknown> = Object.create(null);
    for (const { key, value } of pairs) {
      const offset = key?.range?.[0] ?? 0;
      const name = contentOf(key, path, offset);
      if (isScalar(name)) members[String(name.value)] = plain(value, [...path, String(name.value)], offset);
      else mistakes.push({ path, offset, text: "found a member whose name is no text, expected a plain name" });
    }
    return members;
  };

  return plain(contents as Node | null, []);
}

/** Where the path leads, or as far as it does. */
function offsetOf(places: ReadonlyMap<string, Place>, { path, isAtName = false }: Mistake): number {
  for (let length = path.length; length >= 0; length--) {
    const place = places.get(JSON.stringify(path.slice(0, length)));
    if (place === undefined) continue;
    return isAtName && length === path.length ? (place.name ?? place.value) : place.value;
  }
  return 0;
}
