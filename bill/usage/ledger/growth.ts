// SPDX-License-Identifier: Apache-2.0
/**
 * When the bytes of a connection flowed: its parts as the last line on it has them, each with its growth from line to line.
 * Interim lines date bytes and decide nothing else, and a line that is read twice counts once. Reads no files.
 */
import type { LedgerLine } from "../../ledger/line.ts";
import { seenParts } from "../../ledger/seen.ts";
import { holdNewest } from "../../ledger/settle.ts";

/** The numbers of a part that a bill adds up. */
export const COUNTS = [
  "requests",
  "sentBytes",
  "receivedBytes",
  "proxyHandshakeSentBytes",
  "proxyHandshakeReceivedBytes",
  "tlsHandshakeSentBytes",
  "tlsHandshakeReceivedBytes",
] as const satisfies readonly (keyof LedgerLine)[];

export type Counts = Record<(typeof COUNTS)[number], number>;

/** What came to a part between two looks at it, in milliseconds of the epoch. */
export interface Growth extends Counts {
  from: number;
  to: number;
}

export interface DatedPart {
  /** The last word on this part. */
  line: LedgerLine;
  start: number;
  end: number;
  /** In order of time; adds up to the line. */
  growth: Growth[];
}

/** Which stretch of time a moment is in; how growth is spread within one does not matter. */
export type SlotOf = (line: LedgerLine, moment: number) => number;

/** What is kept of a connection that is not known to lie within one stretch. */
interface Held {
  finals: LedgerLine[];
  /** By part and stretch: the first and the last look at a part in it, which date all that a bill needs. */
  looks: Map<string, LooksInSlot>;
}

interface LooksInSlot {
  first: LedgerLine;
  last: LedgerLine;
}

/**
 * The parts of all connections. Those of a connection that lies within one stretch of time are passed on as its end comes; others
 * are held until every line has been read, so lines may come in any order and several times. Holds the names of all
 * connections; of those that are open or go from one stretch to another two looks a part and stretch, and the newest.
 */
export async function* datedParts(lines: AsyncIterable<LedgerLine>, slotOf: SlotOf): AsyncIterable<DatedPart> {
  const ended = seenParts();
  const held = new Map<string, Held>();
  const newest = new Map<string, LedgerLine[]>();
  for await (const line of lines) {
    const { connection } = line;
    if (line.isInterim) {
      // Looks at a connection are of no more use once its end was passed on.
      if (ended.has(connection) && !held.has(connection)) continue;
      if (!ended.has(connection)) holdNewest(newest, line);
      holdLook(heldOf(held, connection).looks, line, slotOf);
    } else if (ended.take(line)) {
      newest.delete(connection);
      if (!isWithinOne(line, slotOf)) {
        heldOf(held, connection).finals.push(line);
        continue;
      }
      if (held.get(connection)?.finals.length === 0) held.delete(connection);
      const [start, end] = [Date.parse(line.start), Date.parse(line.end)];
      yield { line, start, end, growth: [{ ...countsOf(line), from: start, to: end }] };
    }
  }
  for (const [connection, { finals, looks }] of held) {
    const dates = [...looks.values()].flatMap(({ first, last }) => (first === last ? [first] : [first, last]));
    // Its end, else the newest look at it.
    for (const line of newest.get(connection) ?? finals) yield datedPart(line, dates);
  }
}

/** Whether all of a connection is. */
function isWithinOne(line: LedgerLine, slotOf: SlotOf): boolean {
  const end = Date.parse(line.end);
  return slotOf(line, Math.min(Date.parse(line.start), end - line.sequence)) === slotOf(line, end);
}

function heldOf(held: Map<string, Held>, connection: string): Held {
  const known = held.get(connection);
  if (known !== undefined) return known;
  const added = { finals: [], looks: new Map() };
  held.set(connection, added);
  return added;
}

/** What was counted at the very end of a stretch was there before it. */
function holdLook(looks: Map<string, LooksInSlot>, line: LedgerLine, slotOf: SlotOf): void {
  const key = `${line.part} ${slotOf(line, Date.parse(line.end) - 1)}`;
  const known = looks.get(key);
  if (known === undefined) looks.set(key, { first: line, last: line });
  else if (line.sequence < known.first.sequence) known.first = line;
  else if (line.sequence > known.last.sequence) known.last = line;
}

function datedPart(line: LedgerLine, dates: readonly LedgerLine[]): DatedPart {
  const [start, end] = [Date.parse(line.start), Date.parse(line.end)];
  const looks = dates
    .filter((look) => isSamePart(look, line) && look.sequence < line.sequence)
    .sort((a, b) => a.sequence - b.sequence);
  const growth: Growth[] = [];
  let before: Counts & { at: number } = { ...none(), at: start };
  for (const look of [...looks, line]) {
    const at = Date.parse(look.end);
    const now = look === line ? countsOf(line) : grown(before, countsOf(look), countsOf(line));
    growth.push({ ...difference(now, before), from: before.at, to: at });
    before = { ...now, at };
  }
  return { line, start, end, growth };
}

/** Interim lines may number parts otherwise than the last one; then they date nothing. */
function isSamePart(a: LedgerLine, b: LedgerLine): boolean {
  return a.part === b.part && a.destinationHost === b.destinationHost && a.destinationPort === b.destinationPort;
}

/** A look is held between the one before it and the last word, so that no growth is negative. */
function grown(before: Counts, look: Counts, last: Counts): Counts {
  return each((name) => Math.min(Math.max(look[name], before[name]), last[name]));
}

function difference(now: Counts, before: Counts): Counts {
  return each((name) => now[name] - before[name]);
}

function countsOf(line: LedgerLine): Counts {
  return each((name) => line[name]);
}

function none(): Counts {
  return each(() => 0);
}

function each(value: (name: keyof Counts) => number): Counts {
  return Object.fromEntries(COUNTS.map((name) => [name, value(name)])) as Counts;
}
