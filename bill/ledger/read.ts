// SPDX-License-Identifier: Apache-2.0
/**
 * Ledger lines out of files: plain or gzip, standard input, whatever else stands in them.
 * Yields every line in the order of the files, interim ones too; settle.ts says what they come to. Bounded in memory.
 */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { LedgerLine } from "./line.ts";
import { parseLedgerLine } from "./parse.ts";
import { wholeTexts } from "./pieces.ts";

/** What a reading met, filled in while it goes on. */
export interface Tally {
  /** Lines of text, each as its program wrote it: what the runtime cut counts once. */
  texts: number;
  /** Of these, lines of the ledger that were taken. */
  taken: number;
  /** Of these, lines of the ledger that were left out: cut off, damaged, or where a sidecar writes none. */
  broken: number;
  /** Of these, lines that are something else. */
  foreign: number;
}

export const emptyTally = (): Tally => ({ texts: 0, taken: 0, broken: 0, foreign: 0 });

/** The name that stands for standard input. */
export const STANDARD_INPUT = "-";
/** Longer texts are no ledger lines: the sidecar's stay under 16 KiB. */
const LONGEST_LINE = 1 << 20;

/**
 * All lines of all files. Lines of text that are no ledger lines are left out and counted.
 *
 * @throws the error of the system where a file cannot be read; of zlib where a .gz is damaged
 */
export async function* readLedger(files: readonly string[], tally: Tally = emptyTally()): AsyncIterable<LedgerLine> {
  for (const file of files) {
    const stream = file === STANDARD_INPUT ? process.stdin : await openFile(file);
    yield* ledgerLines(stream, tally);
  }
}

/** The same out of a stream of bytes or text. */
export async function* ledgerLines(stream: AsyncIterable<Buffer | string>, tally: Tally = emptyTally()) {
  for await (const text of wholeTexts(textLines(stream))) {
    tally.texts++;
    const found = parseLedgerLine(text);
    if (found === undefined) tally.foreign++;
    else if (found.length === 0) tally.broken++;
    else tally.taken++;
    yield* found ?? [];
  }
}

/** By what it begins with, not by its name: rotated logs carry all sorts of names. */
async function openFile(file: string): Promise<Readable> {
  const handle = await open(file);
  const head = Buffer.alloc(2);
  await handle.read(head, 0, 2, 0);
  await handle.close();
  const stream = createReadStream(file);
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  // Errors of either end the reading of what comes out.
  return isGzip ? pipeline(stream, createGunzip(), () => undefined) : stream;
}

/** Lines without their ends; a line that is too long is cut off, and its rest passed over. */
export async function* textLines(stream: AsyncIterable<Buffer | string>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = "";
  let isOverlong = false;
  for await (const chunk of stream) {
    const text = rest + (typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }));
    const lines = text.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!isOverlong) yield line.endsWith("\r") ? line.slice(0, -1) : line;
      isOverlong = false;
    }
    if (rest.length > LONGEST_LINE) {
      if (!isOverlong) yield rest.slice(0, LONGEST_LINE);
      rest = "";
      isOverlong = true;
    }
  }
  if (rest !== "" && !isOverlong) yield rest;
}
