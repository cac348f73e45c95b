// SPDX-License-Identifier: Apache-2.0
/**
 * When the bytes of a connection flowed: its parts as the last line on it has them, each with its growth from line to line.
 * Interim lines date bytes and decide nothing else, and a line that is read twice counts once. Reads no files.
 */
import type { LedgerLine } from "../../ledger/line.ts";

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

/**
 * The parts of all connections. A part that is within one day, by `isWithinOne`, is passed on as it comes; others are held until
 * every line has been read, so lines may come in any order. Holds the keys of all parts.
 */
export async function* datedParts(
  lines: AsyncIterable<LedgerLine>,
  isWithinOne: (line: LedgerLine, start: number, end: number) => boolean,
): AsyncIterable<DatedPart> {
  const ended = new Set<string>();
  const held = new Map<string, LedgerLine[]>();
  for await (const line of lines) {
    const key = `${line.connection}/${line.part}`;
    // Looks at a connection are of no more use once its end was passed on.
    if (ended.has(key) && !(line.isInterim && held.has(line.connection))) continue;
    const [start, end] = [Date.parse(line.start), Date.parse(line.end)];
    if (!line.isInterim) ended.add(key);
    if (line.isInterim || !isWithinOne(line, start, end)) hold(held, line);
    else yield { line, start, end, growth: [{ ...countsOf(line), from: start, to: end }] };
  }
  for (const states of held.values()) yield* settled(states, ended);
}

function hold(held: Map<string, LedgerLine[]>, line: LedgerLine): void {
  const states = held.get(line.connection);
  if (states === undefined) held.set(line.connection, [line]);
  else states.push(line);
}

/** The last word on one connection: its end, else the newest look at it. */
function settled(states: readonly LedgerLine[], ended: ReadonlySet<string>): DatedPart[] {
  const finals = states.filter(({ isInterim }) => !isInterim);
  // Every connection has a part 0, so its end was seen if that part's was.
  const hasEnded = states.some(({ connection }) => ended.has(`${connection}/0`));
  const newest = states.reduce((most, { sequence }) => Math.max(most, sequence), 0);
  const last = finals.length > 0 || hasEnded ? finals : states.filter(({ sequence }) => sequence === newest);
  const unique = new Map(last.map((line) => [line.part, line]));
  return [...unique.values()].map((line) => datedPart(line, states));
}

function datedPart(line: LedgerLine, states: readonly LedgerLine[]): DatedPart {
  const [start, end] = [Date.parse(line.start), Date.parse(line.end)];
  const looks = states
    .filter((state) => state.isInterim && isSamePart(state, line) && state.sequence < line.sequence)
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
