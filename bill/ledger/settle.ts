// SPDX-License-Identifier: Apache-2.0
/**
 * What ledger lines come to where connections wrote interim lines: the last word on each connection. Adding it up counts
 * every byte once.
 */
import type { LedgerLine } from "./line.ts";

/** A connection that ended before its first second was over has written no interim line: none is more frequent. */
const SHORTEST_INTERVAL_MS = 1000;

/**
 * The last word on each connection: how it ended, or, where a sidecar was killed, its last interim line. Lines of one
 * connection may come in any order. Holds the interim lines of connections that have not ended, and the names of those that
 * have, about 100 bytes for each that lasted a second or more.
 */
export async function* settledLines(lines: AsyncIterable<LedgerLine>): AsyncIterable<LedgerLine> {
  const open = new Map<string, LedgerLine[]>();
  const ended = new Set<string>();
  for await (const line of lines) {
    const { connection, sequence } = line;
    if (!line.isInterim) {
      open.delete(connection);
      if (sequence >= SHORTEST_INTERVAL_MS) ended.add(connection);
      yield line;
    } else if (!ended.has(connection)) {
      hold(open, line);
    }
  }
  for (const parts of open.values()) yield* parts;
}

function hold(open: Map<string, LedgerLine[]>, line: LedgerLine): void {
  const before = open.get(line.connection);
  const sequence = before?.[0]?.sequence ?? -1;
  if (before !== undefined && line.sequence === sequence) {
    if (!before.some(({ part }) => part === line.part)) before.push(line);
  } else if (line.sequence > sequence) {
    open.set(line.connection, [line]);
  }
}
