// SPDX-License-Identifier: Apache-2.0
/**
 * Reads the ledger of `proxymeter loadgen`: from the address where a running load serves it, or from the file that its `-o json`
 * was written to. Turns it into an oracle; what the oracle is held against is known to books.ts.
 */
import { readFileSync, statSync } from "node:fs";
import { request } from "undici";
import { ProxymeterError } from "../errors.ts";
import type { Oracle, OracleRow } from "./books.ts";
import { exactly } from "./figures.ts";

const TIMEOUT_MS = 10_000;
const HINT =
  "give the address that `proxymeter loadgen --ledger-port` prints, or the file that its -o json was written to when it has ended";

/** The part of loadgen's result that is used here. */
export interface Ledger {
  elapsedMs: number;
  openVisits: number;
  destinations: LedgerRow[];
}

interface LedgerRow {
  pod: string;
  vendor: string;
  connections: number;
  requests: number;
  sentBytes: number;
  receivedBytes: number;
}

const NUMBERS = ["connections", "requests", "sentBytes", "receivedBytes"] as const;

export function isLive(source: string): boolean {
  return /^https?:\/\//.test(source);
}

/** When the ledger was complete, in seconds of the epoch; a running one is not before now. */
export function writtenAt(source: string): number {
  return (isLive(source) ? Date.now() : statSync(source).mtimeMs) / 1000;
}

/** @throws ProxymeterError E_LEDGER */
export async function readLedger(source: string, signal: AbortSignal): Promise<Ledger> {
  const text = isLive(source) ? await fetchLedger(source, signal) : readLedgerFile(source);
  return parseLedger(text, source);
}

/** @throws ProxymeterError E_LEDGER */
export function parseLedger(text: string, source: string): Ledger {
  let ledger: Partial<Ledger>;
  try {
    ledger = JSON.parse(text) as Partial<Ledger>;
  } catch (cause) {
    throw unreadable(source, "no JSON (expected loadgen's result)", cause);
  }
  const { elapsedMs, openVisits, destinations } = ledger;
  const isWhole =
    typeof elapsedMs === "number" &&
    typeof openVisits === "number" &&
    Array.isArray(destinations) &&
    destinations.every(
      (row) => typeof row.vendor === "string" && NUMBERS.every((name) => typeof row[name] === "number"),
    );
  if (!isWhole) throw unreadable(source, "other JSON (expected elapsedMs, openVisits and destinations)");
  return { elapsedMs, openVisits, destinations };
}

/** One ledger of loads that were made one after the other. */
export function addLedgers(ledgers: readonly Ledger[]): Ledger {
  return {
    elapsedMs: ledgers.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0),
    openVisits: ledgers.reduce((sum, { openVisits }) => sum + openVisits, 0),
    destinations: ledgers.flatMap(({ destinations }) => destinations),
  };
}

/** Connections that were opened, or tried: each is one CONNECT or SOCKS request where it is a tunnel. */
export function requestsIn({ destinations }: Ledger): number {
  return destinations.reduce((sum, row) => sum + row.requests, 0);
}

/**
 * The ledger as an oracle.
 *
 * @param before  an earlier reading of the same ledger, for as long as it runs
 * @param pods    names of metered pods: rows go by pod where the ledger's pods are all among them, else by vendor
 */
export function ledgerOracle(ledger: Ledger, before: Ledger, pods: ReadonlySet<string>): Oracle {
  const byPod = ledger.destinations.every(({ pod }) => pods.has(pod));
  const rows = new Map<string, OracleRow>();
  const name = (row: LedgerRow) => (byPod ? `${row.pod} ${row.vendor}` : row.vendor);
  for (const row of ledger.destinations) {
    const known = rows.get(name(row)) ?? emptyRow(byPod ? row.pod : "", row.vendor);
    rows.set(name(row), {
      ...known,
      sentBytes: exactly(known.sentBytes.high + row.sentBytes),
      receivedBytes: exactly(known.receivedBytes.high + row.receivedBytes),
    });
  }
  for (const [key, row] of rows) {
    const earlier = before.destinations.filter((one) => name(one) === key);
    row.sentBytes.low = earlier.reduce((sum, one) => sum + one.sentBytes, 0);
    row.receivedBytes.low = earlier.reduce((sum, one) => sum + one.receivedBytes, 0);
  }
  return {
    name: "loadgen's ledger of its own sockets",
    rows: [...rows.values()],
    vendors: [...new Set(ledger.destinations.map(({ vendor }) => vendor))],
    seconds: ledger.elapsedMs / 1000,
    openConnections: ledger.openVisits,
    promql: [],
  };
}

function emptyRow(pod: string, vendor: string): OracleRow {
  return { namespace: "", pod, vendor, sentBytes: exactly(0), receivedBytes: exactly(0) };
}

async function fetchLedger(source: string, signal: AbortSignal): Promise<string> {
  const url = new URL(source);
  if (url.pathname === "/" || url.pathname === "/metrics") url.pathname = "/ledger";
  try {
    const { statusCode, body } = await request(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const text = await body.text();
    if (statusCode === 200) return text;
    throw unreadable(source, `status ${statusCode} (expected 200)`);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof ProxymeterError
      ? error
      : unreadable(source, (error as Error).message || String(error), error);
  }
}

function readLedgerFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw unreadable(path, (error as Error).message, error);
  }
}

function unreadable(source: string, found: string, cause?: unknown): ProxymeterError {
  return new ProxymeterError("E_LEDGER", `cannot read the ledger "${source}": ${found}`, HINT, { exitCode: 2, cause });
}
