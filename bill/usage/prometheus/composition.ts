// SPDX-License-Identifier: Apache-2.0
/**
 * What a vendor's bytes are made of, as far as the families tell. They don't say which handshakes belong to what failed; a refused
 * request through a tunnel is nothing but its handshake, which is what is assumed here.
 */
import * as contract from "../../../filter/core/contract.ts";
import { type Bytes, addBytes, isBilled, type Traffic } from "../../prices/billable.ts";
import type { PricedVendor } from "../../prices/model.ts";
import { outerTlsOf } from "../outer-tls.ts";
import type { VendorBook } from "./books.ts";

/** Outcomes that a tunnel never opens with. */
const REFUSALS: readonly string[] = [
  contract.OUTCOME_RATE_LIMITED,
  contract.OUTCOME_VENDOR_AUTH,
  contract.OUTCOME_VENDOR_ERROR,
  contract.OUTCOME_VENDOR_UNREACHABLE,
  contract.OUTCOME_TARGET_UNREACHABLE,
];

export function compositionOf(book: VendorBook, { billing, gateways }: PricedVendor): Traffic {
  const proxyHandshake = copy(book.overhead.get(contract.KIND_PROXY_HANDSHAKE));
  const handshakes = copy(book.overhead.get(contract.KIND_TLS_HANDSHAKE));
  const outerHandshake = gateways.some(({ protocol }) => protocol === "https") ? shareOf(handshakes, book) : none();
  const outerTls = outerTlsOf(book.opaque, outerHandshake);
  const unbilled = none();
  const refused = none();
  for (const [outcome, bytes] of book.failed) {
    if (isBilled(outcome, billing)) continue;
    addBytes(unbilled, bytes);
    if (REFUSALS.includes(outcome)) addBytes(refused, scaled(bytes, tunnelledShare(book, outcome)));
  }
  return {
    all: copy(book.all),
    proxyHandshake,
    tlsHandshake: less(handshakes, outerHandshake),
    outerTls,
    unbilled: { all: unbilled, proxyHandshake: least(refused, proxyHandshake), tlsHandshake: none(), outerTls: none() },
  };
}

/** Handshakes of TLS to the gateway itself, by its share of the bytes. */
function shareOf(handshakes: Bytes, { opaque, all }: VendorBook): Bytes {
  const share = (direction: keyof Bytes) =>
    all[direction] === 0 ? 0 : Math.min(1, opaque[direction] / all[direction]);
  return {
    sent: Math.round(handshakes.sent * share("sent")),
    received: Math.round(handshakes.received * share("received")),
  };
}

function tunnelledShare({ outcomes }: VendorBook, outcome: string): number {
  const { requests = 0, tunnelled = 0 } = outcomes.get(outcome) ?? {};
  return requests === 0 ? 0 : tunnelled / requests;
}

function scaled({ sent, received }: Bytes, share: number): Bytes {
  return { sent: Math.round(sent * share), received: Math.round(received * share) };
}

function least(a: Bytes, b: Bytes): Bytes {
  return { sent: Math.min(a.sent, b.sent), received: Math.min(a.received, b.received) };
}

function less(a: Bytes, b: Bytes): Bytes {
  return { sent: a.sent - b.sent, received: a.received - b.received };
}

function copy(bytes: Bytes | undefined): Bytes {
  return { ...(bytes ?? none()) };
}

function none(): Bytes {
  return { sent: 0, received: 0 };
}
