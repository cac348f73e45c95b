// SPDX-License-Identifier: Apache-2.0
/**
 * Reads the server name out of a connection that begins with TLS, which the relay takes for one proxy request.
 * Follows the ClientHello over records and no further.
 *
 * @see RFC 8446 sections 4.1.2 and 5.1, RFC 6066 section 3
 */
import type { Opening } from "./opening.ts";

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const HOST_NAME = 0;
const MAX_SESSION_ID_BYTES = 32;

/** @param start  the client's bytes so far, from the first one on */
export function readTlsOpening(start: Buffer): Opening {
  const handshake = joinRecords(start);
  if (handshake === null) return { kind: "none" };
  if (handshake.length < 4) return { kind: "incomplete" };
  if (handshake[0] !== CLIENT_HELLO) return { kind: "none" };
  const length = handshake.readUIntBE(1, 3);
  if (handshake.length < 4 + length) return { kind: "incomplete" };
  try {
    return { kind: "request", host: serverName(handshake.subarray(4, 4 + length)).toLowerCase() };
  } catch (error) {
    // Lengths that lead out of the message.
    if (error instanceof RangeError) return { kind: "none" };
    throw error;
  }
}

/** The payload of the handshake records so far; null if a record is of another kind. */
function joinRecords(start: Buffer): Buffer | null {
  const payloads: Buffer[] = [];
  for (let at = 0; at < start.length; ) {
    if (start[at] !== HANDSHAKE_RECORD) return payloads.length > 0 ? Buffer.concat(payloads) : null;
    if (start.length < at + 5) break;
    const end = at + 5 + start.readUInt16BE(at + 3);
    payloads.push(start.subarray(at + 5, end));
    at = end;
  }
  return Buffer.concat(payloads);
}

/** "" where the ClientHello has no server name. @throws RangeError if it is malformed */
function serverName(hello: Buffer): string {
  let at = 34;
  if (hello.readUInt8(at) > MAX_SESSION_ID_BYTES) throw new RangeError("session id longer than allowed");
  at += 1 + hello.readUInt8(at);
  at += 2 + hello.readUInt16BE(at);
  at += 1 + hello.readUInt8(at);
  if (at === hello.length) return "";
  const end = at + 2 + hello.readUInt16BE(at);
  if (end !== hello.length) throw new RangeError("extensions do not fill the message");
  for (at += 2; at < end; ) {
    const type = hello.readUInt16BE(at);
    const length = hello.readUInt16BE(at + 2);
    if (type === SERVER_NAME) return hostName(hello.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return "";
}

function hostName(list: Buffer): string {
  const isHostName = list.readUInt8(2) === HOST_NAME;
  const end = 5 + list.readUInt16BE(3);
  if (end > list.length) throw new RangeError("server name longer than its list");
  return isHostName ? list.toString("latin1", 5, end) : "";
}
