// SPDX-License-Identifier: Apache-2.0
/**
 * What ledger lines come to where connections wrote interim lines, or where lines are read twice: the last word on each
 * connection, once. Adding it up counts every byte once.
 */
import type { LedgerLine } from "./line.ts";
import { seenParts } from "./seen.ts";

/**
 * The last word on each connection: how it ended, or, where a sidecar was killed, its last interim line. Lines of one
 * connection may come in any order and several times. Holds the interim lines of connections that have not ended, the newest
 * only, and the names of those that have.
 */
export async function* settledLines(lines: AsyncIterable<LedgerLine>): AsyncIterable<LedgerLine> {
  const open = new Map<string, LedgerLine[]>();
  const ended = seenParts();
  for await (const line of lines) {
    if (!line.isInterim) {
      open.delete(line.connection);
      if (ended.take(line)) yield line;
    } else if (!ended.has(line.connection)) {
      holdNewest(open, line);
    }
  }
  for (const parts of open.values()) yield* parts;
}

/** Keeps all parts of the newest look at a connection. */
export function holdNewest(open: Map<string, LedgerLine[]>, line: LedgerLine): void {
  const before = open.get(line.connection);
  const sequence = before?.[0]?.sequence ?? -1;
  if (before !== undefined && line.sequence === sequence) {
    if (!before.some(({ part }) => part === line.part)) before.push(line);
  } else if (line.sequence > sequence) {
    open.set(line.connection, [line]);
  }
}
