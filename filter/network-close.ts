// SPDX-License-Identifier: Apache-2.0
/**
 * The end of a TCP connection: every exchange that is still open gets the outcome that the way of ending gives it.
 * Sides' FINs, resets and failed connects are told apart by what was seen before and by Envoy's response flags.
 */
import { attribute } from "./attribution.ts";
import { Connection, H2, MODE_TUNNEL, TCP, TLS } from "./core/connection-state.ts";
import { ACTIVE_CONNECTIONS } from "./core/families.ts";
import { endsWithConnection } from "./core/http-response.ts";
import { CLIENT_ABORT, OK, RESET, VENDOR_ERROR, VENDOR_UNREACHABLE } from "./core/outcome.ts";
import { Exchange, openExchange, receivedBytes, sentBytes } from "./exchange.ts";
import { responseFlags, upstreamFailed, upstreamReset } from "./flags.ts";
import { begin, beginOpaque, finish } from "./network-events.ts";
import { ensureSeries, packRequest, shift } from "./series.ts";
import { FIRST, Stream } from "./streams.ts";
import { noneName, unknownName, VendorState } from "./vendors.ts";

/** The connection is gone: ends what is open. */
export function endConnection(stream: Stream): void {
  if (stream.attributed === 0) endWithoutData(stream);
  if (stream.vendor === null) return;
  if (stream.sentEarly > 0 || stream.receivedEarly > 0) endEarly(stream);
  const outcome: i32 = stream.first === null ? OK : outcomeOfClose(stream);
  while (stream.first !== null) {
    const exchange: Exchange = <Exchange>stream.first;
    finish(stream, exchange, finalOutcome(stream, exchange, outcome));
  }
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

function finalOutcome(stream: Stream, exchange: Exchange, ofClose: i32): i32 {
  const c: Connection = stream.connection;
  if (c.mode === MODE_TUNNEL) return ofClose;
  if (ofClose !== RESET && exchange.answered === 1 && stream.readers !== 0 && endsWithConnection(c.response))
    return exchange.outcome;
  if (exchange.protocol === TLS || exchange.protocol === H2 || exchange.counted === 1) {
    if (exchange.receivedBytes > 0 && ofClose !== RESET) return OK;
  }
  if (c.receivedUnreadable === 1) return VENDOR_ERROR;
  return ofClose;
}

/** How the connection ended for an exchange that was still open. */
function outcomeOfClose(stream: Stream): i32 {
  const flags: i64 = responseFlags();
  if (upstreamFailed(flags)) return VENDOR_UNREACHABLE;
  if (upstreamReset(flags)) return RESET;
  if (stream.connection.mode === MODE_TUNNEL)
    return stream.vendorEnded !== 0 || stream.clientEnded !== 0 ? OK : CLIENT_ABORT;
  return stream.vendorEnded === FIRST ? RESET : CLIENT_ABORT;
}
