// SPDX-License-Identifier: Apache-2.0
/**
 * The books of a vendor as its ledger lines have them, in the shape of those that the counters give (books.ts), so that the
 * two can be held against each other to the last byte. What a ledger does not say, it leaves out.
 */
import type { LedgerLine } from "../../../bill/ledger/line.ts";
import { readLedger } from "../../../bill/ledger/read.ts";
import { settledLines } from "../../../bill/ledger/settle.ts";
import * as contract from "../../../filter/core/contract.ts";
import type { Books, Bytes } from "./books.ts";

/** The part of the books that a ledger has too. */
export type LedgerBooks = Pick<
  Books,
  "requests" | "bytes" | "destinations" | "exchanges" | "failed" | "countries" | "overhead"
>;

/** The settled lines of a ledger that names no vendor but its own. */
export function settledLedger(file: string): Promise<LedgerLine[]> {
  return gathered(settledLines(readLedger([file])));
}

export async function gathered(lines: AsyncIterable<LedgerLine>): Promise<LedgerLine[]> {
  const all: LedgerLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

export function ledgerBooks(lines: readonly LedgerLine[], vendor: string): LedgerBooks {
  const own = lines.filter((line) => line.vendor === vendor);
  return {
    requests: own.reduce((sum, { requests }) => sum + requests, 0),
    bytes: own.reduce<Bytes>((sum, line) => plus(sum, bytesOf(line)), [0, 0]),
    destinations: grouped(own, (line) => `${line.pool} ${line.protocol} ${destinationLabel(line)}`, bytesOf, plus),
    exchanges: grouped(
      own,
      exchangeOf,
      ({ requests }) => requests,
      (a, b) => a + b,
    ),
    failed: grouped(
      own.filter(({ outcome }) => outcome !== contract.OUTCOME_OK),
      ({ outcome }) => outcome,
      bytesOf,
      plus,
    ),
    countries: grouped(
      own.filter(({ country }) => country !== ""),
      ({ country }) => country,
      bytesOf,
      plus,
    ),
    overhead: overheadOf(own),
  };
}

/** The same part of the counters' books. */
export function comparable(books: Books): LedgerBooks {
  const { requests, bytes, destinations, exchanges, failed, countries, overhead } = books;
  return { requests, bytes, destinations, exchanges, failed, countries, overhead };
}

function exchangeOf(line: LedgerLine): string {
  return `${line.pool} ${line.protocol} ${line.protocolVersion} ${destinationLabel(line)} ${line.status} ${line.requestOutcome}`;
}

/** The destination as its label has it. */
export function destinationLabel({ destinationHost: host, destinationPort: port, protocol }: LedgerLine): string {
  const usual = protocol === contract.PROTOCOL_HTTP ? 80 : 443;
  if (port === 0 || port === usual) return host;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function overheadOf(lines: readonly LedgerLine[]): Record<string, Bytes> {
  const kinds: [string, (line: LedgerLine) => Bytes][] = [
    [contract.KIND_PROXY_HANDSHAKE, (line) => [line.proxyHandshakeSentBytes, line.proxyHandshakeReceivedBytes]],
    [contract.KIND_TLS_HANDSHAKE, (line) => [line.tlsHandshakeSentBytes, line.tlsHandshakeReceivedBytes]],
  ];
  return Object.assign({}, ...kinds.map(([kind, read]) => grouped(lines, () => kind, read, plus)));
}

function bytesOf({ sentBytes, receivedBytes }: LedgerLine): Bytes {
  return [sentBytes, receivedBytes];
}

function plus([a, b]: Bytes, [c, d]: Bytes): Bytes {
  return [a + c, b + d];
}

/** Sums by key; rows that are 0 are left out. */
function grouped<Value>(
  lines: readonly LedgerLine[],
  keyOf: (line: LedgerLine) => string,
  read: (line: LedgerLine) => Value,
  add: (a: Value, b: Value) => Value,
): Record<string, Value> {
  const sums: Record<string, Value> = {};
  for (const line of lines) {
    const value = read(line);
    if ([value].flat().every((number) => number === 0)) continue;
    const key = keyOf(line);
    const before = sums[key];
    sums[key] = before === undefined ? value : add(before, value);
  }
  return sums;
}
