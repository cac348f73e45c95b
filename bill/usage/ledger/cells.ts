// SPDX-License-Identifier: Apache-2.0
/**
 * Sums of ledger lines by everything that a bill splits by. A cell is one combination of the splits' values for one vendor; totals and
 * splits are sums of cells, so every split adds up to the total exactly.
 */
import * as contract from "../../../filter/core/contract.ts";
import type { LedgerLine } from "../../ledger/line.ts";
import { addTraffic, billableOf, isBilled, noTraffic, type Traffic } from "../../prices/billable.ts";
import type { BillingProfile } from "../../prices/model.ts";
import { DIMENSIONS, type Dimension, type SplitRow, type Splits, type Tally } from "../model.ts";
import { outerTlsOf } from "../outer-tls.ts";
import type { Counts } from "./growth.ts";

export interface Cell {
  place: Readonly<Record<Dimension, string>>;
  traffic: Traffic;
  requests: number;
  succeeded: number;
  failedBytes: number;
  repeatedBytes: number;
}

const USUAL_PORTS: Readonly<Record<string, number>> = { [contract.PROTOCOL_HTTP]: 80 };
const USUAL_TLS_PORT = 443;
const UNFAILED: ReadonlySet<string> = new Set([contract.OUTCOME_OK, contract.VALUE_UNKNOWN]);

/** Where a line stands in each split. */
export function placeOf(line: LedgerLine): Cell["place"] {
  const namespace = line.namespace || contract.VALUE_UNKNOWN;
  return {
    pool: line.pool || contract.VALUE_NONE,
    country: line.country || contract.VALUE_NONE,
    namespace,
    workload: `${namespace}/${line.workload || line.pod || contract.VALUE_UNKNOWN}`,
    destination: destinationOf(line),
  };
}

/** As the label `destination_host` has it: with the port where it is not the usual one. */
function destinationOf({ destinationHost, destinationPort, protocol }: LedgerLine): string {
  const usual = USUAL_PORTS[protocol] ?? USUAL_TLS_PORT;
  if (destinationPort === 0 || destinationPort === usual) return destinationHost || contract.VALUE_UNKNOWN;
  return destinationHost.includes(":")
    ? `[${destinationHost}]:${destinationPort}`
    : `${destinationHost}:${destinationPort}`;
}

export function emptyCell(place: Cell["place"]): Cell {
  return { place, traffic: noTraffic(), requests: 0, succeeded: 0, failedBytes: 0, repeatedBytes: 0 };
}

export function addToCell(cell: Cell, line: LedgerLine, counts: Counts, traffic: Traffic): void {
  addTraffic(cell.traffic, traffic);
  cell.requests += counts.requests;
  // Requests go by their answer and bytes by their end, as in the metrics: a tunnel that opened has succeeded, and may fail later.
  if (line.requestOutcome === contract.OUTCOME_OK) cell.succeeded += counts.requests;
  // What has no outcome yet has not failed.
  if (!UNFAILED.has(line.outcome)) cell.failedBytes += counts.sentBytes + counts.receivedBytes;
}

/** What some bytes of a line are made of. A TLS connection to the gateway itself has no other handshake than the outer one. */
export function trafficOf(line: LedgerLine, counts: Counts, profile: BillingProfile): Traffic {
  const isOuter = line.protocol === contract.PROTOCOL_TLS;
  const all = { sent: counts.sentBytes, received: counts.receivedBytes };
  const tls = { sent: counts.tlsHandshakeSentBytes, received: counts.tlsHandshakeReceivedBytes };
  const nothing = () => ({ sent: 0, received: 0 });
  const composition = () => ({
    all: { ...all },
    proxyHandshake: { sent: counts.proxyHandshakeSentBytes, received: counts.proxyHandshakeReceivedBytes },
    tlsHandshake: isOuter ? nothing() : { ...tls },
    outerTls: isOuter ? outerTlsOf(all, tls) : nothing(),
  });
  return { ...composition(), unbilled: isBilled(line.outcome, profile) ? noTraffic().unbilled : composition() };
}

/** The sum of some cells. */
export function tallyOf(cells: readonly Cell[], profile: BillingProfile): Tally & { traffic: Traffic } {
  const sum = emptyCell({ pool: "", country: "", namespace: "", workload: "", destination: "" });
  for (const cell of cells) addCell(sum, cell);
  const { traffic, requests, succeeded, failedBytes, repeatedBytes } = sum;
  const { all, proxyHandshake, tlsHandshake } = traffic;
  return {
    ...{ requests, succeeded, failedBytes, repeatedBytes, traffic },
    sentBytes: all.sent,
    receivedBytes: all.received,
    billableBytes: billableOf(traffic, profile).billable,
    handshakeBytes: proxyHandshake.sent + proxyHandshake.received + tlsHandshake.sent + tlsHandshake.received,
  };
}

function addCell(into: Cell, cell: Cell): void {
  addTraffic(into.traffic, cell.traffic);
  for (const member of ["requests", "succeeded", "failedBytes", "repeatedBytes"] as const) into[member] += cell[member];
}

export function splitsOf(cells: readonly Cell[], profile: BillingProfile): Splits {
  const split = (dimension: Dimension): SplitRow[] => {
    const groups = Map.groupBy(cells, ({ place }) => place[dimension]);
    return [...groups].map(([value, members]) => {
      const { traffic: _, ...tally } = tallyOf(members, profile);
      return { value, ...tally };
    });
  };
  return Object.fromEntries(DIMENSIONS.map((dimension) => [dimension, split(dimension)])) as Splits;
}
