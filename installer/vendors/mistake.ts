// SPDX-License-Identifier: Apache-2.0
/**
 * One mistake in a vendors.yaml, and how all of them become the error that the user reads.
 * Finds none itself, and knows no positions: those are in `document.ts`.
 */
import { documentation } from "../documentation.ts";
import { ProxymeterError } from "../errors.ts";

/** Members and indices from the root to a value. */
export type Path = readonly (string | number)[];

export interface Mistake {
  path: Path;
  /** "found ..., expected ...". */
  text: string;
  /** Offset in the text where it is known better than by the path. */
  offset?: number;
  /** Shown at the name of the member rather than at its value. */
  isAtName?: boolean;
}

export interface Position {
  /** Both from 1. */
  line: number;
  column: number;
}

const MOST_SHOWN = 100;
const HINT = `${documentation("vendors.md")} describes every member, \`proxymeter init -f -\` prints a commented example, and ${documentation("vendors.schema.json")} lets editors complete them`;

/** `name:12:7: vendors[0].gateways[1].ports[0]: found "80a0", expected a whole number from 1 to 65535`, in order of position. */
export function mistakesError(
  name: string,
  mistakes: readonly Mistake[],
  positionOf: (mistake: Mistake) => Position,
): ProxymeterError {
  const placed = mistakes
    .map((mistake) => ({ mistake, position: positionOf(mistake) }))
    .sort((a, b) => a.position.line - b.position.line || a.position.column - b.position.column);
  const lines = placed.map(({ mistake: { path, text }, position: { line, column } }) => {
    const where = path.length > 0 ? `${pathText(path)}: ` : "";
    return `${name}:${line}:${column}: ${where}${text}`;
  });
  const unique = [...new Set(lines)];
  const more = unique.length > MOST_SHOWN ? [`and ${unique.length - MOST_SHOWN} more`] : [];
  const mistakesCount = unique.length === 1 ? "one mistake" : `${unique.length} mistakes`;
  return vendorsError(
    `cannot use ${name}: found ${mistakesCount}\n${[...unique.slice(0, MOST_SHOWN), ...more].join("\n")}`,
  );
}

export function vendorsError(message: string, hint = HINT, cause?: unknown): ProxymeterError {
  return new ProxymeterError("E_VENDORS", message, hint, { exitCode: 2, cause });
}

/** `vendors[0].ports[1]`; a member that is no plain word stands in quotes. */
export function pathText(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      if (!/^[A-Za-z_][A-Za-z0-9_-]{0,62}$/.test(step)) return `[${quoted(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join("");
}

const LONGEST_QUOTED = 60;

/** Text as it may be shown: cut short, without control characters, and without what may be credentials before an at sign. */
export function quoted(text: string): string {
  // An image has an at sign before its digest, and no credentials.
  const shown = text.startsWith("oci://") ? text : text.replace(/^([A-Za-z0-9+.-]*:\/\/)?.*@/s, "$1***@");
  const cut = shown.length > LONGEST_QUOTED ? `${shown.slice(0, LONGEST_QUOTED)}...` : shown;
  // JSON leaves C1 controls, line separators and marks of direction as they are; terminals act on them.
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
