// SPDX-License-Identifier: Apache-2.0
/**
 * How many bytes the TLS around a proxy protocol takes, where the gateway itself speaks TLS. Not measurable from outside, so an
 * estimate from below: the handshake, and the least framing that the rest can have in TLS 1.3 (RFC 8446 section 5.2).
 */
import type { Bytes } from "../prices/billable.ts";

const MOST_PLAINTEXT = 16_384;
/** Header 5, type 1, tag 16. */
const FRAMING = 22;

export function outerTlsOf(all: Bytes, handshake: Bytes): Bytes {
  return { sent: outerBytes(all.sent, handshake.sent), received: outerBytes(all.received, handshake.received) };
}

function outerBytes(all: number, handshake: number): number {
  return handshake + Math.ceil((all - handshake) / (MOST_PLAINTEXT + FRAMING)) * FRAMING;
}
