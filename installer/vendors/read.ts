// SPDX-License-Identifier: Apache-2.0
/**
 * Reads a vendors.yaml: text, shape and rules in turn, all mistakes at once, then the defaults.
 * What each step finds is its own file's: `document.ts`, `shape.ts`, `rules.ts`, `defaults.ts`.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { withDefaults } from "./defaults.ts";
import { readDocument } from "./document.ts";
import { type Mistake, mistakesError, vendorsError } from "./mistake.ts";
import type { VendorsFile } from "./model.ts";
import { checkRules } from "./rules.ts";
import { checkShape } from "./shape.ts";
import type { Written } from "./written.ts";

/** Longest file in bytes: the filter takes no longer configuration either. */
const LONGEST_FILE = 1024 * 1024;

const NO_FILE_HINT = "give the file by -f, or write one with `proxymeter init`";

/**
 * The file at a path, or standard input for `-`.
 *
 * @throws ProxymeterError E_VENDORS, exit status 2, with every mistake and its line and column
 */
export function readVendorsFile(path: string): VendorsFile {
  const name = path === "-" ? "standard input" : path;
  let bytes: Uint8Array;
  try {
    bytes = readBytes(path);
  } catch (cause) {
    throw vendorsError(`cannot read ${name}: ${reasonOf(cause)} (expected a file)`, NO_FILE_HINT, cause);
  }
  if (bytes.length > LONGEST_FILE) throw tooLong(name);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw vendorsError(`cannot use ${name}: found bytes that are no UTF-8 (expected text in UTF-8)`, undefined, cause);
  }
  return parseVendors(text, path === "-" ? name : basename(path));
}

/**
 * The model of a text.
 *
 * @param name  what the text is called in mistakes
 * @throws ProxymeterError E_VENDORS, exit status 2, with every mistake and its line and column
 */
export function parseVendors(text: string, name: string): VendorsFile {
  if (Buffer.byteLength(text) > LONGEST_FILE) throw tooLong(name);
  const { value, mistakes, isReadable, positionOf } = readDocument(text);
  if (!isReadable) throw mistakesError(name, mistakes, positionOf);
  const { mistakes: shapeMistakes, sound } = checkShape(value);
  const all: Mistake[] = [...mistakes, ...shapeMistakes, ...checkRules(sound)];
  if (all.length > 0) throw mistakesError(name, all, positionOf);
  return withDefaults(value as Written);
}

function tooLong(name: string) {
  return vendorsError(`cannot use ${name}: found more than ${LONGEST_FILE} bytes (expected at most that)`);
}

/** Reads one byte more than may be, and no more, whatever the file is. */
function readBytes(path: string): Uint8Array {
  const bytes = new Uint8Array(LONGEST_FILE + 1);
  const file = path === "-" ? 0 : openSync(path, "r");
  let length = 0;
  try {
    for (;;) {
      const read = readSync(file, bytes, length, bytes.length - length, null);
      length += read;
      if (read === 0) return bytes.subarray(0, length);
    }
  } finally {
    if (path !== "-") closeSync(file);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "found no such file",
  EISDIR: "found a folder",
  EACCES: "found that reading it is not allowed",
};

function reasonOf(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}
