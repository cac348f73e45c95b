// SPDX-License-Identifier: Apache-2.0
/**
 * Ledger lines for tests: a whole one, changed where the test says.
 */
import type { LedgerLine } from "../../../bill/ledger/line.ts";

export function ledgerLine(members: Partial<LedgerLine> = {}): LedgerLine {
  return {
    ...{ connection: "crawl/crawler-0/1/1", part: 0, isInterim: false, sequence: 1000 },
    ...{ start: "2026-11-05T12:00:00.000Z", end: "2026-11-05T12:00:01.000Z" },
    ...{ vendor: "acme", pool: "residential", country: "de", extra: "" },
    ...{ pod: "crawler-0", namespace: "crawl", workload: "crawler", node: "node-1" },
    ...{ protocol: "connect", protocolVersion: "1.1", method: "CONNECT" },
    ...{ destinationHost: "shop-01.example", destinationPort: 443, gateway: "203.0.113.10:8080", status: 200 },
    ...{ outcome: "ok", requestOutcome: "ok", requests: 1, handshakeMs: 0, firstByteMs: 0, totalMs: 0 },
    ...{ sentBytes: 1000, receivedBytes: 9000, proxyHandshakeSentBytes: 100, proxyHandshakeReceivedBytes: 40 },
    ...{ tlsHandshakeSentBytes: 300, tlsHandshakeReceivedBytes: 2000 },
    ...members,
  };
}

export async function* stream(lines: readonly LedgerLine[]): AsyncIterable<LedgerLine> {
  yield* lines;
}
