// SPDX-License-Identifier: Apache-2.0
/**
 * Ledger lines for tests: what a sidecar writes, and its normal form, each changed where a test says so.
 */
import type { LedgerLine } from "../../../../bill/ledger/line.ts";
import { parseLedgerLine } from "../../../../bill/ledger/parse.ts";

export const PART = {
  ...{ proxy_vendor: "acme", proxy_pool: "residential", proxy_country: "de", destination_host: "shop-01.example" },
  ...{
    protocol: "connect",
    protocol_version: "1.1",
    method: "CONNECT",
    response_code: 200,
    outcome: "ok",
    requests: 1,
  },
  ...{ sent_bytes: 1000, received_bytes: 20_000, start_milliseconds: 1_790_000_000_250, handshake_milliseconds: 12 },
  ...{ first_byte_milliseconds: 80, duration_milliseconds: 900, proxy_handshake_sent_bytes: 120 },
};

/** As Envoy writes it. */
export function sidecarLine(members: object = {}, ...parts: object[]): string {
  const line = {
    ...{ proxymeter: 1, type: "TcpConnectionEnd", start: "2026-09-21T14:13:20.200Z", milliseconds: "1000" },
    ...{ connection: "17", pod: "crawler-0", namespace: "crawl", workload: "crawler", node: "node-a" },
    ...{ gateway: "203.0.113.10:8080", flags: "-" },
    parts: (parts.length > 0 ? parts : [{}]).map((part) => ({ ...PART, ...part })),
    ...members,
  };
  return JSON.stringify(line);
}

export function ledgerLine(members: Partial<LedgerLine> = {}): LedgerLine {
  const [line] = parseLedgerLine(sidecarLine()) ?? [];
  if (line === undefined) throw new Error("the line of the tests is broken");
  return { ...line, ...members };
}

export async function* stream<T>(...items: readonly T[]): AsyncIterable<T> {
  for (const item of items) yield await Promise.resolve(item);
}

export async function gathered<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
