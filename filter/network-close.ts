// SPDX-License-Identifier: Apache-2.0
/**
 * The end of a TCP connection: every exchange that is still open gets the outcome that the way of ending gives it.
 * Sides' FINs, resets and failed connects are told apart by what was seen before and by Envoy's response flags.
 */
import { attribute } from "./attribution.ts";
import { H2, MODE_TUNNEL, TCP, TLS } from "./core/connection-state.ts";
import { ACTIVE_CONNECTIONS } from "./core/families.ts";
import { endsWithConnection } from "./core/http-response.ts";
import { CLIENT_ABORT, RESET, VENDOR_ERROR, VENDOR_UNREACHABLE } from "./core/outcome.ts";
import { Exchange, openExchange, receivedBytes, sentBytes } from "./exchange.ts";
import { responseFlags, tcpReset, upstreamFailed } from "./flags.ts";
import { publishLedger } from "./ledger.ts";
import { begin, beginOpaque, finish } from "./network-events.ts";
import { ensureSeries, packRequest, shift } from "./series.ts";
import { FIRST, Stream } from "./streams.ts";
import { noneName, unknownName, VendorState } from "./vendors.ts";

/** The connection is gone, closed by `peer` (PEER_*): ends what is open. */
export function endConnection(stream: Stream, peer: i32): void {
  if (stream.attributed === 0) endWithoutData(stream);
  if (stream.vendor === null) return;
  if (stream.sentEarly > 0 || stream.receivedEarly > 0) endEarly(stream);
  const flags: i64 = stream.first === null ? 0 : responseFlags();
  while (stream.first !== null) {
    const exchange: Exchange = <Exchange>stream.first;
    finish(stream, exchange, finalOutcome(stream, exchange, flags, peer));
  }
  if (stream.plugin.config.ledger === 1) publishLedger(stream);
  if (stream.announced === 0) return;
  const packed: i32 = packRequest(stream.announced - 1, 0, 0, 0);
  shift(ensureSeries(ACTIVE_CONNECTIONS, packed, (<VendorState>stream.vendor).name, 0, 0, 0), -1);
}

/** A connection that was refused carries no data: one request to that vendor, of which nothing arrived. */
function endWithoutData(stream: Stream): void {
  if (!upstreamFailed(responseFlags())) return;
  attribute(stream);
  if (stream.unmetered === 1 || stream.vendor === null) return;
  const exchange: Exchange | null = openExchange(<VendorState>stream.vendor, TCP, noneName(), unknownName(), 0, 0);
  if (exchange !== null) begin(stream, exchange);
}

/** Bytes of a head that never became whole. */
function endEarly(stream: Stream): void {
  if (stream.finished !== null) {
    const exchange: Exchange = <Exchange>stream.finished;
    sentBytes(exchange, stream.sentEarly);
    receivedBytes(exchange, stream.receivedEarly);
    return;
  }
  beginOpaque(stream);
}

/** The outcome of an exchange that was open when the connection ended, by Envoy's flags and the sides' FINs. */
function finalOutcome(stream: Stream, exchange: Exchange, flags: i64, peer: i32): i32 {
  const reset: bool = tcpReset(flags, peer, stream.clientEnded + stream.vendorEnded > 0);
  if (upstreamFailed(flags) && exchange.receivedBytes === 0) return VENDOR_UNREACHABLE;
  if (stream.connection.receivedUnreadable === 1) return VENDOR_ERROR;
  if (isOpenEnded(stream, exchange)) {
    return !reset && endedInOrder(stream, exchange) ? exchange.outcome : reset ? RESET : CLIENT_ABORT;
  }
  return reset || stream.vendorEnded === FIRST ? RESET : CLIENT_ABORT;
}

/** Whether nothing but the end of the connection ends this exchange: a tunnel, a connection that can't be read, a body without a length. */
function isOpenEnded(stream: Stream, exchange: Exchange): bool {
  return exchange.protocol === TCP || runsFree(stream, exchange) || lastsUntilClose(stream, exchange);
}

function runsFree(stream: Stream, exchange: Exchange): bool {
  if (stream.connection.mode === MODE_TUNNEL) return true;
  return (exchange.protocol === TLS || exchange.protocol === H2) && exchange.receivedBytes > 0;
}

function lastsUntilClose(stream: Stream, exchange: Exchange): bool {
  return exchange.answered === 1 && stream.readers !== 0 && endsWithConnection(stream.connection.response);
}

/** A FIN of either side ends a tunnel in order; a body without a length is whole only by the vendor's. */
function endedInOrder(stream: Stream, exchange: Exchange): bool {
  if (stream.vendorEnded !== 0) return true;
  return stream.clientEnded !== 0 && (exchange.protocol === TCP || runsFree(stream, exchange));
}
